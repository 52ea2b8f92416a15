package io.raftlite.endtoend;

import io.raftlite.endtoend.Links.Link;
import io.raftlite.endtoend.ProcessNemesis.Fault;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;

/** A proxy before each node of a cluster, under whose address the others know it: that takes neither flag nor root. */
final class ProxyNetwork implements Network {
    private final List<String> names;
    private final Links links = new Links();
    private final TreeMap<String, NodeProxy> proxies = new TreeMap<>();

    /** Stands before the nodes of {@code cluster}, none of which is started yet. */
    ProxyNetwork(RealCluster cluster) {
        this.names = cluster.names();
        for (String name : names) {
            NodeProxy proxy = new NodeProxy(name, cluster.port(name), links, cluster::pids);
            proxies.put(name, proxy);
            cluster.advertise(name, proxy.url());
        }
    }

    @Override
    public Set<Fault> faults() {
        return EnumSet.range(Fault.KILL, Fault.RESET);
    }

    @Override
    public int mostBrokenMillis() {
        return 4_000;
    }

    @Override
    public void cut(String from, String to) {
        links.set(from, to, Link.CUT);
    }

    @Override
    public void strike(Fault fault, String victim, String other, Random random) {
        switch (fault) {
            case DELAY -> setAll(victim, Link.delayed(1 + random.nextInt(300)), random.nextBoolean());
            case SLOW -> setAll(victim, Link.slow(100 + random.nextInt(2_000)), true);
            case RESET -> {
                proxies.get(victim).reset(other);
                proxies.get(other).reset(victim);
                proxies.get(victim).reset(NodeProxy.CLIENT);
            }
            default -> throw new IllegalArgumentException(fault + " is no fault of a proxy's own");
        }
    }

    private void setAll(String victim, Link link, boolean isBothWays) {
        for (String peer : names) {
            if (!peer.equals(victim)) {
                links.set(victim, peer, link);
            }
            if (isBothWays && !peer.equals(victim)) {
                links.set(peer, victim, link);
            }
        }
    }

    @Override
    public void heal() {
        links.heal();
    }

    /** Returns which nodes and clients have called a node: a way that nobody took is cut in vain. */
    SortedSet<String> callers(String name) {
        return proxies.get(name).callers();
    }

    @Override
    public void close() throws IOException {
        links.close();
        for (NodeProxy proxy : proxies.values()) {
            proxy.close();
        }
    }
}
