package io.raftlite.node.storage;

import io.raftlite.EntryId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the entries of the log lie: for each record that holds some, its first index and its position; and their terms.
 *
 * <p>A log that was cut in front begins at whatever index comes first.
 */
final class EntryIndex {
    private static final int INITIAL_CAPACITY = 1_024;

    private final List<EntryId> termStarts = new ArrayList<>();
    private long[] firstIndexes = new long[INITIAL_CAPACITY];
    private long[] positions = new long[INITIAL_CAPACITY];
    private int records;
    private long baseIndex;
    private long lastIndex;
    private long anchorPosition = Long.MAX_VALUE;
    private boolean baseKnown;

    /** @param baseKnown whether the log begins with index 1; else it begins with the first entry that is added */
    EntryIndex(boolean baseKnown) {
        this.baseKnown = baseKnown;
    }

    /** Returns the index right before the first one that the log still has, or would have. */
    long baseIndex() {
        return baseIndex;
    }

    long lastIndex() {
        return lastIndex;
    }

    /** Returns the term of an index that the log has, 0 of any other. */
    long term(long index) {
        long term = 0;
        if (index > baseIndex && index <= lastIndex) {
            for (EntryId start : termStarts) {
                term = start.index() <= index ? start.term() : term;
            }
        }
        return term;
    }

    List<EntryId> termStarts() {
        return List.copyOf(termStarts);
    }

    /** Notes that the record at {@code position} lets the log begin anew, behind {@code index}. */
    void install(long position, long index) {
        resetTo(index);
        anchorPosition = position;
    }

    private void resetTo(long index) {
        records = 0;
        termStarts.clear();
        baseIndex = index;
        lastIndex = index;
        baseKnown = true;
    }

    /** Notes that the record at {@code position} begins with {@code firstIndex}, which is right behind the last. */
    void startRecord(long position, long firstIndex) {
        if (!baseKnown) {
            resetTo(firstIndex - 1);
        }
        if (records == positions.length) {
            firstIndexes = Arrays.copyOf(firstIndexes, records * 2);
            positions = Arrays.copyOf(positions, records * 2);
        }
        firstIndexes[records] = lastIndex + 1;
        positions[records] = position;
        anchorPosition = position;
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

    /** Forgets the records that hold nothing above {@code index}. */
    void compactTo(long index) {
        int gone = 0;
        while (gone < records && lastIndex(gone) <= index) {
            gone++;
        }
        records -= gone;
        System.arraycopy(firstIndexes, gone, firstIndexes, 0, records);
        System.arraycopy(positions, gone, positions, 0, records);
        baseIndex = records > 0 ? firstIndexes[0] - 1 : lastIndex;
        while (termStarts.size() > 1 && termStarts.get(1).index() <= baseIndex + 1) {
            termStarts.remove(0);
        }
        if (baseIndex == lastIndex) {
            termStarts.clear();
        }
    }

    /**
     * Returns the position of the first record that is still needed, {@link Long#MAX_VALUE} if none is.
     *
     * <p>Of a log without entries that is the last record that had some, or that installed a snapshot. Without it nothing
     * but votes might be left, and that looks like a log that never had an entry: its snapshot would not be taken for its
     * base.
     */
    long firstPosition() {
        return records > 0 ? positions[0] : anchorPosition;
    }

    void truncateFrom(long from) {
        if (from <= baseIndex) {
            // What lay in front of a log that was cut, and behind it, was overwritten: it begins with what comes next.
            resetTo(from - 1);
            baseKnown = false;
            return;
        }
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
