package io.raftlite.mutants;

import static io.raftlite.mutants.Mutant.explored;
import static io.raftlite.mutants.Mutant.simulated;

import java.util.List;

/** Faults in elections. */
final class ElectionMutants {
    private ElectionMutants() {}

    static List<Mutant> all() {
        return List.of(
                explored(
                        "half is a majority",
                        "Quorum.java",
                        "return values[(values.length - 1) / 2];",
                        "return values[values.length / 2];",
                        "quorums meet"),
                explored(
                        "one fewer than a majority is enough",
                        "Quorum.java",
                        "return values[(values.length - 1) / 2];",
                        "return values[Math.min(values.length - 1, (values.length + 1) / 2)];",
                        "quorums meet"),
                explored(
                        "a vote is given without a look at the log",
                        "Voting.java",
                        "} else if (!request.lastLog().isAtLeastAsUpToDateAs(ours)) {",
                        "} else if (request.lastLog().index() < 0) {",
                        "election restriction"),
                explored(
                        "the longer log wins, whatever its terms",
                        "EntryId.java",
                        "return term != other.term ? Long.compare(term, other.term) : Long.compare(index, other.index);",
                        "return Long.compare(index, other.index);",
                        "election restriction"),
                explored(
                        "a second vote is given in a term",
                        "Voting.java",
                        "if (!votedFor.isNone() && !votedFor.equals(candidate)) {",
                        "if (candidate.isNone()) {",
                        "one vote a term"),
                explored(
                        "the vote is forgotten on stepping down",
                        "Server.java",
                        "Follower follower = new Follower(this, leader);",
                        "votedFor = NodeId.NONE;\n        Follower follower = new Follower(this, leader);",
                        "one vote a term"),
                explored(
                        "a refused vote counts",
                        "Candidate.java",
                        "        if (response.granted()) {",
                        "        if (response.term() > 0) {",
                        "quorums meet"),
                explored(
                        "whoever was told to stand needs no majority",
                        "Candidate.java",
                        "if (standing && server.quorum().isHeldBy(granted::contains)) {",
                        "if (standing && (transfer || server.quorum().isHeldBy(granted::contains))) {",
                        "transfer"),
                explored(
                        "a pre-vote changes the term",
                        "TermGate.java",
                        "if (message instanceof PreVoteRequest) {",
                        "if (message instanceof PreVoteRequest) {\n            if (message.term() > server.term()) {\n                adoptTermOf(message);\n            }",
                        "pre-vote"),
                explored(
                        "a candidate deposes a leader that is heard",
                        "Voting.java",
                        "return !request.transfer() && isLoyal(request.envelope().from(), now);",
                        "return false;",
                        "stickiness"),
                simulated(
                        "a leader that hears nobody goes on",
                        "Leader.java",
                        "if (!hearsLeader(now)) {",
                        "if (now < sinceNanos) {",
                        "check-quorum"),
                explored(
                        "a new leader appends nothing",
                        "Leader.java",
                        "server.append(Entry.of(server.nextId(), logTimeMillis(), Entry.Type.NO_OP, ByteBuffer.allocate(0)));",
                        "",
                        "no-op"));
    }
}
