package io.raftlite.node;

import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import io.raftlite.http.SnapshotPuller;
import io.raftlite.replica.Replica;
import io.raftlite.replica.SnapshotFetcher;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the snapshots that the protocol asks for from other nodes into this node's storage. */
final class NodeSnapshots implements SnapshotFetcher {
    private static final Logger logger = LoggerFactory.getLogger(NodeSnapshots.class);

    private final String name;
    private final SnapshotPuller puller;
    private final SnapshotStore store;
    private final Function<NodeId, Optional<URI>> addresses;
    private final Consumer<Consumer<Replica>> loop;

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
        puller.pull(
                new SnapshotPuller.Target(fetch.from(), address.get(), fetch.session(), snapshot.last()),
                incoming,
                new SnapshotPuller.Listener() {
                    @Override
                    public void progress(long receivedBytes, long totalBytes) {}

                    @Override
                    public void done() {
                        try {
                            incoming.finish();
                            loop.accept(replica -> replica.snapshotReceived(fetch.from(), fetch.session(), snapshot));
                        } catch (IOException bad) {
                            NodeSnapshots.this.failed(fetch, String.valueOf(bad.getMessage()));
                        }
                    }

                    @Override
                    public void failed(String reason) {
                        abandon(incoming);
                        NodeSnapshots.this.failed(fetch, reason);
                    }
                });
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
