package io.raftlite.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The README, or a guide, as a test reads it: blocks of code, lines of a shell, and what they are said to print. */
final class Readme {
    private static final Pattern BLOCK =
            Pattern.compile("^ *```(\\w+)\\n(.*?)^ *```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");
    private static final Pattern CLASS = Pattern.compile("public class (\\w+)");
    private static final String PRINTS = " prints ";

    /** A line of a shell block: its words, and what it prints if the comment behind it says so. */
    record Line(List<String> words, Optional<String> prints) {
        boolean starts(String program) {
            return words.stream().anyMatch(word -> word.endsWith(program));
        }
    }

    /** A Java class, and what it prints. */
    record Program(String name, String source, String prints) {}

    private final String text;

    private Readme(String text) {
        this.text = text;
    }

    static Readme read() throws IOException {
        return read("README.md");
    }

    /** Reads a file of this project. */
    static Readme read(String path) throws IOException {
        return new Readme(Files.readString(RealCluster.root().resolve(path)));
    }

    List<String> blocks(String language) {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            if (matcher.group(1).equals(language)) {
                blocks.add(matcher.group(2));
            }
        }
        return blocks;
    }

    /** Returns all lines of all shell blocks, without the build by Maven. */
    List<Line> shellLines() {
        return blocks("sh").stream()
                .flatMap(String::lines)
                .map(line -> line.contains("&&") ? line.substring(line.indexOf("&&") + 2) : line)
                .filter(line -> !line.isBlank() && !line.strip().startsWith("mvn "))
                .map(Readme::line)
                .toList();
    }

    private static Line line(String text) {
        int comment = text.indexOf(" # ");
        String command = comment < 0 ? text : text.substring(0, comment);
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            String quoted = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
            words.add(quoted != null ? quoted : matcher.group(3));
        }
        return new Line(List.copyOf(words), comment < 0 ? Optional.empty() : printed(text.substring(comment)));
    }

    private static Optional<String> printed(String comment) {
        int prints = comment.indexOf(PRINTS);
        return prints < 0
                ? Optional.empty()
                : Optional.of(comment.substring(prints + PRINTS.length()).strip());
    }

    List<Program> programs() {
        return blocks("java").stream().map(Readme::program).toList();
    }

    private static Program program(String source) {
        Matcher name = CLASS.matcher(source);
        Optional<String> prints = source.lines()
                .filter(line -> line.contains("// prints "))
                .findFirst()
                .flatMap(Readme::printed);
        if (!name.find() || prints.isEmpty()) {
            throw new IllegalArgumentException("no public class, or no word on what it prints:\n" + source);
        }
        return new Program(name.group(1), source, prints.get());
    }
}
