package io.raftlite.replica;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.RaftException;
import io.raftlite.SnapshotMeta;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Runs the state machine, and decides which commands were applied before: the only part of a replica that lives on the
 * applier's thread.
 *
 * <p>Once the state machine has failed, it is not called again: what it holds may be half of a command.
 */
final class Applier {
    /** An answer that is known and may now be told. */
    record Answer(CompletableFuture<Applied> future, Optional<Applied> applied, Optional<RaftException> refusal) {
        void tell() {
            applied.ifPresent(future::complete);
            refusal.ifPresent(future::completeExceptionally);
        }
    }

    /** The whole state at one moment, and the place in the log that it stands for. */
    record Captured(long index, long timeMillis, Snapshot content) {}

    private static final int FORMAT = 1;

    private final StateMachine machine;
    private Sessions sessions = new Sessions();
    private long appliedIndex;
    private long timeMillis;
    private boolean failed;

    Applier(StateMachine machine) {
        this.machine = machine;
    }

    /**
     * Applies entries in their order, at least one.
     *
     * @param waiting who waits for each of them, or null
     * @throws ApplyFailedException if the state machine refused a committed command, now or before
     */
    List<Answer> apply(List<Entry> entries, List<@Nullable CompletableFuture<Applied>> waiting) {
        List<Answer> answers = new ArrayList<>();
        requireSound(entries.get(0).id());
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.index() != appliedIndex + 1) {
                throw new IllegalStateException("broken invariant: " + entry + " is applied behind " + appliedIndex);
            }
            timeMillis = entry.timeMillis();
            sessions.expire(timeMillis);
            Optional<Applied> applied = Optional.empty();
            Optional<RaftException> refusal = Optional.empty();
            try {
                applied = apply(entry);
            } catch (RaftException.Rejected rejected) {
                refusal = Optional.of(rejected);
            } catch (IllegalArgumentException | BufferUnderflowException unreadable) {
                failed = true;
                throw new ApplyFailedException(entry.id(), unreadable);
            }
            appliedIndex = entry.index();
            CompletableFuture<Applied> future = waiting.get(i);
            if (future != null) {
                answers.add(new Answer(future, applied, refusal));
            }
        }
        return answers;
    }

    private void requireSound(EntryId next) {
        if (failed) {
            throw new ApplyFailedException(next, new IllegalStateException("it has failed before"));
        }
    }

    private Optional<Applied> apply(Entry entry) {
        ByteBuffer payload = entry.payload();
        return switch (entry.type()) {
            case NO_OP, CONFIGURATION -> Optional.of(applied(entry, ByteBuffer.allocate(0)));
            case REGISTER -> {
                sessions.register(entry.index(), entry.timeMillis());
                yield Optional.of(applied(entry, ByteBuffer.allocate(0)));
            }
            case COMMAND -> Optional.of(applied(entry, run(entry, payload)));
            case SESSION_COMMAND -> {
                Origin.InSession origin = Origin.InSession.decode(payload);
                yield Optional.of(once(entry, origin, sessions.find(origin, entry.timeMillis()), payload));
            }
            case KEYED_COMMAND -> {
                Origin.Keyed origin = Origin.Keyed.decode(payload);
                yield Optional.of(once(entry, origin, sessions.find(origin), payload));
            }
        };
    }

    private static Applied applied(Entry entry, ByteBuffer result) {
        return new Applied(result, entry.index(), entry.term());
    }

    /** Applies a command, unless it was applied before; then its first answer is given again. */
    private Applied once(Entry entry, Origin origin, Optional<Kept> before, ByteBuffer command) {
        if (before.isPresent()) {
            EntryId place = before.get().place();
            ByteBuffer result = before.get()
                    .result()
                    .orElseThrow(() -> new RaftException.Rejected(
                            RaftException.Rejected.Reason.ALREADY_SEEN,
                            "the command was applied at " + place
                                    + ", and its answer was too large to be kept until now"));
            return new Applied(result, place.index(), place.term(), true);
        }
        ByteBuffer result = run(entry, command);
        sessions.keep(origin, entry.id(), entry.timeMillis(), result);
        return applied(entry, result);
    }

    private ByteBuffer run(Entry entry, ByteBuffer command) {
        try {
            return machine.apply(entry.index(), command);
        } catch (RuntimeException | Error cause) {
            failed = true;
            throw new ApplyFailedException(entry.id(), cause);
        }
    }

    /** Answers a query from what has been applied so far. */
    Applied query(ByteBuffer query, long term) {
        requireSound(new EntryId(appliedIndex, term));
        return new Applied(machine.query(query), appliedIndex, term);
    }

    long appliedIndex() {
        return appliedIndex;
    }

    /** Captures everything that the entries so far have made. */
    Captured capture() {
        requireSound(EntryId.ZERO);
        Sessions heldSessions = sessions.copy();
        Snapshot heldMachine = machine.snapshot();
        return new Captured(appliedIndex, timeMillis, out -> {
            DataOutputStream data = new DataOutputStream(out);
            data.writeByte(FORMAT);
            heldSessions.writeTo(data);
            data.flush();
            heldMachine.writeTo(out);
        });
    }

    /** Replaces everything by a snapshot. */
    void restore(SnapshotMeta snapshot, InputStream content) {
        try (DataInputStream in = new DataInputStream(content)) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new IOException("it has the unknown format " + format + ": it was written by a newer version");
            }
            sessions = Sessions.readFrom(in);
            machine.restore(in);
        } catch (IOException | RuntimeException | Error cause) {
            failed = true;
            throw new ApplyFailedException(snapshot.last(), cause);
        }
        appliedIndex = snapshot.index();
        timeMillis = snapshot.timeMillis();
    }

    /** The state machine failed on a committed command, or on a snapshot: this replica can go no further. */
    static final class ApplyFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ApplyFailedException(EntryId entry, Throwable cause) {
            super("the state machine failed at " + entry + ": " + cause, cause);
        }
    }
}
