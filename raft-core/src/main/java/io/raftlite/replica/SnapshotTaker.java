package io.raftlite.replica;

import io.raftlite.Raft;
import io.raftlite.RaftConfig;
import io.raftlite.RaftException;
import io.raftlite.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/**
 * Decides when a replica takes a snapshot of its state, and sees it through: captured on the applier's thread, written by
 * the storage, then told to the core, which cuts the log. One at a time.
 *
 * <p>It is due after so many bytes of entries, yet not before half as many bytes as the last snapshot has, so that writing
 * snapshots never costs more than twice what writing the log does. One that fails is tried again after as much as before.
 * A snapshot that the state was restored from counts as the last one.
 */
final class SnapshotTaker {
    private static final Logger logger = LoggerFactory.getLogger(Replica.class);
    private static final Marker MARKER = MarkerFactory.getMarker("SNAPSHOT");

    private final RaftConfig config;
    private final Raft raft;
    private final Storage storage;
    private final List<CompletableFuture<Applied>> asked = new ArrayList<>();
    private final List<CompletableFuture<Applied>> answering = new ArrayList<>();
    private long appliedBytes;
    private long lastSizeBytes;
    private boolean taking;

    SnapshotTaker(RaftConfig config, Raft raft, Storage storage) {
        this.config = config;
        this.raft = raft;
        this.storage = storage;
    }

    /** Notes that entries of so many bytes were given to the state machine. */
    void applying(long bytes) {
        appliedBytes += bytes;
    }

    /** Notes that somebody wants a snapshot; the next one that begins is theirs. */
    void ask(CompletableFuture<Applied> answer) {
        asked.add(answer);
    }

    /** Returns how many wait for a snapshot. */
    int waiting() {
        return asked.size() + answering.size();
    }

    /** Notes that a snapshot of the leader takes the place of all that was applied so far. */
    void installing() {
        appliedBytes = 0;
    }

    /** Notes how large the snapshot was from which the state was restored. */
    void restored(long sizeBytes) {
        lastSizeBytes = sizeBytes;
    }

    boolean isDue() {
        long enough = Math.max(config.snapshotBytes(), lastSizeBytes / 2);
        return !taking && (!asked.isEmpty() || appliedBytes >= enough);
    }

    /** Notes that the state is being captured, with all that was applied up to now. */
    void begin() {
        taking = true;
        appliedBytes = 0;
        answering.addAll(asked);
        asked.clear();
    }

    /** Takes the captured state; returns the answers of those for whom there is nothing to write. */
    List<Runnable> captured(Applier.Captured captured) {
        SnapshotMeta latest = raft.latestSnapshot();
        Optional<SnapshotMeta> snapshot = raft.snapshotAt(captured.index(), captured.timeMillis());
        if (snapshot.isEmpty()) {
            return end(new RaftException.Overloaded("the state is just being replaced by a snapshot of the leader"));
        }
        if (captured.index() == latest.index()) {
            return end(new Applied(
                    java.nio.ByteBuffer.allocate(0),
                    latest.index(),
                    latest.last().term()));
        }
        storage.save(snapshot.get(), captured.content());
        return List.of();
    }

    List<Runnable> saved(SnapshotMeta snapshot, long sizeBytes) {
        tell("took a snapshot last={} bytes={}", snapshot.last(), sizeBytes);
        lastSizeBytes = sizeBytes;
        raft.snapshotTaken(snapshot);
        return end(new Applied(
                java.nio.ByteBuffer.allocate(0),
                snapshot.index(),
                snapshot.last().term()));
    }

    List<Runnable> failed(SnapshotMeta snapshot, Throwable cause) {
        logger.warn(
                MARKER,
                "{} t{} {} [SNAPSHOT] could not save the snapshot {}: {}",
                config.name(),
                raft.status().term(),
                raft.status().role().name(),
                snapshot.last(),
                cause.toString());
        return end(new RaftException.Overloaded("the snapshot could not be saved: " + cause.getMessage()));
    }

    private void tell(String event, Object first, Object second) {
        if (logger.isInfoEnabled(MARKER)) {
            String prefix = config.name() + " t" + raft.status().term() + " "
                    + raft.status().role().name() + " [SNAPSHOT] ";
            logger.info(MARKER, prefix + event, first, second);
        }
    }

    private List<Runnable> end(Applied answer) {
        return end(future -> future.complete(answer));
    }

    private List<Runnable> end(RaftException cause) {
        return end(future -> future.completeExceptionally(cause));
    }

    private List<Runnable> end(java.util.function.Consumer<CompletableFuture<Applied>> outcome) {
        taking = false;
        List<CompletableFuture<Applied>> answered = List.copyOf(answering);
        answering.clear();
        return answered.stream()
                .<Runnable>map(future -> () -> outcome.accept(future))
                .toList();
    }

    /** Takes out everybody who waits. */
    List<CompletableFuture<Applied>> removeAll() {
        List<CompletableFuture<Applied>> all = new ArrayList<>(answering);
        all.addAll(asked);
        answering.clear();
        asked.clear();
        return all;
    }
}
