package io.raftlite.node;

import io.raftlite.EntryId;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import io.raftlite.http.SnapshotPuller;
import io.raftlite.replica.Replica;
import io.raftlite.replica.SnapshotFetcher;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the snapshots that the protocol asks for from other nodes into this node's storage. */
final class NodeSnapshots implements SnapshotFetcher {
    /**
     * How far a snapshot has come.
     *
     * @param last what it stands for
     * @param totalBytes 0 as long as that is unknown
     */
    record Receiving(NodeId from, EntryId last, long bytes, long totalBytes) {}

    private static final Logger logger = LoggerFactory.getLogger(NodeSnapshots.class);

    private final String name;
    private final SnapshotPuller puller;
    private final SnapshotStore store;
    private final Function<NodeId, Optional<URI>> addresses;
    private final Consumer<Consumer<Replica>> loop;
    private final AtomicReference<@Nullable Pull> pull = new AtomicReference<>();

    /**
     * @param addresses where members are reached
     * @param loop runs a call on the replica's thread
     */
    NodeSnapshots(
            String name,
            SnapshotPuller puller,
            SnapshotStore store,
            Function<NodeId, Optional<URI>> addresses,
            Consumer<Consumer<Replica>> loop) {
        this.name = name;
        this.puller = puller;
        this.store = store;
        this.addresses = addresses;
        this.loop = loop;
    }

    @Override
    public void fetch(Ready.Fetch fetch) {
        Optional<URI> address = address(fetch);
        if (address.isEmpty()) {
            failed(fetch, "its address is not known");
            return;
        }
        SnapshotMeta snapshot = fetch.snapshot();
        SnapshotStore.Incoming incoming;
        try {
            incoming = store.incoming(snapshot);
        } catch (IOException full) {
            failed(fetch, String.valueOf(full.getMessage()));
            return;
        }
        Pull begun = new Pull(fetch, incoming);
        pull.set(begun);
        puller.pull(
                new SnapshotPuller.Target(fetch.from(), address.get(), fetch.session(), snapshot.last()),
                incoming,
                begun);
    }

    /** Returns how far the snapshot has come that is on its way to this node, if one is. Any thread may ask. */
    Optional<Receiving> receiving() {
        return Optional.ofNullable(pull.get()).map(begun -> begun.progress);
    }

    /** One snapshot on its way. */
    private final class Pull implements SnapshotPuller.Listener {
        private final Ready.Fetch fetch;
        private final SnapshotStore.Incoming incoming;
        private volatile Receiving progress;

        private Pull(Ready.Fetch fetch, SnapshotStore.Incoming incoming) {
            this.fetch = fetch;
            this.incoming = incoming;
            this.progress = new Receiving(fetch.from(), fetch.snapshot().last(), 0, 0);
        }

        @Override
        public void progress(long receivedBytes, long totalBytes) {
            progress = new Receiving(fetch.from(), fetch.snapshot().last(), receivedBytes, totalBytes);
        }

        @Override
        public void done() {
            try {
                incoming.finish();
                loop.accept(replica -> replica.snapshotReceived(fetch.from(), fetch.session(), fetch.snapshot()));
            } catch (IOException bad) {
                NodeSnapshots.this.failed(fetch, String.valueOf(bad.getMessage()));
            }
            pull.compareAndSet(this, null);
        }

        @Override
        public void failed(String reason) {
            // Another may have begun meanwhile: it ends this one.
            pull.compareAndSet(this, null);
            abandon(incoming);
            NodeSnapshots.this.failed(fetch, reason);
        }
    }

    /** A part of a snapshot must not fill the disk while nobody goes on with it. */
    private void abandon(SnapshotStore.Incoming incoming) {
        try {
            incoming.abandon();
        } catch (IOException failure) {
            logger.warn("{} [SNAPSHOT] could not remove what was fetched in part", name, failure);
        }
    }

    /** A node that joins knows nobody yet; the snapshot itself says who is where. */
    private Optional<URI> address(Ready.Fetch fetch) {
        Optional<URI> known = addresses.apply(fetch.from());
        return known.isPresent()
                ? known
                : fetch.snapshot().configuration().member(fetch.from()).map(member -> URI.create(member.address()));
    }

    private void failed(Ready.Fetch fetch, String reason) {
        logger.warn(
                "{} [SNAPSHOT] could not fetch {} from {}: {}",
                name,
                fetch.snapshot().last(),
                fetch.from(),
                reason);
        loop.accept(replica -> replica.fetchFailed(fetch.from(), fetch.session()));
    }
}
