package io.raftlite.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds out which process listens on a port, where the system tells: on Linux, of the processes of the same user. */
final class PortHolder {
    private static final Path PROCESSES = Path.of("/proc");
    private static final String LISTENING = "0A";

    private PortHolder() {}

    /** Returns number and name of the process, as far as they can be found. */
    static Optional<String> find(int port) {
        try {
            for (String table : List.of("net/tcp", "net/tcp6")) {
                Optional<String> inode = inode(PROCESSES.resolve(table), port);
                if (inode.isPresent()) {
                    return holder("socket:[" + inode.get() + "]");
                }
            }
        } catch (IOException notThisSystem) {
            // What cannot be told is left out of the sentence.
        }
        return Optional.empty();
    }

    private static Optional<String> inode(Path table, int port) throws IOException {
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        return Files.readAllLines(table).stream()
                .map(line -> List.of(line.strip().split("\\s+", -1)))
                .filter(fields -> fields.size() > 9
                        && fields.get(1).endsWith(suffix)
                        && fields.get(3).equals(LISTENING))
                .map(fields -> fields.get(9))
                .findFirst();
    }

    private static Optional<String> holder(String socket) throws IOException {
        try (Stream<Path> processes = Files.list(PROCESSES)) {
            return processes
                    .filter(process -> String.valueOf(process.getFileName()).matches("\\d+"))
                    .filter(process -> holds(process, socket))
                    .map(process -> process.getFileName() + " (" + name(process) + ")")
                    .findFirst();
        }
    }

    private static boolean holds(Path process, String socket) {
        try (Stream<Path> files = Files.list(process.resolve("fd"))) {
            return files.anyMatch(file -> pointsTo(file, socket));
        } catch (IOException ofAnotherUser) {
            return false;
        }
    }

    private static boolean pointsTo(Path file, String socket) {
        try {
            return Files.readSymbolicLink(file).toString().equals(socket);
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private static String name(Path process) {
        try {
            return Files.readString(process.resolve("comm")).strip();
        } catch (IOException endedMeanwhile) {
            return "unknown";
        }
    }
}
