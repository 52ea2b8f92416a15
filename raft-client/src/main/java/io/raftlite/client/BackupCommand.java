package io.raftlite.client;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code backup}: saves what the cluster holds, in a file that is there as a whole or not at all. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Saves what the cluster holds in a file.")
final class BackupCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    @Parameters(paramLabel = "FILE", description = "where to; it must not exist")
    private Path file = Path.of("");

    @Option(names = "--force", description = "replace the file if it exists")
    private boolean force;

    BackupCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() throws IOException {
        Path target = file.toAbsolutePath();
        Path directory = Objects.requireNonNull(target.getParent());
        if (!Files.isDirectory(directory)) {
            throw new UsageException("there is no directory " + directory, "make it, or give another file");
        }
        if (Files.exists(target) && !force) {
            throw exists(target);
        }
        try (Session session = root.open()) {
            Path temporary = Files.createTempFile(directory, target.getFileName() + ".", ".part");
            try {
                MessageDigest digest = sha256();
                long bytes = fill(session, temporary, digest);
                publish(temporary, target);
                report(session, bytes, HexFormat.of().formatHex(digest.digest()));
            } finally {
                Files.deleteIfExists(temporary);
            }
            return ExitCode.DONE;
        }
    }

    private static UsageException exists(Path target) {
        return new UsageException(
                target + " exists, nothing was done", "give another file, or replace it with --force");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** Fills the file and makes it durable; each node that is tried begins it anew. */
    private static long fill(Session session, Path temporary, MessageDigest digest) throws IOException {
        return session.client().download("/api/v1/backup", source -> {
            digest.reset();
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                OutputStream out = new DigestOutputStream(Channels.newOutputStream(channel), digest);
                long bytes = source.transferTo(out);
                out.flush();
                channel.force(true);
                return bytes;
            }
        });
    }

    private void publish(Path temporary, Path target) throws IOException {
        try {
            if (force) {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.move(temporary, target);
            }
        } catch (FileAlreadyExistsException appeared) {
            throw exists(target);
        }
        try (FileChannel directory =
                FileChannel.open(Objects.requireNonNull(target.getParent()), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private void report(Session session, long bytes, String sha256) {
        if (!session.isJson()) {
            session.print(file + ": " + bytes + " bytes, sha-256 " + sha256);
            return;
        }
        JsonObject json = new JsonObject();
        json.addProperty("file", file.toString());
        json.addProperty("bytes", bytes);
        json.addProperty("sha256", sha256);
        session.print(json.toString());
    }
}
