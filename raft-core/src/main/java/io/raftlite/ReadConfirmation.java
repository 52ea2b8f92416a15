package io.raftlite;

import io.raftlite.Message.ReadIndexResponse;

/**
 * How a leader makes sure that it still leads before reads are served: by a round of heartbeats, or by a lease. Dissertation
 * §6.4 "Processing read-only queries more efficiently".
 */
final class ReadConfirmation {
    /** For how much of the base election timeout voters are asked to keep to this leader. */
    private static final long LEASE_PERCENT = 80;

    /** How much of that is relied on; the rest is for clocks that run apart. */
    private static final long RELIED_ON_PERCENT = 90;

    private final Server server;
    private final ReadQueue reads;
    private final Replication replication;
    private final LeadershipTransfer transfer;

    ReadConfirmation(Server server, ReadQueue reads, Replication replication, LeadershipTransfer transfer) {
        this.server = server;
        this.reads = reads;
        this.replication = replication;
        this.transfer = transfer;
    }

    /** Lets go of the reads of every round that a majority has echoed. */
    void confirm() {
        long echoed = server.quorum()
                .reachedBy(id -> id.equals(server.self())
                        ? reads.sequence()
                        : replication.peer(id).readEcho());
        for (ReadQueue.Waiting read : reads.confirm(echoed)) {
            if (read.asked().isPresent()) {
                server.outbox()
                        .sendAfterTerm(new ReadIndexResponse(
                                server.envelopes().answer(read.asked().get()),
                                server.term(),
                                true,
                                read.index(),
                                server.commitIndex()));
            } else {
                server.results().add(new Ready.ReadConfirmed(read.request(), read.index()));
            }
        }
    }

    /** Returns for how long the next heartbeat asks voters to help nobody else; 0 if no lease is wanted. */
    long leaseMillis() {
        boolean wanted = server.config().leaseReads() && !transfer.everOrdered();
        return wanted ? server.config().electionTimeout().toMillis() * LEASE_PERCENT / 100 : 0;
    }

    /**
     * Tells whether a majority has promised to help nobody else to lead, for long enough.
     *
     * <p>A promise counts from when the heartbeat that it answers was sent, which is earlier than the voter counts it.
     * Dissertation §6.4.1 "Using clocks to reduce messaging for read-only queries".
     */
    boolean holdsLease(long now) {
        long since = server.quorum()
                .reachedBy(id ->
                        id.equals(server.self()) ? now : replication.peer(id).leasedSinceNanos());
        boolean promised = since != Long.MIN_VALUE && leaseMillis() > 0;
        return promised && now - since < leaseMillis() * 1_000_000 * RELIED_ON_PERCENT / 100;
    }

    /** Forgets every promise, and those that are on their way. */
    void endLease() {
        replication.peers().forEach(PeerState::endLease);
    }
}
