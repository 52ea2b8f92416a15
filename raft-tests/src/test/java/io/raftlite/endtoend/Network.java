package io.raftlite.endtoend;

import io.raftlite.endtoend.ProcessNemesis.Fault;
import java.io.IOException;
import java.util.Random;
import java.util.Set;

/** What lies between the nodes of a cluster, as a nemesis breaks and mends it. */
interface Network extends AutoCloseable {
    /** Returns what can go wrong here, in the order of {@link Fault}. */
    Set<Fault> faults();

    /** Returns for how long something stays broken at most. */
    int mostBrokenMillis();

    /** Lets nothing pass from one node to another. */
    void cut(String from, String to) throws IOException, InterruptedException;

    /** Breaks something in a way of this network's own, between {@code victim} and {@code other} or all others. */
    void strike(Fault fault, String victim, String other, Random random) throws IOException, InterruptedException;

    /** Mends all that is broken. */
    void heal() throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
