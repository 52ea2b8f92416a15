package io.raftlite.endtoend;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Breaks real nodes and the network between them, and mends them again, one thing after another, each drawn from a seed. The
 * seed decides what is broken, not how the processes take it: the same seed tries the same things.
 */
final class ProcessNemesis {
    private static final int LEAST_BROKEN_MILLIS = 300;
    private static final int MOST_SOUND_MILLIS = 2_500;

    /** What can go wrong; from {@link #DELAY} on not with every network. */
    enum Fault {
        KILL,
        KILL_ALL,
        KILL_UNSEEN,
        PAUSE,
        ISOLATE,
        MUTE,
        DEAFEN,
        CUT_LINK,
        DELAY,
        SLOW,
        RESET,
        UNPLUG
    }

    private final RealCluster cluster;
    private final Network network;
    private final Path directory;
    private final Random random;
    private final List<Fault> faults;
    private final List<String> story = new ArrayList<>();
    private final TreeMap<Fault, Integer> strikes = new TreeMap<>();
    private final long beginNanos = System.nanoTime();

    /** @param directory where what nodes have printed is kept */
    ProcessNemesis(RealCluster cluster, Network network, Path directory, long seed) {
        this.cluster = cluster;
        this.network = network;
        this.directory = directory;
        this.random = new Random(seed);
        this.faults = List.copyOf(network.faults());
    }

    /** Strikes until so much time is over, and mends everything. */
    void rage(long seconds) throws InterruptedException, IOException {
        long endNanos = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < endNanos) {
            Fault fault = faults.get(random.nextInt(faults.size()));
            strikes.merge(fault, 1, Integer::sum);
            strike(fault);
            tell("all is mended");
            let(random.nextInt(MOST_SOUND_MILLIS));
        }
    }

    private void strike(Fault fault) throws InterruptedException, IOException {
        String victim = victim();
        String other = otherThan(victim);
        int millis = LEAST_BROKEN_MILLIS + random.nextInt(network.mostBrokenMillis() - LEAST_BROKEN_MILLIS);
        tell(fault.name().toLowerCase(Locale.ROOT) + " " + victim + " (" + other + ") for " + millis + " ms");
        switch (fault) {
            case KILL -> killForAWhile(List.of(victim), millis);
            case KILL_ALL -> killForAWhile(cluster.names(), millis);
            case KILL_UNSEEN -> {
                cutAll(victim, true, true);
                killForAWhile(List.of(victim), millis / 2);
                let(millis / 2);
                network.heal();
            }
            case PAUSE -> {
                cluster.process(victim).signal("STOP");
                let(millis);
                cluster.process(victim).signal("CONT");
            }
            case RESET -> network.strike(fault, victim, other, random);
            default -> {
                breakNetwork(fault, victim, other);
                let(millis);
                network.heal();
            }
        }
    }

    private void breakNetwork(Fault fault, String victim, String other) throws InterruptedException, IOException {
        switch (fault) {
            case ISOLATE -> cutAll(victim, true, true);
            case MUTE -> cutAll(victim, true, false);
            case DEAFEN -> cutAll(victim, false, true);
            case CUT_LINK -> {
                network.cut(victim, other);
                network.cut(other, victim);
            }
            default -> network.strike(fault, victim, other, random);
        }
    }

    private void cutAll(String victim, boolean from, boolean to) throws InterruptedException, IOException {
        for (String peer : cluster.names()) {
            if (from && !peer.equals(victim)) {
                network.cut(victim, peer);
            }
            if (to && !peer.equals(victim)) {
                network.cut(peer, victim);
            }
        }
    }

    private void killForAWhile(List<String> names, int millis) throws InterruptedException, IOException {
        for (String name : names) {
            cluster.process(name).kill();
        }
        let(millis);
        for (String name : names) {
            keepLog(name);
            cluster.start(name);
        }
    }

    /** As often as not the leader, if any node knows it. */
    private String victim() {
        String any = cluster.names().get(random.nextInt(cluster.names().size()));
        boolean wantsLeader = random.nextBoolean();
        return wantsLeader
                ? cluster.status(any)
                        .filter(status -> status.get("leader").isJsonObject())
                        .map(ProcessNemesis::leaderName)
                        .filter(cluster.names()::contains)
                        .orElse(any)
                : any;
    }

    private static String leaderName(JsonObject status) {
        return status.getAsJsonObject("leader").get("name").getAsString();
    }

    private String otherThan(String victim) {
        List<String> others =
                cluster.names().stream().filter(name -> !name.equals(victim)).toList();
        return others.get(random.nextInt(others.size()));
    }

    private synchronized void let(int millis) throws InterruptedException {
        long endNanos = System.nanoTime() + millis * 1_000_000L;
        for (long left = millis; left > 0; left = (endNanos - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }

    private void tell(String event) {
        story.add(String.format(Locale.ROOT, "%8.3f s  %s", (System.nanoTime() - beginNanos) / 1e9, event));
    }

    /** Returns how often each fault was tried. */
    Map<Fault, Integer> strikes() {
        return strikes;
    }

    /** Writes what was tried, and what the nodes have printed since they were last started. */
    void keepAll() throws IOException {
        Files.write(directory.resolve("faults.txt"), story);
        for (String name : cluster.names()) {
            keepLog(name);
        }
    }

    private void keepLog(String name) throws IOException {
        Files.writeString(
                directory.resolve(name + ".log"),
                cluster.process(name).text() + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
