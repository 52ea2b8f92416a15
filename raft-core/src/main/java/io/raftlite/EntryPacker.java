package io.raftlite;

/**
 * Has places for the bytes of entries that come one after the other, in arrays that neighbours share: a cache of many small
 * entries is then a few objects to the collector of garbage, which would else copy each by itself.
 *
 * <p>An array is held for as long as one of its entries is. So it is no larger than {@link #ARRAY_BYTES}, and what would fill
 * much of one has its own.
 */
final class EntryPacker {
    static final int ARRAY_BYTES = 64 << 10;
    /** What is larger has an array of its own, so that no more than such a part of a shared one is ever left empty. */
    private static final int MAX_SHARING_BYTES = ARRAY_BYTES / 8;

    private long expectedBytes;
    private byte[] array = {};
    private int end;

    /** @param expectedBytes how many bytes all entries have */
    EntryPacker(long expectedBytes) {
        this.expectedBytes = expectedBytes;
    }

    /** Returns where in {@link #array} the next entry has its place. */
    int reserve(int sizeBytes) {
        if (array.length - end < sizeBytes) {
            int shared = (int) Math.min(ARRAY_BYTES, expectedBytes);
            array = new byte[sizeBytes > MAX_SHARING_BYTES ? sizeBytes : Math.max(sizeBytes, shared)];
            end = 0;
        }
        int start = end;
        end += sizeBytes;
        expectedBytes -= sizeBytes;
        return start;
    }

    /** Returns the array of the place that was reserved last. */
    byte[] array() {
        return array;
    }
}
