package io.raftlite;

/**
 * Draws the random numbers of one server from its seed, its id and how often it has drawn, so that a copy of a server draws
 * what the original would have drawn.
 */
final class Dice {
    private final long seed;
    private long draws;

    Dice(long seed, NodeId self) {
        this.seed = new StateHash().add(seed).add(self).value();
    }

    private Dice(Dice other) {
        this.seed = other.seed;
        this.draws = other.draws;
    }

    Dice copy() {
        return new Dice(this);
    }

    void hash(StateHash hash) {
        hash.add(draws);
    }

    /** Returns a number from 0 up to, and without, {@code bound}. */
    long below(long bound) {
        return Math.floorMod(StateHash.mix(seed + draws++), bound);
    }
}
