package io.raftlite.http;

import java.time.Duration;

/**
 * How long each thing may take, all derived from the election timeout, for that is the measure of what still matters.
 *
 * @param connect to open a connection
 * @param heartbeat a heartbeat that takes longer has missed its purpose
 * @param vote a vote waits for the voter's disk, and an election for at most two election timeouts
 * @param append longer than the receiver keeps an append open, so that the receiver ends it and the connection lives
 * @param keepVote how long the receiver keeps a vote request or heartbeat open for the core's answer
 * @param keepAppend how long the receiver keeps an append open for its disk
 * @param silence how long a peer may leave a stream to it silent although it is asked; one that a garbage collection holds up must
 *     not lose the stream for it
 * @param unheard how long nothing may come by a stream from a peer, which asks much more often
 * @param gap how long appends that came too early wait for those before them: long enough for a busy machine, since an append
 *     that the sender knows to be lost is not waited for
 */
record Timeouts(
        Duration connect,
        Duration heartbeat,
        Duration vote,
        Duration append,
        Duration keepVote,
        Duration keepAppend,
        Duration silence,
        Duration unheard,
        Duration gap) {
    private static final Duration SLOW_DISK = Duration.ofSeconds(5);
    private static final Duration SHORTEST_SILENCE = Duration.ofSeconds(2);

    static Timeouts of(Duration electionTimeout) {
        if (electionTimeout.isNegative() || electionTimeout.isZero()) {
            throw new IllegalArgumentException("election timeout must be positive, not " + electionTimeout);
        }
        Duration silence = SHORTEST_SILENCE.compareTo(electionTimeout) > 0 ? SHORTEST_SILENCE : electionTimeout;
        return new Timeouts(
                electionTimeout,
                electionTimeout,
                electionTimeout.multipliedBy(2),
                SLOW_DISK.plus(electionTimeout),
                electionTimeout.multipliedBy(3).dividedBy(2),
                SLOW_DISK,
                silence,
                silence.multipliedBy(10),
                electionTimeout.dividedBy(2));
    }
}
