package io.raftlite;

/**
 * Remembers, from one check to the next, what must never go back in one run of a server; no part of the protocol's state.
 */
final class Witness {
    private long term;
    private NodeId votedFor = NodeId.NONE;
    private long commitIndex;
    private long durableSnapshot;

    Witness copy() {
        Witness copy = new Witness();
        copy.term = term;
        copy.votedFor = votedFor;
        copy.commitIndex = commitIndex;
        copy.durableSnapshot = durableSnapshot;
        return copy;
    }

    void check(HardState now, long commitNow, long snapshotNow) {
        Checks.check(now.term() >= term, "the term never falls", term);
        Checks.check(
                now.term() > term || votedFor.isNone() || votedFor.equals(now.votedFor()),
                "a vote is never taken back within its term",
                votedFor);
        Checks.check(commitNow >= commitIndex, "the commit index never falls", commitIndex);
        Checks.check(snapshotNow >= durableSnapshot, "the latest snapshot never gets older", durableSnapshot);
        term = now.term();
        votedFor = now.votedFor();
        commitIndex = commitNow;
        durableSnapshot = snapshotNow;
    }
}
