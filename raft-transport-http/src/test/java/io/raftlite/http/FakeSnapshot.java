package io.raftlite.http;

import io.raftlite.EntryId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Has one snapshot, whose bytes are worked out from their places; counts what is read, and breaks where it is told to. */
final class FakeSnapshot implements SnapshotSource {
    static final EntryId LAST = new EntryId(900, 2);

    final AtomicLong readBytes = new AtomicLong();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    volatile long sizeBytes;
    volatile long seed = 1;
    /** The place where the next transfer that gets there ends, once. */
    volatile long breaksAt = Long.MAX_VALUE;
    /** What happens when a transfer ends before its time. */
    volatile Runnable broken = () -> {};

    FakeSnapshot(long sizeBytes) {
        this.sizeBytes = sizeBytes;
    }

    static byte at(long position, long seed) {
        return (byte) ((position * 31 + (position >> 13) * 7) ^ seed);
    }

    @Override
    public Optional<Content> open(long index, long term) {
        if (!new EntryId(index, term).equals(LAST)) {
            return Optional.empty();
        }
        opened.incrementAndGet();
        long size = sizeBytes;
        long itsSeed = seed;
        return Optional.of(new Content() {
            @Override
            public long sizeBytes() {
                return size;
            }

            @Override
            public String etag() {
                return "tag-" + itsSeed;
            }

            @Override
            public int read(long position, ByteBuffer into) throws IOException {
                if (position >= breaksAt) {
                    breaksAt = Long.MAX_VALUE;
                    broken.run();
                    throw new IOException("the test wants it");
                }
                int count = into.remaining();
                for (int i = 0; i < count; i++) {
                    into.put(at(position + i, itsSeed));
                }
                readBytes.addAndGet(count);
                return count;
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        });
    }
}
