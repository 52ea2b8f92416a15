package io.raftlite.sim.explore;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.util.ArrayList;
import java.util.List;

/**
 * What one server has written; an immutable value. A crash keeps what is durable and any prefix of the writes under way.
 *
 * @param hardState the durable term and vote
 * @param commitHint the durable commit index
 * @param durable the durable log
 * @param pending the writes under way, in their order
 * @param written the log as it will be once they are durable
 */
record Disk(
        HardState hardState, long commitHint, List<Entry> durable, List<Ready.Persist> pending, List<Entry> written) {

    static Disk of(HardState hardState, List<Entry> log) {
        return new Disk(hardState, 0, log, List.of(), log);
    }

    long hash() {
        long hash = Hash.with(Hash.of(hardState.votedFor()), hardState.term());
        hash = Hash.with(Hash.with(hash, commitHint), Hash.of(durable));
        for (Ready.Persist persist : pending) {
            HardState next = persist.hardState();
            hash = Hash.with(Hash.with(hash, next.term()), Hash.of(next.votedFor()));
            hash = Hash.with(Hash.with(hash, persist.commitHint()), persist.truncateFrom());
            hash = Hash.with(hash, Hash.of(persist.entries()));
        }
        return hash;
    }

    /** Takes one more write. */
    Disk write(Ready.Persist persist) {
        HardState before =
                pending.isEmpty() ? hardState : pending.get(pending.size() - 1).hardState();
        HardState next = persist.hardState();
        Judge.require(next.term() >= before.term(), "the term on disk never falls", persist);
        Judge.require(
                next.term() > before.term()
                        || before.votedFor().isNone()
                        || before.votedFor().equals(next.votedFor()),
                "a vote on disk stands for its term",
                persist);
        List<Ready.Persist> more = new ArrayList<>(pending);
        more.add(persist);
        return new Disk(hardState, commitHint, durable, more, changed(written, persist));
    }

    /** The oldest {@code count} writes become durable. */
    Disk persist(int count) {
        List<Entry> log = durable;
        for (Ready.Persist persist : pending.subList(0, count)) {
            log = changed(log, persist);
        }
        Ready.Persist last = pending.get(count - 1);
        List<Ready.Persist> later = List.copyOf(pending.subList(count, pending.size()));
        return new Disk(last.hardState(), last.commitHint(), log, later, written);
    }

    /** Returns what is left after a crash that the oldest {@code survivors} of the writes under way outlive. */
    Disk crash(int survivors) {
        Disk kept = survivors == 0 ? this : persist(survivors);
        return new Disk(kept.hardState, kept.commitHint, kept.durable, List.of(), kept.durable);
    }

    private static List<Entry> changed(List<Entry> log, Ready.Persist persist) {
        Judge.require(persist.install().isEmpty(), "no snapshot is installed where none is taken", persist);
        List<Entry> changed = log;
        if (persist.truncateFrom() > 0 && persist.truncateFrom() <= log.size()) {
            changed = log.subList(0, (int) persist.truncateFrom() - 1);
        }
        changed = new ArrayList<>(changed);
        for (Entry entry : persist.entries()) {
            Judge.require(entry.index() == changed.size() + 1, "a write leaves no gap", persist);
            changed.add(entry);
        }
        return changed;
    }

    static boolean holds(List<Entry> log, EntryId id) {
        return id.index() <= log.size() && log.get((int) id.index() - 1).term() == id.term();
    }

    /** Returns what a server finds that starts on this disk, in a cluster that was born as {@code birth} says. */
    RecoveredState recovered(SnapshotMeta birth) {
        List<EntryId> starts = new ArrayList<>();
        List<RecoveredState.ConfigurationAt> configurations = new ArrayList<>();
        long term = -1;
        for (Entry entry : durable) {
            if (entry.term() != term) {
                starts.add(entry.id());
                term = entry.term();
            }
            if (entry.type() == Entry.Type.CONFIGURATION) {
                Configuration configuration = Configuration.decode(entry.payload());
                configurations.add(new RecoveredState.ConfigurationAt(entry.index(), configuration));
            }
        }
        return new RecoveredState(hardState, commitHint, birth, configurations, starts, durable.size(), durable);
    }
}
