package io.raftlite.node;

import io.raftlite.EntryId;
import io.raftlite.SnapshotMeta;
import io.raftlite.node.storage.SnapshotFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The snapshots of a node that keeps its data on disk. */
final class DiskSnapshots implements SnapshotStore {
    private static final Logger logger = LoggerFactory.getLogger(DiskSnapshots.class);

    private final SnapshotFiles files;

    DiskSnapshots(SnapshotFiles files) {
        this.files = files;
    }

    @Override
    public Optional<Content> open(long index, long term) throws IOException {
        return files.outgoing(new EntryId(index, term)).map(Sent::new);
    }

    @Override
    public Incoming incoming(SnapshotMeta snapshot) throws IOException {
        SnapshotFiles.Incoming incoming = files.incoming(snapshot);
        return new Incoming() {
            @Override
            public long receivedBytes() {
                return incoming.receivedBytes();
            }

            @Override
            public void restart() throws IOException {
                incoming.restart();
            }

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                incoming.write(bytes);
            }

            @Override
            public void finish() throws IOException {
                incoming.finish();
            }

            @Override
            public void abandon() throws IOException {
                incoming.abandon();
            }
        };
    }

    @Override
    public long sizeBytes(EntryId last) {
        try {
            return files.sizeBytes(last);
        } catch (IOException failure) {
            logger.warn("[DISK] the size of a snapshot cannot be told", failure);
            return 0;
        }
    }

    @Override
    public Optional<Instant> writtenAt(EntryId last) {
        try {
            return files.writtenAt(last);
        } catch (IOException failure) {
            logger.warn("[DISK] the age of a snapshot cannot be told", failure);
            return Optional.empty();
        }
    }

    @Override
    public OptionalLong savingBytes() {
        return files.savingBytes();
    }

    private record Sent(SnapshotFiles.Outgoing outgoing) implements Content {
        @Override
        public long sizeBytes() {
            return outgoing.sizeBytes();
        }

        @Override
        public String etag() {
            return outgoing.tag();
        }

        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            return outgoing.read(position, into);
        }

        @Override
        public void close() {
            try {
                outgoing.close();
            } catch (IOException failure) {
                logger.warn("[DISK] a snapshot that was sent could not be closed", failure);
            }
        }
    }
}
