package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the recorded directories under {@code src/test/resources/directories} hold, and how {@code format-1} was made: {@link
 * #main} takes the directory to write. A directory that was recorded once is never recorded again: it is what an older
 * version left, and a newer one gets a directory of its own beside it.
 */
final class RecordedDirectory {
    static final int SEGMENT_BYTES = 1_024;
    static final NodeId A = NodeId.of("http://localhost:5000");
    static final NodeId B = NodeId.of("http://localhost:5001");
    static final NodeId C = NodeId.of("http://localhost:5002");
    static final Birth BIRTH =
            new Birth("raft", "73acf295d070838704c0900bae1b69fa", A, Configuration.ofVoters(List.of(A, B)));
    static final Configuration CHANGED = Configuration.ofMembers(List.of(
            new Member(A, A.value(), Member.Kind.VOTER, 17),
            new Member(B, B.value(), Member.Kind.VOTER, 18),
            Member.of(C, C.value(), Member.Kind.LEARNER)));
    static final SnapshotMeta INSTALLED = new SnapshotMeta(new EntryId(30, 4), 1_030, 5, CHANGED);
    static final SnapshotMeta SAVED = new SnapshotMeta(new EntryId(33, 5), 1_033, 5, CHANGED);
    static final String CONTENT = "the state as of index ";

    private RecordedDirectory() {}

    /** Records a directory: votes and entries of several terms, a truncation, an install, a snapshot of its own. */
    public static void main(String[] arguments) throws IOException {
        Path path = Files.createDirectories(Path.of(arguments[0]));
        FileDisk disk = new FileDisk(path);
        IdentityFile identity = DataDirectory.create(disk, BIRTH, SEGMENT_BYTES);
        LogRecovery.Result result =
                LogRecovery.recover(disk, identity.incarnation(), BIRTH.initial(), SEGMENT_BYTES, 1_000, Runnable::run);
        try (LogWriter writer = result.writer()) {
            append(writer, new HardState(1, A), 0, 0, List.of(noOp(1, 1), command(2, 1), command(3, 1)));
            append(writer, new HardState(2, NodeId.NONE), 1, 0, List.of());
            append(writer, new HardState(3, B), 1, 3, List.of(noOp(3, 3), command(4, 3)));
            append(writer, new HardState(3, B), 4, 0, List.of(configuration(5, 3), command(6, 3)));

            receive(result.snapshots(), INSTALLED);
            HardState fourth = new HardState(4, NodeId.NONE);
            writer.append(new Ready.Persist(5, fourth, 30, Optional.of(INSTALLED), 31, List.of()));
            writer.sync();
            result.snapshots().becameLatest(INSTALLED.last());
            append(writer, fourth, 30, 0, List.of(command(31, 4), command(32, 4)));
            append(writer, new HardState(5, A), 31, 0, List.of(noOp(33, 5), command(34, 5)));
            append(writer, new HardState(5, A), 34, 0, List.of(command(35, 5)));
            result.snapshots().pin(INSTALLED.last(), true);
            result.snapshots().save(SAVED, out -> out.write(content(SAVED)));
            append(writer, new HardState(7, C), 35, 35, List.of(command(35, 6), configuration(36, 6)));
        }
    }

    private static void receive(SnapshotFiles snapshots, SnapshotMeta snapshot) throws IOException {
        Path sender = Files.createTempDirectory("sender");
        FileDisk disk = new FileDisk(sender);
        SnapshotFiles theirs = new SnapshotFiles(disk, EntryId.ZERO);
        theirs.save(snapshot, out -> out.write(content(snapshot)));
        SnapshotFiles.Incoming incoming = snapshots.incoming(snapshot);
        incoming.write(ByteBuffer.wrap(Files.readAllBytes(sender.resolve(SnapshotFormat.fileName(snapshot.last())))));
        incoming.finish();
    }

    private static void append(
            LogWriter writer, HardState hardState, long commitHint, long truncateFrom, List<Entry> entries)
            throws IOException {
        writer.append(new Ready.Persist(1, hardState, commitHint, truncateFrom, entries));
        writer.sync();
    }

    static byte[] content(SnapshotMeta snapshot) {
        return (CONTENT + snapshot.index()).getBytes(StandardCharsets.UTF_8);
    }

    static Entry noOp(long index, long term) {
        return Entry.of(new EntryId(index, term), 1_000 + index, Entry.Type.NO_OP, ByteBuffer.allocate(0));
    }

    static Entry command(long index, long term) {
        byte[] payload = ("SET x=" + index + "." + term).getBytes(StandardCharsets.UTF_8);
        return Entry.of(new EntryId(index, term), 1_000 + index, Entry.Type.COMMAND, ByteBuffer.wrap(payload));
    }

    static Entry configuration(long index, long term) {
        return Entry.of(new EntryId(index, term), 1_000 + index, Entry.Type.CONFIGURATION, CHANGED.encode());
    }
}
