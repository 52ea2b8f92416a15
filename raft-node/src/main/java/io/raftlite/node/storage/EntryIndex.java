package io.raftlite.node.storage;

import io.raftlite.EntryId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Where the entries of the log lie: for each record that holds some, its first index and its position; and their terms. */
final class EntryIndex {
    private static final int INITIAL_CAPACITY = 1_024;

    private final List<EntryId> termStarts = new ArrayList<>();
    private long[] firstIndexes = new long[INITIAL_CAPACITY];
    private long[] positions = new long[INITIAL_CAPACITY];
    private int records;
    private long lastIndex;

    long lastIndex() {
        return lastIndex;
    }

    List<EntryId> termStarts() {
        return List.copyOf(termStarts);
    }

    /** Notes that the record at {@code position} begins with the entry right behind the last. */
    void startRecord(long position) {
        if (records == positions.length) {
            firstIndexes = Arrays.copyOf(firstIndexes, records * 2);
            positions = Arrays.copyOf(positions, records * 2);
        }
        firstIndexes[records] = lastIndex + 1;
        positions[records] = position;
        records++;
    }

    /** Notes one more entry of the record that was started last; returns false if it is not the next one. */
    boolean add(long index, long term) {
        EntryId last = termStarts.isEmpty() ? EntryId.ZERO : termStarts.get(termStarts.size() - 1);
        if (index != lastIndex + 1 || term < last.term()) {
            return false;
        }
        if (term != last.term()) {
            termStarts.add(new EntryId(index, term));
        }
        lastIndex = index;
        return true;
    }

    void truncateFrom(long from) {
        while (records > 0 && firstIndexes[records - 1] >= from) {
            records--;
        }
        while (!termStarts.isEmpty() && termStarts.get(termStarts.size() - 1).index() >= from) {
            termStarts.remove(termStarts.size() - 1);
        }
        lastIndex = from - 1;
    }

    /** Returns the number of the record that holds {@code index}, which must be in the log. */
    int recordOf(long index) {
        int found = Arrays.binarySearch(firstIndexes, 0, records, index);
        return found >= 0 ? found : -found - 2;
    }

    /** Returns the number of the first record at or behind {@code position}, the last record if there is none. */
    int recordFrom(long position) {
        int found = Arrays.binarySearch(positions, 0, records, position);
        return Math.min(found >= 0 ? found : -found - 1, records - 1);
    }

    boolean isRecord(int record) {
        return record < records;
    }

    long position(int record) {
        return positions[record];
    }

    long firstIndex(int record) {
        return firstIndexes[record];
    }

    /** Returns the last index that counts in {@code record}: what follows there was overwritten by the next one. */
    long lastIndex(int record) {
        return record + 1 < records ? firstIndexes[record + 1] - 1 : lastIndex;
    }
}
