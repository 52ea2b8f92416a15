package io.raftlite.mutants;

import static io.raftlite.mutants.Mutant.explored;
import static io.raftlite.mutants.Mutant.simulated;
import static io.raftlite.mutants.Mutant.told;

import java.util.List;

/** Faults in linearizable reads. */
final class ReadMutants {
    private ReadMutants() {}

    static List<Mutant> all() {
        return List.of(
                explored(
                        "a leader answers reads without asking",
                        "Leader.java",
                        "reads.add(request, Math.max(server.commitIndex(), noOpIndex));",
                        "server.results().add(new Ready.ReadConfirmed(request, Math.max(server.commitIndex(), noOpIndex)));",
                        "reads, quorum"),
                explored(
                        "a new leader answers reads before its no-op",
                        "Leader.java",
                        "reads.add(request, Math.max(server.commitIndex(), noOpIndex));",
                        "reads.add(request, server.commitIndex());",
                        "reads, no-op"),
                explored(
                        "an echo from before the read confirms it",
                        "ReadQueue.java",
                        "sequence++;\n            rounds.add(",
                        "rounds.add(",
                        "reads, sequence"),
                simulated(
                        "a follower reads at its own commit index",
                        "FollowerReads.java",
                        "new Ready.ReadConfirmed(read, response.readIndex())",
                        "new Ready.ReadConfirmed(read, Math.min(server.commitIndex(), response.readIndex()))",
                        "reads, follower"),
                told(
                        "a lease is relied on for too long",
                        "ReadConfirmation.java",
                        "RELIED_ON_PERCENT = 90;",
                        "RELIED_ON_PERCENT = 900;",
                        "lease"),
                told(
                        "a lease counts from when it is answered",
                        "PeerState.java",
                        "leasedSinceNanos = sent.sentNanos;",
                        "leasedSinceNanos = contactNanos;",
                        "lease"),
                told(
                        "a voter forgets what it promised",
                        "Voting.java",
                        "return promised && now < promisedUntilNanos;",
                        "return promised && now < 0;",
                        "lease"),
                told(
                        "a lease outlasts the handing over",
                        "ReadConfirmation.java",
                        "boolean wanted = server.config().leaseReads() && !transfer.everOrdered();",
                        "boolean wanted = server.config().leaseReads();",
                        "lease"),
                told(
                        "a restart ends a promise",
                        "Server.java",
                        "if (config.leaseReads() && term > 0) {",
                        "if (config.leaseReads() && term < 0) {",
                        "lease"));
    }
}
