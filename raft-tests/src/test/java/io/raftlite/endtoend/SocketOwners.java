package io.raftlite.endtoend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds out which of some processes holds the other end of a connection on this machine, as Linux tells it under {@code
 * /proc}: all of them call from the same address, and what they say may be compressed.
 */
final class SocketOwners {
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int INODE = 9;

    private SocketOwners() {}

    static boolean canBeTold() {
        return Files.isReadable(Path.of("/proc/net/tcp"));
    }

    /** Returns the name of the process that called from {@code port} to {@code calledPort}, if it is among these pids. */
    static Optional<String> find(int port, int calledPort, Map<String, Long> pids) throws IOException {
        for (String table : new String[] {"/proc/net/tcp6", "/proc/net/tcp"}) {
            Optional<String> inode = inode(Path.of(table), port, calledPort);
            if (inode.isPresent()) {
                return holder("socket:[" + inode.get() + "]", pids);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> inode(Path table, int port, int calledPort) throws IOException {
        if (!Files.isReadable(table)) {
            return Optional.empty();
        }
        String local = String.format(":%04X", port);
        String remote = String.format(":%04X", calledPort);
        return Files.readAllLines(table).stream()
                .map(line -> line.trim().split("\\s+"))
                .filter(words -> words.length > INODE && words[LOCAL].endsWith(local) && words[REMOTE].endsWith(remote))
                .map(words -> words[INODE])
                .findFirst();
    }

    private static Optional<String> holder(String socket, Map<String, Long> pids) {
        return pids.entrySet().stream()
                .filter(process -> holds(process.getValue(), socket))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static boolean holds(long pid, String socket) {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return files.anyMatch(file -> target(file).equals(socket));
        } catch (IOException ended) {
            return false;
        }
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException closed) {
            return "";
        }
    }
}
