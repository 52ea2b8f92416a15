package io.raftlite.node;

import io.raftlite.EntryId;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.MemoryStorage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/** The snapshots of a node that keeps nothing on disk. */
final class MemorySnapshots implements SnapshotStore {
    private final MemoryStorage storage;

    MemorySnapshots(MemoryStorage storage) {
        this.storage = storage;
    }

    @Override
    public Optional<Content> open(long index, long term) {
        return storage.content(new EntryId(index, term)).map(Bytes::new);
    }

    @Override
    public Incoming incoming(SnapshotMeta snapshot) {
        return new Received(snapshot);
    }

    @Override
    public long sizeBytes(EntryId last) {
        return storage.content(last).map(ByteBuffer::remaining).orElse(0);
    }

    @Override
    public Optional<Instant> writtenAt(EntryId last) {
        return Optional.empty();
    }

    @Override
    public OptionalLong savingBytes() {
        return OptionalLong.empty();
    }

    private static final class Bytes implements Content {
        private final ByteBuffer content;

        Bytes(ByteBuffer content) {
            this.content = content;
        }

        @Override
        public long sizeBytes() {
            return content.remaining();
        }

        @Override
        public String etag() {
            CRC32C crc = new CRC32C();
            crc.update(content.duplicate());
            return Long.toHexString(crc.getValue()) + "-" + content.remaining();
        }

        @Override
        public int read(long position, ByteBuffer into) {
            if (position >= content.remaining()) {
                return -1;
            }
            int count = (int) Math.min(into.remaining(), content.remaining() - position);
            into.put(content.slice((int) position, count));
            return count;
        }

        @Override
        public void close() {}
    }

    private final class Received implements Incoming {
        private final SnapshotMeta snapshot;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Received(SnapshotMeta snapshot) {
            this.snapshot = snapshot;
        }

        @Override
        public long receivedBytes() {
            return bytes.size();
        }

        @Override
        public void restart() {
            bytes.reset();
        }

        @Override
        public void write(ByteBuffer more) throws IOException {
            byte[] part = new byte[more.remaining()];
            more.get(part);
            bytes.write(part);
        }

        @Override
        public void finish() {
            storage.put(snapshot, ByteBuffer.wrap(bytes.toByteArray()));
        }

        @Override
        public void abandon() {
            bytes.reset();
        }
    }
}
