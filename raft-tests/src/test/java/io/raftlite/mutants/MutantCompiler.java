package io.raftlite.mutants;

import io.raftlite.Raft;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Applies a fault to the sources of the core, and compiles what it concerns; nothing is written to a disk. */
final class MutantCompiler {
    private static final Path SOURCES = Path.of("..", "raft-core", "src", "main", "java");
    private static final String PACKAGE = "io/raftlite/";

    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final String classPath = Stream.of(Raft.class, Logger.class, Nullable.class)
            .map(MutantCompiler::location)
            .collect(Collectors.joining(File.pathSeparator));

    private static String location(Class<?> known) {
        try {
            return Path.of(known.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * Returns the classes of the changed file by their names.
     *
     * @throws IllegalStateException if the text is not there exactly once, or what comes of it is no Java
     */
    Map<String, byte[]> compile(Mutant mutant) throws IOException {
        String path = PACKAGE + mutant.file();
        String source = Files.readString(SOURCES.resolve(path));
        int place = source.indexOf(mutant.old());
        if (place < 0 || source.indexOf(mutant.old(), place + 1) >= 0) {
            throw new IllegalStateException("\"" + mutant.name() + "\" has to be told anew: its text stands "
                    + (place < 0 ? "nowhere" : "more than once") + " in " + mutant.file());
        }
        String mutated = source.substring(0, place)
                + mutant.replacement()
                + source.substring(place + mutant.old().length());
        StringWriter complaints = new StringWriter();
        try (Memory memory = new Memory(compiler.getStandardFileManager(null, null, null))) {
            List<String> options = List.of("-proc:none", "-nowarn", "--release", "17", "-classpath", classPath);
            boolean compiled = compiler.getTask(
                            complaints, memory, null, options, null, List.of(new Source(path, mutated)))
                    .call();
            if (!compiled) {
                throw new IllegalStateException("\"" + mutant.name() + "\" is no Java: " + complaints);
            }
            return memory.classes();
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        private Source(String path, String text) {
            super(URI.create("string:///" + path), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class Binary extends SimpleJavaFileObject {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        private Binary(String className) {
            super(URI.create("memory:///" + className.replace('.', '/') + Kind.CLASS.extension), Kind.CLASS);
        }

        @Override
        public OutputStream openOutputStream() {
            return bytes;
        }
    }

    /** Keeps what the compiler writes. */
    private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, Binary> binaries = new TreeMap<>();

        private Memory(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            Binary binary = new Binary(className);
            binaries.put(className, binary);
            return binary;
        }

        private Map<String, byte[]> classes() {
            Map<String, byte[]> classes = new TreeMap<>();
            binaries.forEach((name, binary) -> classes.put(name, binary.bytes.toByteArray()));
            return classes;
        }
    }
}
