package io.raftlite.mutants;

/**
 * One deliberate fault.
 *
 * @param name what is wrong, in a few words
 * @param file the source file, below {@code io/raftlite}
 * @param old the text that is replaced, which must stand there exactly once
 * @param replacement what stands there instead
 * @param breaks the rule or the property that no longer holds
 * @param finder where to look first
 */
record Mutant(String name, String file, String old, String replacement, String breaks, Finder finder) {
    /** What can find a fault. */
    enum Finder {
        EXPLORATION,
        SIMULATION,
        /** Simulation of what leases, and servers that rejoin, have to endure. */
        STORY
    }

    static Mutant explored(String name, String file, String old, String replacement, String breaks) {
        return new Mutant(name, file, old, replacement, breaks, Finder.EXPLORATION);
    }

    static Mutant simulated(String name, String file, String old, String replacement, String breaks) {
        return new Mutant(name, file, old, replacement, breaks, Finder.SIMULATION);
    }

    static Mutant told(String name, String file, String old, String replacement, String breaks) {
        return new Mutant(name, file, old, replacement, breaks, Finder.STORY);
    }

    @Override
    public String toString() {
        return name;
    }
}
