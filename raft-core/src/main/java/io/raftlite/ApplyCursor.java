package io.raftlite;

import java.util.List;
import java.util.Optional;

/**
 * How far the log is committed, handed out to the state machine, and applied; in this order, each at most the one before.
 */
final class ApplyCursor {
    private static final long MAX_RANGE_BYTES = 1 << 20;

    private long commitIndex;
    private long applyingIndex;
    private long appliedIndex;

    /** @param baseIndex what the state machine holds from the start */
    ApplyCursor(long baseIndex, long commitIndex) {
        this.commitIndex = commitIndex;
        this.applyingIndex = baseIndex;
        this.appliedIndex = baseIndex;
    }

    ApplyCursor copy() {
        ApplyCursor copy = new ApplyCursor(applyingIndex, commitIndex);
        copy.appliedIndex = appliedIndex;
        return copy;
    }

    void hash(StateHash hash) {
        hash.add(commitIndex).add(applyingIndex).add(appliedIndex);
    }

    long commitIndex() {
        return commitIndex;
    }

    long appliedIndex() {
        return appliedIndex;
    }

    /** Raises the commit index; it never falls. */
    void commitTo(long index) {
        commitIndex = Math.max(commitIndex, index);
    }

    /** Takes the fact that the state machine has come as far as {@code index}. */
    void applied(long index) {
        if (index > appliedIndex && index <= applyingIndex) {
            appliedIndex = index;
        }
    }

    /** Takes the fact that a snapshot of {@code index} is handed out in place of everything up to there. */
    void jumpTo(long index) {
        applyingIndex = Math.max(applyingIndex, index);
    }

    /** Hands out what is committed and durable here, and not before the range before it was applied. */
    Optional<Ready.Apply> next(RaftLog log, long durableIndex) {
        long last = Math.min(commitIndex, durableIndex);
        if (appliedIndex < applyingIndex || last <= applyingIndex) {
            return Optional.empty();
        }
        long first = applyingIndex + 1;
        List<Entry> entries = List.of();
        if (first < log.firstCached()) {
            last = Math.min(last, log.firstCached() - 1);
        } else {
            entries = log.entries(first, last, MAX_RANGE_BYTES);
            last = first + entries.size() - 1;
        }
        applyingIndex = last;
        return Optional.of(new Ready.Apply(first, last, entries));
    }

    void check(long lastIndex, long durableIndex) {
        Checks.check(appliedIndex <= applyingIndex, "applied is at most what was handed out", appliedIndex);
        Checks.check(applyingIndex <= commitIndex, "only what is committed is applied", applyingIndex);
        Checks.check(applyingIndex <= durableIndex, "only what is durable is applied", applyingIndex);
        Checks.check(commitIndex <= lastIndex, "commit is at most the last index", commitIndex);
        Checks.check(durableIndex <= lastIndex, "durable is at most the last index", durableIndex);
    }
}
