package io.raftlite;

/**
 * Has places for the bytes of entries that come one after the other, in arrays that neighbours share: for the collector of
 * garbage a cache of many small entries is a few objects then, not two for each entry.
 *
 * <p>An array is held for as long as one of its entries is. So it is small, and an entry that would fill much of it has one of
 * its own.
 */
final class EntryPacker {
    static final int SHARED_BYTES = 64 << 10;
    /** No more than such a part of a shared array, the last one aside, is left empty. */
    private static final int MAX_SHARING_BYTES = SHARED_BYTES / 8;

    private long expectedBytes;
    private byte[] shared = {};
    private int end;
    private byte[] array = shared;

    /** @param expectedBytes how many bytes all entries have */
    EntryPacker(long expectedBytes) {
        this.expectedBytes = expectedBytes;
    }

    /** Returns where in {@link #array} the next entry has its place. */
    int reserve(int sizeBytes) {
        long expected = expectedBytes;
        expectedBytes -= sizeBytes;
        if (sizeBytes > MAX_SHARING_BYTES) {
            array = new byte[sizeBytes];
            return 0;
        }
        if (shared.length - end < sizeBytes) {
            shared = new byte[(int) Math.max(sizeBytes, Math.min(SHARED_BYTES, expected))];
            end = 0;
        }
        array = shared;
        end += sizeBytes;
        return end - sizeBytes;
    }

    /** Returns the array of the place that was reserved last. */
    byte[] array() {
        return array;
    }
}
