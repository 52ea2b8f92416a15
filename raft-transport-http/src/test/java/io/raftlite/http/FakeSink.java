package io.raftlite.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Checks each byte against that of a {@link FakeSnapshot} of the same seed, and remembers how the pull ended. */
final class FakeSink implements SnapshotSink, SnapshotPuller.Listener {
    /** What a pull that succeeded ends with. */
    static final String DONE = "done";

    final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    volatile long seed = 1;
    final AtomicInteger restarts = new AtomicInteger();
    final AtomicLong wrongBytes = new AtomicLong();
    volatile long totalBytes;
    volatile long fullAt = Long.MAX_VALUE;
    private volatile long received;

    @Override
    public long receivedBytes() {
        return received;
    }

    @Override
    public void restart() {
        received = 0;
        wrongBytes.set(0);
        restarts.incrementAndGet();
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        if (received >= fullAt) {
            throw new IOException("disk full");
        }
        long position = received;
        long wrong = 0;
        while (bytes.hasRemaining()) {
            if (bytes.get() != FakeSnapshot.at(position++, seed)) {
                wrong++;
            }
        }
        wrongBytes.addAndGet(wrong);
        received = position;
    }

    @Override
    public void progress(long receivedBytes, long itsTotalBytes) {
        totalBytes = itsTotalBytes;
    }

    @Override
    public void done() {
        ends.add(DONE);
    }

    @Override
    public void failed(String reason) {
        ends.add(reason);
    }
}
