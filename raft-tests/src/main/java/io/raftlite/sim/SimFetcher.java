package io.raftlite.sim;

import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.SnapshotFetcher;
import java.util.Optional;

/**
 * Pulls snapshots for one process, over simulated time: part by part from the peer's storage, then into the own one. A pull
 * fails if the link is cut, the peer ends, or it no longer has the snapshot.
 */
final class SimFetcher implements SnapshotFetcher {
    private static final long MOST_PARTS = 6;

    private final Simulation world;
    private final SimServer server;
    private final Lots lots;
    private long pulls;
    private Optional<Ready.Fetch> current = Optional.empty();

    SimFetcher(Simulation world, SimServer server, Lots lots) {
        this.world = world;
        this.server = server;
        this.lots = lots;
    }

    boolean isPulling() {
        return current.isPresent();
    }

    @Override
    public void fetch(Ready.Fetch fetch) {
        pulls++;
        current = Optional.of(fetch);
        pull(pulls, fetch, lots.between(1, MOST_PARTS));
    }

    private void pull(long mine, Ready.Fetch fetch, long parts) {
        long least = world.faults().minDelay().toNanos();
        long most = world.faults().maxDelay().toNanos();
        world.agenda().in(lots.between(2 * least, 2 * most), () -> {
            if (pulls != mine) {
                return;
            }
            Optional<byte[]> content = content(fetch);
            if (content.isEmpty()) {
                fail(fetch);
            } else if (parts > 1) {
                pull(mine, fetch, parts - 1);
            } else {
                store(mine, fetch, content.get());
            }
        });
    }

    private Optional<byte[]> content(Ready.Fetch fetch) {
        boolean cut = world.network().isCut(fetch.from(), server.id())
                || world.network().isCut(server.id(), fetch.from());
        SimServer peer = world.server(fetch.from());
        return cut || !peer.isRunning()
                ? Optional.empty()
                : peer.storage().snapshots().pull(fetch.snapshot());
    }

    private void store(long mine, Ready.Fetch fetch, byte[] content) {
        SnapshotMeta snapshot = fetch.snapshot();
        server.storage().receive(snapshot, content, failure -> {
            if (pulls != mine) {
                return;
            }
            if (failure == null) {
                current = Optional.empty();
                server.perform(
                        process -> process.snapshotReceived(fetch.from(), fetch.session(), snapshot),
                        () -> server.id() + " has pulled the snapshot of " + snapshot.last() + " from " + fetch.from(),
                        9);
            } else {
                fail(fetch);
            }
        });
    }

    private void fail(Ready.Fetch fetch) {
        stop();
        server.perform(
                process -> process.fetchFailed(fetch.from(), fetch.session()),
                () -> server.id() + " could not pull the snapshot of "
                        + fetch.snapshot().last() + " from " + fetch.from(),
                10);
    }

    /** Breaks the connection of the pull that is under way, if there is one. */
    void cut() {
        current.ifPresent(this::fail);
    }

    /** Ends the pull that is under way, because its process ended. */
    void stop() {
        pulls++;
        current = Optional.empty();
    }
}
