package io.raftlite.endtoend;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.raftlite.endtoend.ProcessNemesis.Fault;
import io.raftlite.endtoend.RealCluster.Place;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A network of a test's own, each node in a network namespace with an address of its own. All are joined, and with the test as
 * {@code client}, by a router, in a namespace too:
 *
 * <pre>
 *   client 198.18.n.2 ---- .1 [        ] .5 ---- 198.18.n.6  A
 *                             [ router ] .9 ---- 198.18.n.10 B
 *                             [        ] .13 --- 198.18.n.14 C
 * </pre>
 *
 * <p>The router loses the packets of a way that is cut, and tells nobody: neither end sees a reset or a refusal, connections
 * live on until somebody loses patience, and what was said when a process ended may never arrive. A node that is unplugged is
 * out of reach for clients as well, and the router says so. The addresses are those set aside for tests of networks (RFC 2544).
 *
 * <p>It takes root and Linux. Namespaces and links are named after this process, and are removed in the end.
 */
final class NamespaceNetwork implements Network {
    static final String CLIENT = "client";
    /** What the names of all that is made begin with. */
    static final String OUR_NAME = "raft-" + ProcessHandle.current().pid();

    private static final String ROUTER = OUR_NAME + "-router";

    /** The packets from one to another. */
    private record Way(String from, String to) {}

    private final String subnet = subnet();
    private final TreeMap<String, Integer> numbers = new TreeMap<>();
    private final List<Way> cuts = new ArrayList<>();
    private final List<String> unplugged = new ArrayList<>();
    private final ArrayDeque<String> removals = new ArrayDeque<>();

    /** Makes the network, or nothing of it. */
    NamespaceNetwork(List<String> names) throws IOException, InterruptedException {
        try {
            make(ROUTER);
            SystemCommand.run("ip", "netns", "exec", ROUTER, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
            joinClient();
            for (String name : names) {
                join(name);
            }
        } catch (IOException | InterruptedException failure) {
            close();
            throw failure;
        }
    }

    /** Does once what it takes; skips a test where that is impossible, or was not asked for. */
    static void assumePossible() throws InterruptedException {
        assumeTrue(
                Boolean.getBoolean("raft.namespaces"),
                "skipped: it makes network namespaces, and is run by -Pnamespaces");
        String trial = namespace("trial");
        try {
            ip("netns add " + trial);
            try {
                ip("-n " + trial + " link add one type veth peer name other");
                ip("-n " + trial + " rule add from 198.18.0.2 to 198.18.0.6 blackhole");
            } finally {
                ip("netns del " + trial);
            }
        } catch (IOException impossible) {
            abort(
                    "skipped, for it takes root, ip, and a kernel with network namespaces, virtual links and routing rules: "
                            + impossible.getMessage());
        }
    }

    /** Two processes at a time hardly ever have the same. */
    private static String subnet() {
        long number = ProcessHandle.current().pid() % 512;
        return "198." + (18 + number / 256) + "." + number % 256 + ".";
    }

    private void make(String namespace) throws IOException, InterruptedException {
        ip("netns add " + namespace);
        removals.push("netns del " + namespace);
        ip("-n " + namespace + " link set lo up");
    }

    private void joinClient() throws IOException, InterruptedException {
        numbers.put(CLIENT, 0);
        ip("link add " + OUR_NAME + " type veth peer name " + CLIENT + " netns " + ROUTER);
        removals.push("link del " + OUR_NAME);
        ip("addr add " + address(CLIENT) + "/30 dev " + OUR_NAME);
        ip("link set " + OUR_NAME + " up");
        plugInto(CLIENT);
        ip("route add " + subnet + "0/24 via " + gateway(CLIENT));
    }

    private void join(String name) throws IOException, InterruptedException {
        numbers.put(name, numbers.size());
        String namespace = namespace(name);
        make(namespace);
        ip("-n " + namespace + " link add router type veth peer name " + name + " netns " + ROUTER);
        ip("-n " + namespace + " addr add " + address(name) + "/30 dev router");
        ip("-n " + namespace + " link set router up");
        plugInto(name);
        ip("-n " + namespace + " route add default via " + gateway(name));
    }

    private void plugInto(String name) throws IOException, InterruptedException {
        ip("-n " + ROUTER + " addr add " + gateway(name) + "/30 dev " + name);
        ip("-n " + ROUTER + " link set " + name + " up");
    }

    private static void ip(String words) throws IOException, InterruptedException {
        SystemCommand.run(("ip " + words).split(" ", -1));
    }

    private static String namespace(String name) {
        return OUR_NAME + "-" + name;
    }

    /** Returns the address of a node, or of {@link #CLIENT}. */
    String address(String name) {
        return subnet + (4 * numbers.get(name) + 2);
    }

    private String gateway(String name) {
        return subnet + (4 * numbers.get(name) + 1);
    }

    /** Returns where a node runs. */
    Place place(String name) {
        return new Place(address(name), List.of("ip", "netns", "exec", namespace(name)));
    }

    @Override
    public Set<Fault> faults() {
        Set<Fault> faults = EnumSet.range(Fault.KILL, Fault.CUT_LINK);
        faults.add(Fault.UNPLUG);
        return faults;
    }

    /** Longer than anyone bears silence, so that connections are given up, too. */
    @Override
    public int mostBrokenMillis() {
        return 10_000;
    }

    @Override
    public void cut(String from, String to) throws IOException, InterruptedException {
        Way way = new Way(from, to);
        ip("-n " + ROUTER + " rule add " + words(way));
        cuts.add(way);
    }

    private String words(Way way) {
        return "from " + address(way.from) + " to " + address(way.to) + " blackhole";
    }

    @Override
    public void strike(Fault fault, String victim, String other, Random random)
            throws IOException, InterruptedException {
        if (fault != Fault.UNPLUG) {
            throw new IllegalArgumentException(fault + " is no fault of a router's own");
        }
        ip("-n " + ROUTER + " link set " + victim + " down");
        unplugged.add(victim);
    }

    @Override
    public void heal() throws IOException, InterruptedException {
        for (Way way : cuts) {
            ip("-n " + ROUTER + " rule del " + words(way));
        }
        cuts.clear();
        for (String name : unplugged) {
            ip("-n " + ROUTER + " link set " + name + " up");
        }
        unplugged.clear();
    }

    /** Removes all that was made; what still runs in a namespace keeps it alive, without a name. */
    @Override
    public void close() throws IOException {
        // A test whose time is over is interrupted, and must leave nothing either.
        boolean isInterrupted = Thread.interrupted();
        List<IOException> failures = new ArrayList<>();
        while (!removals.isEmpty()) {
            try {
                ip(removals.pop());
            } catch (IOException failure) {
                failures.add(failure);
            } catch (InterruptedException interrupted) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }
}
