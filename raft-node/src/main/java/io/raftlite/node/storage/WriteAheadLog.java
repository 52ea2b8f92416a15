package io.raftlite.node.storage;

import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The durable storage of a server: a write-ahead log on a disk, written by a thread of its own.
 *
 * <p>Group commit needs no timer: while one force runs, the next records gather, and the next force serves them all. The
 * queue is bounded by the protocol, which has only so much under way.
 *
 * <p>A full disk is no failure: nothing is acknowledged until there is room again, which is tried ten times a second. Any
 * other failure is final.
 */
public final class WriteAheadLog implements Storage, AutoCloseable {
    private static final Logger logger = LoggerFactory.getLogger(WriteAheadLog.class);
    private static final long RETRY_MILLIS = 100;
    private static final int MAX_BATCH = 4_096;

    private sealed interface Work {
        record Write(Ready.Persist persist) implements Work {}

        record Read(Ready.Load load) implements Work {}

        record Compact(long index) implements Work {}

        record End() implements Work {}
    }

    private final String name;
    private final RecoveredState recovered;
    private final LogWriter writer;
    private final SnapshotFiles snapshots;
    private final ExecutorService saver;
    private final ExecutorService reserver;
    private final LinkedBlockingQueue<Work> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private @Nullable Listener listener;
    private volatile boolean full;

    WriteAheadLog(String name, LogRecovery.Result recovery, ExecutorService reserver) {
        this.name = name;
        this.recovered = recovery.state();
        this.writer = recovery.writer();
        this.snapshots = recovery.snapshots();
        this.saver = Executors.newSingleThreadExecutor(task -> new Thread(task, "raft-snapshot-" + name));
        this.reserver = reserver;
        this.thread = new Thread(this::run, "raft-disk-" + name);
    }

    /** Returns what the log held when it was opened. */
    public RecoveredState recovered() {
        return recovered;
    }

    /** Tells whether writes wait at present because the disk is full. Any thread may ask. */
    public boolean isFull() {
        return full;
    }

    @Override
    public void start(Listener listener) {
        this.listener = listener;
        thread.start();
    }

    @Override
    public void persist(Ready.Persist persist) {
        queue.add(new Work.Write(persist));
    }

    @Override
    public void load(Ready.Load load) {
        queue.add(new Work.Read(load));
    }

    @Override
    public void save(SnapshotMeta snapshot, Snapshot content) {
        saver.execute(() -> {
            try {
                long size = snapshots.save(snapshot, content);
                listener().saved(snapshot, size);
            } catch (Throwable failure) {
                listener().saveFailed(snapshot, failure);
            }
        });
    }

    @Override
    public void pin(SnapshotMeta snapshot, boolean pinned) {
        snapshots.pin(snapshot.last(), pinned);
        if (!pinned) {
            saver.execute(this::deleteUnneeded);
        }
    }

    private void deleteUnneeded() {
        try {
            snapshots.deleteUnneeded();
        } catch (IOException failure) {
            logger.warn("{} [DISK] an old snapshot could not be deleted", name, failure);
        }
    }

    @Override
    public void compact(long index) {
        queue.add(new Work.Compact(index));
    }

    @Override
    public InputStream open(SnapshotMeta snapshot) throws IOException {
        return snapshots.open(snapshot);
    }

    /** Returns the snapshots beside this log. */
    public SnapshotFiles snapshots() {
        return snapshots;
    }

    private void run() {
        List<Work> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(queue.take());
                queue.drainTo(batch, MAX_BATCH);
                if (!carryOut(batch)) {
                    return;
                }
                batch.clear();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Does the work of a batch with one force at its end; returns false when the log ends. */
    private boolean carryOut(List<Work> batch) throws InterruptedException {
        long sequence = 0;
        long lastWritten = 0;
        Optional<SnapshotMeta> installed = Optional.empty();
        try {
            for (Work work : batch) {
                if (work instanceof Work.Write write) {
                    sequence = write.persist().sequence();
                    appendOrWait(write.persist(), lastWritten);
                    lastWritten = sequence;
                    installed = write.persist().install().isPresent()
                            ? write.persist().install()
                            : installed;
                } else if (work instanceof Work.Compact compact) {
                    sync(lastWritten);
                    writer.compact(compact.index());
                } else if (work instanceof Work.Read read) {
                    load(listener(), read.load());
                } else {
                    sync(lastWritten);
                    return false;
                }
            }
            sync(lastWritten);
            if (installed.isPresent()) {
                installed(installed.get());
            }
            return true;
        } catch (IOException | RuntimeException failure) {
            logger.error("{} [DISK] a write failed, the node halts sequence={}", name, sequence, failure);
            listener().persistFailed(sequence, failure);
            return false;
        }
    }

    /** Lets go of what an installed snapshot, which is the base of the log durably now, has taken the place of. */
    private void installed(SnapshotMeta snapshot) throws IOException {
        writer.compact(snapshot.index());
        snapshots.installed(snapshot.last());
    }

    private void sync(long sequence) throws IOException {
        if (sequence > 0) {
            writer.sync();
            listener().persisted(sequence);
        }
    }

    private void load(Listener listener, Ready.Load load) {
        try {
            listener.loaded(load.id(), writer.load(load.from(), load.maxBytes()));
        } catch (IOException | RuntimeException failure) {
            logger.error("{} [DISK] a read failed, the node halts from={}", name, load.from(), failure);
            listener.loadFailed(load.id(), failure);
        }
    }

    private void appendOrWait(Ready.Persist persist, long lastWritten) throws IOException, InterruptedException {
        while (true) {
            try {
                writer.append(persist);
                if (full) {
                    full = false;
                    logger.info("{} [DISK] there is room again", name);
                }
                return;
            } catch (DiskFullException noRoom) {
                if (!full) {
                    full = true;
                    logger.warn(
                            "{} [DISK] the disk is full, writes wait until there is room: {}",
                            name,
                            noRoom.getMessage());
                    sync(lastWritten);
                }
                if (closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw noRoom;
                }
            }
        }
    }

    private Listener listener() {
        if (listener == null) {
            throw new IllegalStateException("start(listener) comes before the first work");
        }
        return listener;
    }

    /** Finishes the writes that were given, and closes the files. Idempotent. */
    @Override
    public void close() throws IOException {
        closing.countDown();
        queue.add(new Work.End());
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        reserver.shutdown();
        saver.shutdown();
        try {
            if (!saver.awaitTermination(5, TimeUnit.SECONDS)) {
                // An interrupt ends the write of a snapshot; then what there is of it is removed.
                saver.shutdownNow();
                saver.awaitTermination(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException again) {
            interrupted = true;
        }
        writer.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
