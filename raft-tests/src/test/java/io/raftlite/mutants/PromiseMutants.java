package io.raftlite.mutants;

import static io.raftlite.mutants.Mutant.explored;
import static io.raftlite.mutants.Mutant.simulated;
import static io.raftlite.mutants.Mutant.told;

import java.util.List;

/** Faults in what is promised, counted and applied: each of the rules R1 to R11 is broken at least once. */
final class PromiseMutants {
    private PromiseMutants() {}

    static List<Mutant> all() {
        return List.of(
                explored(
                        "messages wait for no write of term and vote",
                        "Outbox.java",
                        "sendAfter(termFence, message);",
                        "transport.send(message);",
                        "R1 term fence"),
                explored(
                        "a candidacy waits for no write",
                        "Server.java",
                        "votedFor = self();\n        outbox.termChanged(writes.change());",
                        "votedFor = self();\n        writes.change();",
                        "R1 term fence"),
                explored(
                        "a candidate counts its own vote before it is durable",
                        "Candidate.java",
                        "    void begin() {",
                        "    void begin() {\n        standing = true;\n        grantedBy(server.self());",
                        "R1 term fence"),
                explored(
                        "an acknowledgement waits for term and vote only",
                        "Outbox.java",
                        "sendAfter(writes.issued(), message);",
                        "sendAfter(termFence, message);",
                        "R2 acknowledgement fence"),
                explored(
                        "the answer to a heartbeat counts as an acknowledgement",
                        "Leader.java",
                        "peer.progress().heartbeatAnswered(response.envelope().nonce(), response.matchIndex());",
                        "replication.accepted(peer, response.matchIndex());\n            commit();",
                        "R2 acknowledgement fence"),
                explored(
                        "appends wait for the leader's own disk",
                        "Replication.java",
                        "                reads.sequence());\n        server.outbox().sendAfterTerm(request);",
                        "                reads.sequence());\n        server.outbox().sendAfterWrites(request);",
                        "R3 the early class"),
                explored(
                        "a finished write counts for entries that a later one drops",
                        "PersistQueue.java",
                        "durable = dropped(durable, later.dropsFrom);",
                        "durable = dropped(durable, 0);",
                        "R4 durable mark"),
                explored(
                        "one finished write counts for all that are under way",
                        "PersistQueue.java",
                        "while (!outstanding.isEmpty() && outstanding.peek().sequence <= sequence) {",
                        "while (!outstanding.isEmpty()) {",
                        "R4 durable mark"),
                explored(
                        "a write that is being formed drops nothing",
                        "PersistQueue.java",
                        "durableIndex = dropped(durable, dropsFrom);",
                        "durableIndex = durable;",
                        "R4 durable mark"),
                explored(
                        "the leader counts its own log before it is durable",
                        "Leader.java",
                        "? server.durableIndex()",
                        "? server.log().lastIndex()",
                        "R5 commit"),
                explored(
                        "replicas are counted for entries of earlier terms",
                        "Leader.java",
                        "if (index > server.settledIndex() && server.log().term(index) == server.term()) {",
                        "if (index > server.settledIndex()) {",
                        "R5 commit, figure 8"),
                explored(
                        "applied is what is committed, durable or not",
                        "ApplyCursor.java",
                        "long last = Math.min(commitIndex, durableIndex);",
                        "long last = commitIndex;",
                        "R6 apply"),
                simulated(
                        "a follower commits all that its leader has",
                        "Follower.java",
                        "server.commitTo(Math.min(request.leaderCommit(), match));",
                        "server.commitTo(request.leaderCommit());",
                        "R7 a follower's commit"),
                simulated(
                        "a heartbeat commits what was never compared",
                        "Follower.java",
                        "server.commitTo(Math.min(heartbeat.leaderCommit(), verifiedIndex));",
                        "server.commitTo(Math.min(heartbeat.leaderCommit(), server.log().lastIndex()));",
                        "R7 a follower's commit"),
                explored(
                        "everything that is found on the disk counts as committed",
                        "Server.java",
                        "Math.max(base, Math.min(recovered.commitHint(), recovered.lastIndex())));",
                        "recovered.lastIndex());",
                        "R8 the hint"),
                simulated(
                        "the hint counts even if the snapshot is further",
                        "Server.java",
                        "Math.max(base, Math.min(recovered.commitHint(), recovered.lastIndex())));",
                        "Math.min(recovered.commitHint(), recovered.lastIndex()));",
                        "R8 the hint"),
                explored(
                        "a write that nobody issued is believed to be durable",
                        "PersistQueue.java",
                        "                || sequence < outstanding.peek().sequence\n                || sequence > outstanding.getLast().sequence) {",
                        "                || sequence < outstanding.peek().sequence) {",
                        "R9 unknown facts"),
                told(
                        "an answer of an earlier membership counts",
                        "PeerState.java",
                        "return answer.session() == session\n                && answer.nonce() >= firstNonce\n                && (incarnation",
                        "return (incarnation",
                        "R10 sessions and nonces"),
                simulated(
                        "a wiped disk speaks for the member it was",
                        "Server.java",
                        ".filter(member -> member.incarnation() != 0 && member.incarnation() != envelope.incarnation())",
                        ".filter(member -> member.incarnation() < 0)",
                        "R10 incarnations"),
                simulated(
                        "an overwritten command is acknowledged",
                        "ProposalTracker.java",
                        "while (kept < batch.count && log.term(batch.firstIndex + kept) == batch.term) {",
                        "while (kept < batch.count) {",
                        "R11 outcomes"));
    }
}
