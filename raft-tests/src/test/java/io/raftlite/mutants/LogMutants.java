package io.raftlite.mutants;

import static io.raftlite.mutants.Mutant.explored;
import static io.raftlite.mutants.Mutant.simulated;

import java.util.List;

/** Faults in logs, in the snapshots that stand for them, and in the sessions that are part of those. */
final class LogMutants {
    private LogMutants() {}

    static List<Mutant> all() {
        return List.of(
                explored(
                        "entries are dropped without a conflict",
                        "Follower.java",
                        "if (log.term(entry.index()) == entry.term()) {",
                        "if (entry.term() < 0) {",
                        "truncation"),
                explored(
                        "conflicting entries stay",
                        "Follower.java",
                        "server.truncateFrom(entry);",
                        "return;",
                        "truncation"),
                explored(
                        "a follower vouches for one entry too many",
                        "Follower.java",
                        "long match = request.lastIndex();",
                        "long match = request.lastIndex() + 1;",
                        "log matching"),
                explored(
                        "the entry before an append is not compared",
                        "Follower.java",
                        "previous.index() > server.settledIndex() && !log.matches(previous)",
                        "previous.index() > log.lastIndex()",
                        "log matching"),
                explored(
                        "entries that were dropped are still written",
                        "PersistQueue.java",
                        "entries.removeIf(entry -> entry.index() >= from);",
                        "",
                        "log matching"),
                simulated(
                        "a snapshot does not replace the log",
                        "Server.java",
                        "log.resetTo(snapshot);",
                        "",
                        "snapshot install"),
                simulated(
                        "a received snapshot counts before it is written",
                        "Snapshots.java",
                        "if (writing.isPresent() && sequence >= writingSequence) {",
                        "if (writing.isPresent()) {",
                        "snapshot install"),
                simulated(
                        "a received snapshot is kept from the state machine",
                        "Snapshots.java",
                        "            installable = writing;\n",
                        "",
                        "snapshot install"),
                simulated(
                        "a snapshot leaves the old tail on the disk",
                        "PersistQueue.java",
                        "truncateFrom = snapshot.index() + 1;",
                        "truncateFrom = 0;",
                        "snapshot install"),
                simulated(
                        "a snapshot does not change the configuration",
                        "Server.java",
                        "configurations.resetTo(snapshot, commitIndex());",
                        "",
                        "snapshot install"),
                simulated(
                        "a snapshot that is only offered is acknowledged",
                        "Follower.java",
                        "answer(offer, 0, server.snapshots()",
                        "answer(offer, snapshot.index(), server.snapshots()",
                        "R2 acknowledgement fence"),
                simulated(
                        "a repeated command is applied again",
                        "replica/Sessions.java",
                        "return Optional.ofNullable(kept);",
                        "return Optional.empty();",
                        "exactly once"),
                simulated(
                        "a repeated key is applied again",
                        "replica/Sessions.java",
                        "return Optional.ofNullable(keys.get(command.key())).map(KeyedAnswer::kept);",
                        "return Optional.empty();",
                        "exactly once"),
                simulated(
                        "sessions are no part of a snapshot",
                        "replica/Applier.java",
                        "sessions = Sessions.readFrom(in);",
                        "Sessions.readFrom(in);",
                        "exactly once"));
    }
}
