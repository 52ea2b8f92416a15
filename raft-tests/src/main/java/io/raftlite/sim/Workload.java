package io.raftlite.sim;

import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Clients that write and read without an end, each one request at a time, at whatever server they chance upon.
 *
 * <p>They hold the cluster to real time: an answer reflects everything that was answered to anyone before its request
 * began. With indexes for values, that is linearizability: a write lands above, and a read sees, the highest index known
 * when it began.
 */
final class Workload {
    private static final long THINK_NANOS = Duration.ofMillis(40).toNanos();
    private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Simulation world;
    private final Lots lots;
    private long highestKnown;
    private long acknowledged;
    private long served;
    private boolean ended;

    Workload(Simulation world, long seed, int clients) {
        this.world = world;
        this.lots = new Lots(seed, "clients");
        for (int client = 0; client < clients; client++) {
            think(client, 0);
        }
    }

    private void think(int client, long number) {
        world.agenda().in(lots.between(0, THINK_NANOS), () -> {
            if (!ended) {
                request(client, number);
            }
        });
    }

    private void request(int client, long number) {
        SimServer server = choose();
        boolean writes = lots.happens(0.6);
        long known = highestKnown;
        boolean[] settled = new boolean[1];
        String text = "client " + client + " command " + number;
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        CompletableFuture<Applied> answer =
                writes ? server.submit(bytes) : server.read(bytes, Consistency.LINEARIZABLE);
        var unused = answer.whenComplete((applied, failure) -> {
            world.judging(() -> take(applied, writes, known));
            if (!settled[0]) {
                settled[0] = true;
                think(client, number + 1);
            }
        });
        world.agenda().in(PATIENCE_NANOS, () -> {
            if (!settled[0]) {
                settled[0] = true;
                think(client, number + 1);
            }
        });
    }

    /** Mostly the leader, if anyone seems to know it. */
    private SimServer choose() {
        List<SimServer> servers = world.servers();
        SimServer any = servers.get((int) lots.between(0, servers.size() - 1L));
        boolean asksAround = lots.happens(0.2) || any.status().leader().isNone();
        return asksAround ? any : world.server(any.status().leader());
    }

    private void take(@Nullable Applied applied, boolean writes, long known) {
        if (applied == null) {
            return;
        }
        if (writes) {
            acknowledged++;
            Judge.require(
                    applied.index() > known,
                    "a write landed at " + applied.index() + ", though " + known + " was known before it began");
        } else {
            served++;
            Judge.require(
                    applied.index() >= known,
                    "a linearizable read saw index " + applied.index() + ", though " + known
                            + " was known before it began");
        }
        highestKnown = Math.max(highestKnown, applied.index());
    }

    void end() {
        ended = true;
    }

    long acknowledged() {
        return acknowledged;
    }

    long served() {
        return served;
    }
}
