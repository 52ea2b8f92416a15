package io.raftlite.sim;

import java.util.List;

/** Finds out which checks of a contract notice that it is broken. */
final class BrokenChecks {
    private BrokenChecks() {}

    /** Runs all checks, and returns the names of those that fail. */
    static List<String> among(List<ContractCheck> checks) {
        return checks.stream()
                .filter(BrokenChecks::isBroken)
                .map(ContractCheck::name)
                .toList();
    }

    private static boolean isBroken(ContractCheck check) {
        try {
            check.run();
            return false;
        } catch (SimulationException failure) {
            return true;
        }
    }
}
