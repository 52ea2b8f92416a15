package io.raftlite;

import java.util.ArrayList;
import java.util.List;

/**
 * The configurations of one server's log: that of its base, and every one behind it.
 *
 * <p>A configuration is in force from the moment its entry is appended, committed or not (Raft paper §6), so a truncation
 * brings an earlier one back, and a snapshot must remember the one in force at its index:
 *
 * <pre>
 *   index   base 10      14          17
 *           {A B C}   {A B C D}   {A B C}+{A B D}    in force: that of 17
 *   truncate from 16  → in force: that of 14
 *   compact to 15     → base 15 with {A B C D} of index 14
 * </pre>
 *
 * <p>After a recovery from a lost quorum, configurations from before it are passed over wherever they still turn up.
 */
final class Configurations {
    /** A configuration, and the index of its entry. */
    record At(long index, Configuration configuration) {}

    // The first is that of the base; there is always one.
    private final List<At> stack = new ArrayList<>();

    Configurations(RecoveredState recovered) {
        SnapshotMeta base = recovered.base();
        stack.add(new At(base.configurationIndex(), base.configuration()));
        recovered.configurations().forEach(at -> append(at.index(), at.configuration()));
    }

    private Configurations(Configurations other) {
        stack.addAll(other.stack);
    }

    Configurations copy() {
        return new Configurations(this);
    }

    void hash(StateHash hash) {
        hash.add(stack.size());
        for (At at : stack) {
            hash.add(at.index).add(at.configuration.recoveries());
            at.configuration.members().forEach(member -> hash.add(member.id())
                    .add(member.kind().code())
                    .add(member.incarnation()));
            at.configuration.outgoing().forEach(hash::add);
        }
    }

    /** Returns the configuration in force. */
    At latest() {
        return stack.get(stack.size() - 1);
    }

    /** Returns the configuration that was in force at {@code index}, which is not below the base. */
    At at(long index) {
        int place = stack.size() - 1;
        while (place > 0 && stack.get(place).index > index) {
            place--;
        }
        return stack.get(place);
    }

    /** Returns how many lie behind {@code index}. */
    long countBehind(long index) {
        return stack.stream().filter(at -> at.index > index).count();
    }

    void append(long index, Configuration configuration) {
        if (configuration.recoveries() >= latest().configuration.recoveries()) {
            stack.add(new At(index, configuration));
        }
    }

    /** Takes back the configurations from {@code index} on, and returns whether there were any. */
    boolean truncateFrom(long index) {
        int before = stack.size();
        while (stack.size() > 1 && latest().index >= index) {
            stack.remove(stack.size() - 1);
        }
        return stack.size() < before;
    }

    /** Forgets what was replaced at or before {@code index}. */
    void compactTo(long index) {
        while (stack.size() > 1 && stack.get(1).index <= index) {
            stack.remove(0);
        }
    }

    /**
     * Begins anew with the configuration of a snapshot that lies above {@code commitIndex}, unless what is committed here
     * comes from after a recovery that the snapshot's does not know of. What the dropped tail of the log says of the members
     * goes with it.
     */
    void resetTo(SnapshotMeta snapshot, long commitIndex) {
        At committed = at(commitIndex);
        boolean outdated = snapshot.configuration().recoveries() < committed.configuration.recoveries();
        stack.clear();
        stack.add(outdated ? committed : new At(snapshot.configurationIndex(), snapshot.configuration()));
    }

    void check(long lastIndex) {
        for (int i = 1; i < stack.size(); i++) {
            Checks.check(
                    stack.get(i - 1).index < stack.get(i).index, "configurations are in the order of the log", stack);
        }
        Checks.check(latest().index <= lastIndex, "a configuration lies within the log", latest());
    }
}
