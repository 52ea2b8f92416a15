package io.raftlite.sim;

import io.raftlite.NodeId;

/** What a strike can do to processes, to their clocks, and to who leads. */
final class ProcessStrikes {
    private static final int[] PRIORITIES = {0, 1, 30, 60, 100};

    private ProcessStrikes() {}

    static void crash(Strike strike) {
        crash(strike, strike.any());
    }

    static void crashLeader(Strike strike) {
        strike.world().leader().ifPresent(leader -> crash(strike, leader));
    }

    static void crashAll(Strike strike) {
        strike.world().servers().forEach(server -> crash(strike, server));
    }

    private static void crash(Strike strike, SimServer server) {
        if (server.isRunning()) {
            server.crash();
            strike.restartLater(server);
        }
    }

    static void crashAtFlush(Strike strike) {
        SimServer server = strike.leaderOrAny();
        if (server.isRunning()) {
            server.crashAfterFlushes(strike.lots().between(0, 4));
            strike.later(2_000, () -> strike.restartLater(server));
        }
    }

    /** The server is gone after a turn of its loop: its messages are sent, its writes not yet durable. */
    static void crashAtEvent(Strike strike) {
        SimServer server = strike.leaderOrAny();
        if (server.isRunning()) {
            server.crashAfterTurns(strike.lots().between(1, 60));
            strike.later(2_000, () -> strike.restartLater(server));
        }
    }

    static void pause(Strike strike) {
        strike.any().pause(strike.lasting(2_000));
    }

    static void suspend(Strike strike) {
        strike.leaderOrAny().suspend(strike.lasting(2_000));
    }

    static void disturbClock(Strike strike) {
        SimClock clock = strike.leaderOrAny().clock();
        Lots lots = strike.lots();
        if (strike.leases()) {
            clock.drift(lots.between(-2_000, 2_000));
        } else if (lots.happens(0.5)) {
            clock.jump(lots.between(0, 3_000 * Strike.MILLI));
        } else {
            clock.drift(lots.between(-20_000, 20_000));
        }
    }

    static void campaign(Strike strike) {
        strike.any().campaign();
    }

    static void transfer(Strike strike) {
        NodeId target = strike.lots().happens(0.3) ? NodeId.NONE : strike.any().id();
        strike.world().leader().ifPresent(leader -> {
            var unused = leader.transfer(target);
        });
    }

    /** A server is started anew, to stand sooner, later, or not at all by itself. */
    static void changePriority(Strike strike) {
        SimServer server = strike.any();
        setPriority(server, PRIORITIES[(int) strike.lots().between(0, PRIORITIES.length - 1L)]);
        strike.restartLater(server);
    }

    /** A priority is read when a process starts. */
    static void setPriority(SimServer server, int priority) {
        if (server.isRunning()) {
            server.crash();
        }
        server.priority(priority);
    }
}
