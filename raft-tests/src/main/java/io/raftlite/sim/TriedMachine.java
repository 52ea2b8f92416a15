package io.raftlite.sim;

import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;

/** A state machine on trial: bytes in and bytes out, and a sentence for everything that it must not do. */
final class TriedMachine {
    /** A command and its place in the log. */
    static final class Step {
        private final long index;
        private final byte[] command;

        Step(long index, byte[] command) {
            this.index = index;
            this.command = command;
        }

        @Override
        public String toString() {
            return "index " + index + ": " + text(command);
        }
    }

    private static final byte SCRIBBLE = 0x5A;
    private static final int MOST_SHOWN = 60;

    private final StateMachine machine;
    private final boolean scribbles;

    /** @param scribbles whether the buffer of a command is written over as soon as the command has been applied */
    TriedMachine(StateMachine machine, boolean scribbles) {
        this.machine = machine;
        this.scribbles = scribbles;
    }

    /** Tells whether the machine lets a command through. */
    boolean accepts(byte[] command) {
        try {
            machine.validate(readOnly(command.clone()));
            return true;
        } catch (IllegalArgumentException refusal) {
            return false;
        } catch (RuntimeException other) {
            throw new SimulationException(
                    "validate refuses by IllegalArgumentException alone: it throws " + other + " at " + text(command),
                    other);
        }
    }

    byte[] apply(Step step) {
        byte[] command = step.command.clone();
        ByteBuffer result;
        try {
            result = Objects.requireNonNull(
                    machine.apply(step.index, readOnly(command)), "no answer, not even an empty one");
        } catch (RuntimeException failure) {
            throw new SimulationException(
                    "apply throws nothing at a command that validate lets through, for the node would halt: it throws "
                            + failure + " at " + text(step.command),
                    failure);
        }
        byte[] answer = bytes(result);
        if (scribbles) {
            Arrays.fill(command, SCRIBBLE);
            Judge.require(
                    Arrays.equals(bytes(result), answer),
                    "apply does not answer with the buffer of the command, which is valid during the call only: it does"
                            + " at " + text(step.command));
        }
        return answer;
    }

    /** Returns an answer, or the name of the failure of this query, which is allowed. */
    byte[] query(byte[] query) {
        try {
            return bytes(machine.query(readOnly(query.clone())));
        } catch (RuntimeException failure) {
            return failure.getClass().getName().getBytes(StandardCharsets.UTF_8);
        }
    }

    Snapshot capture() {
        try {
            return machine.snapshot();
        } catch (RuntimeException failure) {
            throw new SimulationException("snapshot captures the state at any time: it throws " + failure, failure);
        }
    }

    /** Returns what a snapshot of now holds. */
    byte[] state() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            capture().writeTo(out);
        } catch (IOException | RuntimeException failure) {
            throw new SimulationException("a snapshot can be written: it throws " + failure, failure);
        }
        return out.toByteArray();
    }

    /** @param most how many bytes the machine gets at a time */
    void restore(byte[] snapshot, int most) throws IOException {
        machine.restore(new ByteArrayInputStream(snapshot) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, most));
            }
        });
    }

    private static ByteBuffer readOnly(byte[] bytes) {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Shows text as text, anything else in hexadecimal digits. */
    static String text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        boolean readable = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes)
                && text.chars().noneMatch(Character::isISOControl);
        String shown = readable ? '"' + text + '"' : HexFormat.of().formatHex(bytes);
        return shown.length() <= MOST_SHOWN ? shown : shown.substring(0, MOST_SHOWN) + "…";
    }
}
