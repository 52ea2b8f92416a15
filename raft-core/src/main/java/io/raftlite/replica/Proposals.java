package io.raftlite.replica;

import io.raftlite.Clock;
import io.raftlite.Entry;
import io.raftlite.Proposal;
import io.raftlite.Raft;
import io.raftlite.RaftConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The commands that are to be proposed next, together, and those who wait for them.
 *
 * <p>A round leads a batch from proposed to applied. While one is under way, the next batch gathers: it shares a force of each
 * disk, a message to each peer and a task of the state machine (Ongaro's dissertation §10.2.2 "Batching and pipelining"). That
 * may cost a command the rest of a round, so it is done only where rounds are short and not for the sake of a few commands. Where
 * rounds are long, because the servers are far apart or their disks slow, nothing waits, and many batches are under way.
 */
final class Proposals {
    /** Fewer commands under way are not waited for: two clients would take turns, each waiting out the round of the other. */
    private static final int MANY = 4;

    private static final long SHORT_ROUND_NANOS = 2_000_000;

    /** One short round in this time suffices: many take longer because a processor or a disk is busy. */
    private static final long SHORT_ROUND_MEMORY_NANOS = 10_000_000_000L;

    /** A round that lasts longer is not waited for. No timer is set: the next turn comes with a heartbeat at the latest. */
    private static final long PATIENCE_NANOS = 10_000_000;

    private final RaftConfig config;
    private final Raft raft;
    private final Clock clock;
    private final Requests requests;
    private final List<Proposal> gathered = new ArrayList<>();
    private final List<CompletableFuture<Applied>> answers = new ArrayList<>();
    private long bytes;

    private long proposedNanos;

    /** The last request of the round that is measured. It need not be the latest, or rounds that overlap were never measured. */
    private long measuredRequest;

    private long measuredSinceNanos;
    private long shortRoundNanos;

    /** @param requests takes those who wait, once their commands are proposed */
    Proposals(RaftConfig config, Raft raft, Clock clock, Requests requests) {
        this.config = config;
        this.raft = raft;
        this.clock = clock;
        this.requests = requests;
        this.shortRoundNanos = clock.nanoTime() - SHORT_ROUND_MEMORY_NANOS;
    }

    int size() {
        return gathered.size();
    }

    void add(Proposal proposal, CompletableFuture<Applied> answer) {
        gathered.add(proposal);
        answers.add(answer);
        bytes += proposal.payloadBytes() + Entry.OVERHEAD_BYTES;
    }

    /** Ends a turn: proposes what has gathered, unless it should wait for the end of a round. */
    void propose() {
        if (gathered.isEmpty()) {
            return;
        }
        long now = clock.nanoTime();
        if (waits(now)) {
            return;
        }
        long first = requests.nextId();
        long deadline = now + config.requestTimeout().toNanos();
        answers.forEach(answer -> requests.add(answer, null, 0, deadline));
        proposedNanos = now;
        if (requests.get(measuredRequest) == null) {
            measuredRequest = requests.nextId() - 1;
            measuredSinceNanos = now;
        }
        raft.propose(first, gathered);
        clear();
    }

    /** What would be refused waits for nothing. */
    private boolean waits(long now) {
        return now - shortRoundNanos < SHORT_ROUND_MEMORY_NANOS
                && requests.commands() >= MANY
                && now - proposedNanos < PATIENCE_NANOS
                && bytes < config.maxAppendBytes()
                && raft.takesProposals();
    }

    /** Takes the fact that the command of a request was applied. */
    void applied(long request) {
        if (request != measuredRequest) {
            return;
        }
        long now = clock.nanoTime();
        if (now - measuredSinceNanos < SHORT_ROUND_NANOS) {
            shortRoundNanos = now;
        }
    }

    /** Takes out all that has gathered, and returns who waits for it. */
    List<CompletableFuture<Applied>> removeAll() {
        List<CompletableFuture<Applied>> all = List.copyOf(answers);
        clear();
        return all;
    }

    private void clear() {
        gathered.clear();
        answers.clear();
        bytes = 0;
    }
}
