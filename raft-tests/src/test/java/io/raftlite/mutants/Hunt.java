package io.raftlite.mutants;

import io.raftlite.explore.Scopes;
import io.raftlite.sim.RandomRun;
import io.raftlite.sim.explore.Exploration;
import io.raftlite.sim.explore.Scope;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Looks for a violation, in the world of one class loader; what crosses over to another one is the JDK's alone.
 *
 * <p>It is given a way to look and a number: that of a seed, that of a scope, or that of a story made for it, which is 0 for a server that
 * rejoins, else a seed for one about leases. It returns the violation as text, or the
 * empty text if there is none.
 */
public final class Hunt implements BiFunction<String, Long, String> {
    static final String SEED = "seed";
    static final String SCOPE = "scope";
    static final String STORY = "story";

    @Override
    public String apply(String way, Long number) {
        try {
            if (way.equals(SEED)) {
                RandomRun.of(number);
                return "";
            }
            if (way.equals(STORY)) {
                return number == 0 ? RejoinRun.run() : LeaseRun.of(number);
            }
            return explore(Scopes.quick(), number.intValue());
        } catch (RuntimeException violation) {
            return String.valueOf(violation.getMessage());
        }
    }

    private static String explore(List<Scope> scopes, int number) {
        if (number >= scopes.size()) {
            return "";
        }
        Exploration.Report report = Exploration.of(scopes.get(number));
        return Scopes.isLacking(report) ? "no leader is ahead of its disk: " + report : "";
    }
}
