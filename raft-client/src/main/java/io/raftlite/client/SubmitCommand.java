package io.raftlite.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code submit}: replicates any text. */
@Command(
        name = "submit",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Replicates commands: the words as one, or one a line of a file or of standard input.")
final class SubmitCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    @Parameters(
            paramLabel = "WORD",
            arity = "0..*",
            description = "one command, joined by spaces; - for standard input")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "a file of one command a line; - for standard input")
    private @Nullable Path file;

    SubmitCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        if (file != null && !words.isEmpty()) {
            throw new UsageException("both a file and a command are given", "give one of them");
        }
        try (Session session = root.open()) {
            Submitter submitter = new Submitter(session);
            if (file != null && !file.toString().equals("-")) {
                return fromFile(submitter, file);
            }
            if (words.isEmpty() || words.equals(List.of("-"))) {
                if (root.terminal().interactive()) {
                    session.err().println("One command a line, please; Ctrl-D ends.");
                }
                return submitter.submitLines(reader(root.terminal().in()));
            }
            return submitter.submit(String.join(" ", words));
        }
    }

    private static int fromFile(Submitter submitter, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return submitter.submitLines(reader(in));
        } catch (NoSuchFileException missing) {
            throw new UsageException("there is no file " + file, "give --file the path of a text file");
        }
    }

    /** Reads strictly: what is no text must not be replicated as something else. */
    private static BufferedReader reader(InputStream in) {
        return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
    }
}
