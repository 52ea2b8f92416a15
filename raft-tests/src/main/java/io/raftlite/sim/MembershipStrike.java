package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.ConfigurationChange;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.replica.Applied;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What a strike can do to the members: to change them at random, and to lose their disks.
 *
 * <p>A disk is lost or damaged only while every log agrees on the members and binds that disk to its server: before that,
 * nobody could tell the empty disk from a first start; and never that of the only member at birth, which would begin a cluster
 * of its own. Until the server was removed and added again, nobody else is removed, and no other disk is lost or damaged.
 */
final class MembershipStrike {
    private static final int MOST_SERVERS = 7;
    private static final long MILLI = Strike.MILLI;

    private final Simulation world;
    private final Lots lots;

    MembershipStrike(Strike strike) {
        this.world = strike.world();
        this.lots = strike.lots();
    }

    private Configuration inForce() {
        return world.configuration();
    }

    private <T> Optional<T> any(List<T> some) {
        return some.isEmpty() ? Optional.empty() : Optional.of(some.get((int) lots.between(0, some.size() - 1L)));
    }

    private Optional<Member> anyMember(Member.Kind kind) {
        return any(inForce().members().stream()
                .filter(member -> member.kind() == kind)
                .toList());
    }

    /** Who is paused may have been asked for a change that it will make when nobody expects it any more. */
    private boolean isAnyonePaused() {
        return world.servers().stream().anyMatch(SimServer::isPaused);
    }

    private boolean isAnyoneForeign() {
        return world.servers().stream().anyMatch(server -> server.isForeignTo(inForce()));
    }

    /** Asks whoever seems to lead; the answer matters to nobody but the judge. */
    private Optional<CompletableFuture<Applied>> change(ConfigurationChange.Step... steps) {
        long expected = lots.happens(0.3) ? world.configurationIndex() : 0;
        return any(world.servers().stream().filter(SimServer::isLeader).toList())
                .map(leader -> leader.change(new ConfigurationChange(List.of(steps), expected, false)));
    }

    private ConfigurationChange.Step addition(NodeId id) {
        return new ConfigurationChange.Add(id, id.value(), lots.happens(0.7));
    }

    /** Returns a server that is no member: one that was removed, or a new one if there are not too many. */
    private Optional<NodeId> outsider() {
        Optional<NodeId> known = any(world.servers().stream()
                .map(SimServer::id)
                .filter(id -> !inForce().contains(id))
                .toList());
        if (known.isPresent() || world.servers().size() >= MOST_SERVERS) {
            return known;
        }
        String id = String.valueOf((char) ('A' + world.servers().size()));
        return Optional.of(world.add(id).id());
    }

    void add() {
        outsider().ifPresent(id -> {
            var unused = change(addition(id));
        });
    }

    void remove() {
        if (!isAnyoneForeign() && inForce().members().size() > 2) {
            any(inForce().members()).ifPresent(member -> {
                var unused = change(new ConfigurationChange.Remove(member.id()));
            });
        }
    }

    void removeLeader() {
        if (!isAnyoneForeign() && inForce().voters().size() > 1) {
            world.leader().ifPresent(leader -> {
                var unused = change(new ConfigurationChange.Remove(leader.id()));
            });
        }
    }

    void promote() {
        anyMember(Member.Kind.LEARNER).ifPresent(learner -> {
            var unused = change(new ConfigurationChange.Promote(learner.id()));
        });
    }

    void demote() {
        if (!isAnyoneForeign()) {
            anyMember(Member.Kind.VOTER).ifPresent(voter -> {
                var unused = change(new ConfigurationChange.Demote(voter.id()));
            });
        }
    }

    void replace() {
        if (!isAnyoneForeign()) {
            any(inForce().members()).ifPresent(member -> outsider().ifPresent(id -> {
                var unused = change(new ConfigurationChange.Remove(member.id()), addition(id));
            }));
        }
    }

    /** Gives a member another address, now and then one that is taken, which must be refused. */
    void move() {
        any(inForce().members()).ifPresent(member -> any(inForce().members()).ifPresent(other -> {
            String address = lots.happens(0.2) ? other.address() : member.id().value() + ":" + lots.between(1, 9);
            var unused = change(new ConfigurationChange.Move(member.id(), address))
                    .map(answer -> answer.thenAccept(applied -> world.coverage().count(Situation.MEMBER_MOVED)));
        }));
    }

    /** Removes a server and adds it again at once, perhaps before it has heard of either. */
    void removeAndAddAgain() {
        if (!isAnyoneForeign() && inForce().members().size() > 2) {
            any(inForce().members()).ifPresent(member -> removeAndAddAgain(member.id()));
        }
    }

    private void removeAndAddAgain(NodeId id) {
        change(new ConfigurationChange.Remove(id)).ifPresent(answer -> {
            var unused = answer.thenAccept(applied -> addAgain(id, 10));
        });
    }

    private void addAgain(NodeId id, int tries) {
        if (tries == 0 || inForce().contains(id)) {
            return;
        }
        world.agenda().in(lots.between(0, 200 * MILLI), () -> {
            var unused = change(addition(id));
            addAgain(id, tries - 1);
        });
    }

    /** A server loses its disk, starts anew, and is put in its place again after a while. */
    void wipe() {
        losable().ifPresent(server -> {
            stop(server);
            exchange(server);
        });
    }

    /** A server's disk is damaged: it refuses to start until an operator has wiped it, and put it in its place again. */
    void flip() {
        losable().ifPresent(server -> {
            stop(server);
            boolean flipped = server.flip();
            server.start();
            if (flipped) {
                world.agenda().in(lots.between(0, 1_000 * MILLI), () -> exchange(server));
            }
        });
    }

    private static void stop(SimServer server) {
        if (server.isRunning()) {
            server.crash();
        }
    }

    private void exchange(SimServer server) {
        server.wipe();
        server.start();
        world.agenda().in(lots.between(0, 1_000 * MILLI), () -> restore(server, 10));
    }

    /** Returns a member whose disk the cluster can do without. */
    private Optional<SimServer> losable() {
        boolean allBound = inForce().members().stream().allMatch(member -> member.incarnation() != 0);
        if (!allBound
                || isAnyoneForeign()
                || inForce().voters().size() < 3
                || !world.isConfigurationSettled()
                || isAnyonePaused()) {
            return Optional.empty();
        }
        return any(inForce().members())
                .filter(member -> !world.isAloneAtBirth(member.id()))
                .map(member -> world.server(member.id()));
    }

    private void restore(SimServer server, int tries) {
        if (tries > 0 && server.isForeignTo(inForce())) {
            removeAndAddAgain(server.id());
            world.agenda().in(lots.between(100 * MILLI, 500 * MILLI), () -> restore(server, tries - 1));
        }
    }
}
