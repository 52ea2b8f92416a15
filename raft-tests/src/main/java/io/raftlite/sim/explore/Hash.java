package io.raftlite.sim.explore;

import io.raftlite.Entry;
import io.raftlite.NodeId;
import java.util.List;

/** Makes numbers of 64 bits that differ where what they stand for does. */
final class Hash {
    private Hash() {}

    /** Scrambles all bits: the finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). */
    static long mix(long bits) {
        long mixed = bits + 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /** Adds a part to what was made of the parts before it. */
    static long with(long hash, long part) {
        return mix(hash ^ mix(part));
    }

    static long of(List<Entry> entries) {
        long hash = entries.size();
        for (Entry entry : entries) {
            hash = with(with(with(hash, entry.index()), entry.term()), entry.hashCode());
        }
        return hash;
    }

    static long of(NodeId id) {
        return id.value().hashCode();
    }
}
