package io.raftlite.sim;

import java.time.Duration;

/** What a strike can do to the disks, and to the snapshots on them. */
final class DiskStrikes {
    private DiskStrikes() {}

    static void hold(Strike strike) {
        SimStorage storage = strike.leaderOrAny().storage();
        storage.hold();
        strike.later(3_000, storage::release);
    }

    static void slow(Strike strike) {
        SimStorage storage = strike.leaderOrAny().storage();
        long most = strike.lots().between(20, 400);
        storage.faults(Faults.NONE.withFlush(Duration.ofMillis(most / 4), Duration.ofMillis(most)));
        strike.later(3_000, () -> storage.faults(strike.world().faults()));
    }

    static void failFlush(Strike strike) {
        SimServer server = strike.leaderOrAny();
        if (server.isRunning()) {
            server.storage().failNextFlush();
            strike.later(2_000, () -> strike.restartLater(server));
        }
    }

    static void failWrite(Strike strike) {
        SimServer server = strike.leaderOrAny();
        if (server.isRunning()) {
            server.storage().failNextWrite();
            strike.later(2_000, () -> strike.restartLater(server));
        }
    }

    /** Some records still find room that was reserved for them. */
    static void fill(Strike strike) {
        SimStorage storage = strike.leaderOrAny().storage();
        storage.fill(strike.lots().between(0, 20));
        strike.later(3_000, storage::free);
    }

    static void takeSnapshot(Strike strike) {
        var unused = strike.any().takeSnapshot();
    }

    static void failSnapshot(Strike strike) {
        strike.any().storage().snapshots().failNext();
    }

    static void holdSnapshots(Strike strike) {
        SimSnapshots snapshots = strike.any().storage().snapshots();
        snapshots.hold();
        strike.later(2_000, snapshots::release);
    }

    static void cutPulls(Strike strike) {
        for (int i = 0; i < 20; i++) {
            strike.in(
                    strike.lots().between(0, 1_000 * Strike.MILLI),
                    () -> strike.world().servers().forEach(SimServer::cutPull));
        }
    }
}
