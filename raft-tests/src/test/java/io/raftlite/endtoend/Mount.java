package io.raftlite.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A file system of a test's own, which takes root to mount. */
final class Mount implements AutoCloseable {
    /** Ends an ext4 file system at once, without writing anything more to its disk: EXT4_IOC_SHUTDOWN, no flush of the log. */
    private static final String SHUTDOWN = "import fcntl, os, struct, sys;"
            + "fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))";

    private final Path at;

    private Mount(Path at) {
        this.at = at;
    }

    /** Does once, to a small file in {@code directory}, what takes root, Linux and some programs; skips the test otherwise. */
    static void assumePossible(Path directory) throws InterruptedException {
        Path image = directory.resolve("trial");
        try {
            format(image, "8M");
            try (Mount trial = image(image, directory.resolve("trial.mount"))) {
                trial.cut();
            }
        } catch (IOException impossible) {
            Assumptions.abort("skipped, for it takes root, and a kernel that mounts: " + impossible.getMessage());
        }
    }

    /** Mounts a file system in memory. */
    static Mount memory(Path at, String size) throws IOException, InterruptedException {
        Files.createDirectories(at);
        SystemCommand.run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", at.toString());
        return new Mount(at);
    }

    /** Makes a file that holds an ext4 file system. */
    static void format(Path image, String size) throws IOException, InterruptedException {
        SystemCommand.run("truncate", "-s", size, image.toString());
        SystemCommand.run("mkfs.ext4", "-q", "-F", image.toString());
    }

    /** Mounts the file system that a file holds; after a cut its journal is replayed. */
    static Mount image(Path image, Path at) throws IOException, InterruptedException {
        Files.createDirectories(at);
        SystemCommand.run("mount", "-o", "loop", image.toString(), at.toString());
        Mount mount = new Mount(at);
        try {
            Files.delete(Files.createFile(at.resolve("trial")));
        } catch (IOException cut) {
            mount.close();
            throw new IOException(
                    "its cut is not over, for it is still mounted elsewhere: a process in a mount namespace of its own, such"
                            + " as that of ip netns exec, was started meanwhile and holds it",
                    cut);
        }
        return mount;
    }

    /** Cuts the power of an ext4 file system: what was not forced to its disk is lost, and nothing can be written any more. */
    void cut() throws IOException, InterruptedException {
        SystemCommand.run("python3", "-c", SHUTDOWN, at.toString());
    }

    @Override
    public void close() {
        try {
            SystemCommand.run("umount", at.toString());
        } catch (IOException cause) {
            throw new UncheckedIOException(cause);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
