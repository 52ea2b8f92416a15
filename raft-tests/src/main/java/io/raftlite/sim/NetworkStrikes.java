package io.raftlite.sim;

import io.raftlite.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a strike can do to the network. */
final class NetworkStrikes {
    private NetworkStrikes() {}

    static void cutOneWay(Strike strike) {
        NodeId from = strike.any().id();
        NodeId to = strike.any().id();
        SimNetwork network = strike.world().network();
        network.cut(from, to);
        strike.later(3_000, () -> network.heal(from, to));
    }

    static void partition(Strike strike) {
        split(strike, strike.world().servers());
    }

    /** Both halves see one server, and not each other. */
    static void bridge(Strike strike) {
        List<SimServer> others = new ArrayList<>(strike.world().servers());
        others.remove(strike.leaderOrAny());
        split(strike, others);
    }

    private static void split(Strike strike, List<SimServer> servers) {
        List<NodeId> some = new ArrayList<>();
        List<NodeId> others = new ArrayList<>();
        servers.forEach(server -> (strike.lots().happens(0.5) ? some : others).add(server.id()));
        SimNetwork network = strike.world().network();
        network.partition(some, others);
        strike.later(3_000, network::heal);
    }

    static void isolateLeader(Strike strike) {
        strike.world().leader().ifPresent(leader -> {
            SimNetwork network = strike.world().network();
            network.partition(List.of(leader.id()), strike.world().othersThan(leader.id()));
            strike.later(3_000, network::heal);
        });
    }

    static void flap(Strike strike) {
        NodeId one = strike.leaderOrAny().id();
        NodeId other = strike.any().id();
        Duration up = millis(strike, 5, 400);
        Duration down = millis(strike, 5, 400);
        SimNetwork network = strike.world().network();
        network.flap(one, other, up, down);
        if (strike.lots().happens(0.5)) {
            network.flap(other, one, up, down);
        }
        strike.later(3_000, network::heal);
    }

    /** One direction of one connection fares worse than the rest. */
    static void spoilLink(Strike strike) {
        SimNetwork network = strike.world().network();
        network.faults(strike.leaderOrAny().id(), strike.any().id(), weather(strike, 0.7));
        strike.later(3_000, network::heal);
    }

    static void narrowLink(Strike strike) {
        SimNetwork network = strike.world().network();
        network.bandwidth(
                strike.leaderOrAny().id(), strike.any().id(), strike.lots().between(1_000, 50_000));
        strike.later(3_000, network::heal);
    }

    static void reset(Strike strike) {
        SimServer one = strike.leaderOrAny();
        SimServer other = strike.any();
        if (one != other) {
            strike.world().reset(one, other);
        }
    }

    /** One server is told that it lost a connection, and nothing else happens: its peer lives and hears no word of it. */
    static void falseReset(Strike strike) {
        SimServer told = strike.any();
        SimServer peer = strike.leaderOrAny();
        if (told != peer) {
            told.disconnected(peer.id());
        }
    }

    static void changeWeather(Strike strike) {
        strike.world().faults(weather(strike, 0.2));
    }

    private static Faults weather(Strike strike, double mostLost) {
        return Faults.NONE
                .withNetwork(often(strike, mostLost), often(strike, 0.1), often(strike, 0.1))
                .withDelay(Duration.ofNanos(100_000), millis(strike, 1, 60))
                .withFlush(Duration.ofNanos(100_000), millis(strike, 1, 100));
    }

    private static double often(Strike strike, double most) {
        Lots lots = strike.lots();
        return lots.happens(0.5) ? 0 : most * lots.between(0, 100) / 100;
    }

    private static Duration millis(Strike strike, long least, long most) {
        return Duration.ofMillis(strike.lots().between(least, most));
    }
}
