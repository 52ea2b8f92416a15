package io.raftlite.sim.explore;

import io.raftlite.Clock;
import io.raftlite.Entry;
import io.raftlite.NodeId;
import io.raftlite.Raft;
import io.raftlite.Status;
import java.util.List;

/**
 * One server of a state. The core is never touched again: whoever wants to know what it would do asks a copy of it.
 *
 * @param run how often it has started, counted from 0
 * @param coreHash the core's own hash of its state
 */
record Node(NodeId id, int run, Raft core, Hand clock, Disk disk, Status status, long coreHash, long hash) {

    /** The clock of one server, which goes on only when an action says so. */
    static final class Hand implements Clock {
        private long nanos;

        Hand(long nanos) {
            this.nanos = nanos;
        }

        @Override
        public long nanoTime() {
            return nanos;
        }

        void goTo(long later) {
            nanos = Math.max(nanos, later);
        }
    }

    static Node of(NodeId id, int run, Raft core, Hand clock, Disk disk) {
        // A driver asks for the next deadline after every turn; that it did is part of the core's state.
        long unused = core.nextDeadlineNanos();
        long coreHash = core.stateHash();
        long hash = Hash.with(Hash.with(disk.hash(), run), coreHash);
        return new Node(id, run, core, clock, disk, core.status(), coreHash, hash);
    }

    /** Describes the server in a line: what it is, and its log, of which what lies behind the bar is not durable. */
    @Override
    public String toString() {
        StringBuilder log = new StringBuilder();
        List<Entry> written = disk.written();
        for (int i = 0; i < written.size(); i++) {
            log.append(i == status.durableIndex() ? "| " : "")
                    .append(written.get(i).term())
                    .append(' ');
        }
        return id + ": " + status.role() + " term " + status.term() + ", voted for " + status.votedFor() + ", commit "
                + status.commitIndex() + ", log " + log + "writes under way: "
                + disk.pending().size();
    }
}
