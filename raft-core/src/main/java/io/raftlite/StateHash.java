package io.raftlite;

/** Folds the parts of a state, in a fixed order, into one number that differs where the states do. */
final class StateHash {
    private long value = 0x9E3779B97F4A7C15L;

    StateHash add(long part) {
        value = mix(value ^ mix(part));
        return this;
    }

    StateHash add(boolean part) {
        return add(part ? 1 : 0);
    }

    StateHash add(NodeId id) {
        long hash = id.value().length();
        for (int i = 0; i < id.value().length(); i++) {
            hash = hash * 31 + id.value().charAt(i);
        }
        return add(hash);
    }

    long value() {
        return value;
    }

    /** Scrambles all bits: the finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). */
    static long mix(long bits) {
        long mixed = bits + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
