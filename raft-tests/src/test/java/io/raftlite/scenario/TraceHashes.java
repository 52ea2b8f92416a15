package io.raftlite.scenario;

import io.raftlite.sim.RandomRun;
import java.util.stream.LongStream;

/** Prints the trace hash of some seeds, a line for each: run by a second virtual machine, it must print the same. */
final class TraceHashes {
    private static final int SEEDS = 40;

    private TraceHashes() {}

    public static void main(String[] arguments) {
        System.out.print(text());
    }

    static String text() {
        StringBuilder all = new StringBuilder();
        LongStream.rangeClosed(1, SEEDS)
                .mapToObj(RandomRun::of)
                .forEach(report -> all.append(report.seed() + " " + report.traceHash() + "\n"));
        return all.toString();
    }
}
