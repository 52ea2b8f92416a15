package io.raftlite.sim;

import java.util.List;

/**
 * Draws lots: numbers that look random and follow from a seed and the names of what is decided.
 *
 * <p>A decision is a hash of its circumstances, not the next number of a shared stream, so that leaving one decision out
 * does not change the others.
 */
public final class Lots {
    private static final double UNIT = 0x1.0p-53;

    private final long seed;
    private long draws;

    Lots(long seed, String purpose) {
        this.seed = with(mix(seed), purpose);
    }

    /** Mixes a number well; Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014. */
    static long mix(long value) {
        long mixed = value + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    static long with(long hash, long value) {
        return mix(hash ^ mix(value));
    }

    static long with(long hash, String text) {
        long mixed = with(hash, text.length());
        for (int i = 0; i < text.length(); i++) {
            mixed = with(mixed, text.charAt(i));
        }
        return mixed;
    }

    /** Returns any number. */
    public long next() {
        return with(seed, draws++);
    }

    /** Returns a number from {@code low} to {@code high}, both included. */
    public long between(long low, long high) {
        return between(next(), low, high);
    }

    /** Returns one of some things. */
    public <T> T oneOf(List<T> things) {
        return things.get((int) between(0, things.size() - 1L));
    }

    static long between(long hash, long low, long high) {
        return low + Math.floorMod(hash, high - low + 1);
    }

    /** Tells whether something of this probability happens. */
    public boolean happens(double probability) {
        return happens(next(), probability);
    }

    static boolean happens(long hash, double probability) {
        return (hash >>> 11) * UNIT < probability;
    }
}
