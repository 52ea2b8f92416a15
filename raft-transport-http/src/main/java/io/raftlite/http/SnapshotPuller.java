package io.raftlite.http;

import io.raftlite.EntryId;
import io.raftlite.NodeId;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * Pulls snapshots from peers, one at a time, over a connection of its own and in bounded memory.
 *
 * <p>A pull that is cut off goes on where it was, after a pause, as long as the other side still has the same bytes; if it
 * has others now, the pull starts anew. It fails if nothing arrives in several tries in a row, if the other side refuses,
 * or if the sink does.
 *
 * <p>Thread-safe; no method waits for the network.
 */
public final class SnapshotPuller implements AutoCloseable {
    /**
     * What to pull.
     *
     * @param address where {@code from} is, {@code http://HOST:PORT}
     * @param session that of the offer
     * @param last the last entry that the snapshot replaces
     */
    public record Target(NodeId from, URI address, long session, EntryId last) {}

    /** Is told how a pull goes, on the thread that writes to the sink. */
    public interface Listener {
        /** Takes the fact that bytes were written to the sink. */
        void progress(long receivedBytes, long totalBytes);

        /** Takes the fact that the sink has every byte; the last call. */
        void done();

        /** Takes a sentence that says why the pull has ended without success; the last call. Also told if it was canceled. */
        void failed(String reason);
    }

    private static final long CLOSE_SECONDS = 2;

    private final Identity identity;
    private final OkHttpClient client;
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread puller = new Thread(task, "raft-http-pull");
                puller.setDaemon(true);
                return puller;
            });
    private @Nullable Pull latest;
    private boolean isClosed;

    /** @param patience how long a connection may take to open, or be silent, before it is given up */
    public SnapshotPuller(Identity identity, Duration patience) {
        this.identity = identity;
        this.thread.allowCoreThreadTimeOut(true);
        this.client = PlainHttp.client()
                .connectTimeout(patience)
                .readTimeout(patience)
                .writeTimeout(patience)
                .build();
    }

    /**
     * Starts a pull, after ending the one before it. If {@code sink} is the one of that pull and the bytes are still
     * the same, it goes on where that one was; else what the sink holds is forgotten.
     */
    public void pull(Target target, SnapshotSink sink, Listener listener) {
        Pull pull;
        synchronized (this) {
            Pull before = latest;
            pull = new Pull(client, identity, target, sink, listener, before);
            if (before != null) {
                before.cancel();
            }
            if (isClosed) {
                pull.cancel();
            } else {
                latest = pull;
                thread.execute(pull);
                return;
            }
        }
        pull.run();
    }

    /** Ends the pull that is under way, if there is one; it ends as failed. */
    public synchronized void cancel() {
        if (latest != null) {
            latest.cancel();
        }
    }

    /**
     * Ends the pull that is under way, and refuses all later ones. Waits, though not for long, until the sink is left alone; so
     * a listener must not call it.
     */
    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
            cancel();
            thread.shutdown();
        }
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
        client.connectionPool().evictAll();
    }
}
