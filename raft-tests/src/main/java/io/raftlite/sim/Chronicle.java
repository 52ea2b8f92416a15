package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.StateMachine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is committed, once and for all, with the state to which it leads: the judge's own replica of everything. */
final class Chronicle {
    /** A committed entry: in which term that was first seen, what it gives to the state machine, and what comes of it. */
    private record Line(
            Entry entry, long observedTerm, Optional<ByteBuffer> command, Optional<ByteBuffer> result, int state) {}

    private final List<Line> lines = new ArrayList<>();
    private final TreeMap<Long, Configuration> configurations = new TreeMap<>();
    private final SessionModel sessions = new SessionModel();
    private final StateMachine machine;
    private final boolean snapshotsMayDiffer;
    private final int firstState;

    /** @param snapshotsMayDiffer whether the bytes of a snapshot do not tell two states apart */
    Chronicle(Configuration birth, StateMachine machine, boolean snapshotsMayDiffer) {
        configurations.put(0L, birth);
        this.machine = machine;
        this.snapshotsMayDiffer = snapshotsMayDiffer;
        this.firstState = state(machine);
    }

    /** Returns a number that is equal for equal states. */
    int state(StateMachine machine) {
        if (snapshotsMayDiffer) {
            return 0;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            machine.snapshot().writeTo(out);
        } catch (IOException failure) {
            throw new SimulationException("a state could not be written: " + failure, failure);
        }
        return Arrays.hashCode(out.toByteArray());
    }

    void add(Entry entry, long observedTerm) {
        if (entry.type() == Entry.Type.CONFIGURATION) {
            configurations.put(entry.index(), Configuration.decode(entry.payload()));
        }
        Optional<ByteBuffer> command = sessions.next(entry);
        Optional<ByteBuffer> result = command.map(bytes -> machine.apply(entry.index(), bytes.duplicate()));
        int state = command.isPresent() ? state(machine) : stateAt(entry.index() - 1);
        lines.add(new Line(entry, observedTerm, command, result, state));
    }

    long lastIndex() {
        return lines.size();
    }

    Entry entry(long index) {
        return lines.get((int) index - 1).entry;
    }

    Optional<ByteBuffer> command(long index) {
        return lines.get((int) index - 1).command;
    }

    Optional<ByteBuffer> result(long index) {
        return lines.get((int) index - 1).result;
    }

    int stateAt(long index) {
        return index == 0 ? firstState : lines.get((int) index - 1).state;
    }

    /** Returns the last entry that was seen to be committed in a term before {@code term}. */
    Optional<EntryId> lastBefore(long term) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            if (lines.get(i).observedTerm < term) {
                return Optional.of(lines.get(i).entry.id());
            }
        }
        return Optional.empty();
    }

    /** Returns the latest configuration that is committed. */
    Configuration configuration() {
        return configurations.lastEntry().getValue();
    }

    /** Returns the index of the latest configuration that is committed. */
    long configurationIndex() {
        return configurations.lastKey();
    }

    /** Tells whether a snapshot claims to stand for what is committed, and for no more. */
    boolean confirms(SnapshotMeta snapshot) {
        if (snapshot.index() > lastIndex() || snapshot.index() == 0) {
            return false;
        }
        Entry last = entry(snapshot.index());
        Map.Entry<Long, Configuration> inForce = configurations.floorEntry(snapshot.index());
        return last.id().equals(snapshot.last())
                && last.timeMillis() == snapshot.timeMillis()
                && inForce.getKey() == snapshot.configurationIndex()
                && inForce.getValue().equals(snapshot.configuration());
    }
}
