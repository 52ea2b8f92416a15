package io.raftlite.sim;

import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import io.raftlite.sim.TriedMachine.Step;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The rules of {@link StateMachineContract} for the commands of one seed.
 *
 * <p>The order matters: each rule is tried by machines that differ in one thing alone, once all that could be confused with
 * it is known to be sound.
 */
final class MachineTrial {
    private static final int FEW = 8;
    private static final int MANY = 120;
    private static final int PROBES = 10;
    private static final int SHOWN = 10;
    private static final int TRICKLE_BYTES = 3;

    private final Supplier<? extends StateMachine> maker;
    private final boolean snapshotsMayDiffer;
    private final long seed;
    private final Lots lots;
    private final List<byte[]> drawn = new ArrayList<>();
    private final List<byte[]> questions = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private int cut;

    MachineTrial(
            Supplier<? extends StateMachine> maker,
            Function<Lots, ByteBuffer> commands,
            Optional<Function<Lots, ByteBuffer>> queries,
            boolean snapshotsMayDiffer,
            long seed) {
        this.maker = maker;
        this.snapshotsMayDiffer = snapshotsMayDiffer;
        this.seed = seed;
        this.lots = new Lots(seed, "state machine");
        long count = lots.happens(0.5) ? lots.between(1, FEW) : lots.between(1, MANY);
        for (long i = 0; i < count; i++) {
            drawn.add(bytes(commands.apply(lots)));
        }
        for (int i = 0; i < PROBES && queries.isPresent(); i++) {
            questions.add(bytes(queries.get().apply(lots)));
        }
    }

    private static byte[] bytes(ByteBuffer drawn) {
        byte[] bytes = new byte[drawn.remaining()];
        drawn.duplicate().get(bytes);
        return bytes;
    }

    /** Tries every rule, and returns how many commands were applied to each machine. */
    int run() {
        try {
            sift();
            newMachinesAreEmpty();
            applyIsDeterministic();
            applyKeepsNoBuffer();
            validateIsPure();
            queryIsPure();
            snapshotIsAPointInTime();
            restoreReplacesAll();
            return steps.size();
        } catch (SimulationException broken) {
            throw new SimulationException(story(String.valueOf(broken.getMessage())), broken);
        }
    }

    private String story(String rule) {
        StringBuilder text = new StringBuilder(rule);
        text.append(System.lineSeparator())
                .append("seed ")
                .append(seed)
                .append(", ")
                .append(steps.size())
                .append(" commands, captured behind the first ")
                .append(cut)
                .append("; this seed alone: .seeds(")
                .append(seed)
                .append(", ")
                .append(seed)
                .append(")");
        int from = Math.max(0, steps.size() - SHOWN);
        if (from > 0) {
            text.append(System.lineSeparator()).append("  …");
        }
        steps.subList(from, steps.size())
                .forEach(
                        step -> text.append(System.lineSeparator()).append("  ").append(step));
        return text.toString();
    }

    private TriedMachine plain() {
        return new TriedMachine(maker.get(), false);
    }

    /** Keeps the commands that get into a log, and draws how many of them come before the snapshots of this trial. */
    private void sift() {
        TriedMachine machine = plain();
        long index = 0;
        for (byte[] command : drawn) {
            index += lots.between(1, 3);
            if (machine.accepts(command)) {
                steps.add(new Step(index, command));
            }
        }
        cut = (int) lots.between(0, steps.size());
    }

    private List<Step> before() {
        return steps.subList(0, cut);
    }

    private List<Step> after() {
        return steps.subList(cut, steps.size());
    }

    private void newMachinesAreEmpty() {
        byte[] firstState = plain().state();
        plain(steps);
        Judge.require(
                snapshotsMayDiffer || Arrays.equals(firstState, plain().state()),
                "a new machine is empty: after another one has worked, it is not, so that the two share something");
    }

    private void applyIsDeterministic() {
        requireAlike(
                plain(),
                plain(),
                steps,
                "apply is deterministic: two machines that were given the same commands differ in ");
    }

    private void applyKeepsNoBuffer() {
        requireAlike(
                plain(),
                new TriedMachine(maker.get(), true),
                steps,
                "apply does not keep the buffer of a command, which is valid during the call only: once buffers are used"
                        + " again, two machines differ in ");
    }

    private void validateIsPure() {
        TriedMachine fresh = plain();
        TriedMachine asked = plain();
        Iterator<Step> next = steps.iterator();
        int applied = 0;
        for (byte[] command : drawn) {
            boolean accepted = fresh.accepts(command);
            Judge.require(
                    asked.accepts(command) == accepted,
                    "validate depends on the command alone: a new machine "
                            + (accepted ? "accepts " : "refuses ") + TriedMachine.text(command)
                            + ", one that has applied " + applied + " commands does not");
            if (accepted && next.hasNext()) {
                asked.apply(next.next());
                applied++;
            }
        }
        requireAlike(fresh, plain(), steps, "validate changes nothing: a machine that was asked differs in ");
    }

    private void queryIsPure() {
        TriedMachine asked = plain();
        TriedMachine other = plain();
        for (Step step : steps) {
            asked.apply(step);
            other.apply(step);
            for (byte[] question : questions) {
                byte[] answer = asked.query(question);
                byte[] again = asked.query(question);
                Judge.require(
                        Arrays.equals(answer, again),
                        "query changes nothing: " + TriedMachine.text(question) + " is answered by "
                                + TriedMachine.text(answer) + ", and then by " + TriedMachine.text(again));
            }
        }
        requireAlike(asked, plain(steps), List.of(), "query changes nothing: a machine that was asked differs in ");
        requireAlike(asked, other, List.of(), "query answers alike on every replica: two machines differ in ");
    }

    private TriedMachine plain(List<Step> applied) {
        TriedMachine machine = plain();
        applied.forEach(machine::apply);
        return machine;
    }

    /** Applies half of what follows between capture and writing, and then a command at each write. */
    private void snapshotIsAPointInTime() {
        byte[] still = plain(before()).state();
        TriedMachine moving = plain(before());
        Snapshot captured = moving.capture();
        int half = after().size() / 2;
        after().subList(0, half).forEach(moving::apply);
        Iterator<Step> rest = after().subList(half, after().size()).iterator();
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(int one) {
                super.write(one);
                applyNext();
            }

            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                super.write(bytes, offset, length);
                applyNext();
            }

            private void applyNext() {
                if (rest.hasNext()) {
                    moving.apply(rest.next());
                }
            }
        };
        String rule = "a snapshot is a point in time: what is applied after it was captured ";
        try {
            captured.writeTo(out);
        } catch (IOException | RuntimeException failure) {
            throw new SimulationException(rule + "lets its writing fail with " + failure, failure);
        }
        rest.forEachRemaining(moving::apply);
        requireAlike(restored(out.toByteArray()), restored(still), after(), rule + "shows in ");
        requireAlike(
                moving, plain(steps), List.of(), "a snapshot changes nothing: a machine that wrote one differs in ");
    }

    private TriedMachine restored(byte[] snapshot) {
        return restored(plain(), snapshot, Integer.MAX_VALUE, "restore takes what snapshot wrote: it throws ");
    }

    private static TriedMachine restored(TriedMachine machine, byte[] snapshot, int mostBytes, String rule) {
        try {
            machine.restore(snapshot, mostBytes);
            return machine;
        } catch (IOException | RuntimeException failure) {
            throw new SimulationException(rule + failure, failure);
        }
    }

    private void restoreReplacesAll() {
        byte[] snapshot = plain(before()).state();
        requireAlike(
                restored(snapshot),
                plain(before()),
                after(),
                "restore brings back all that was captured: the restored machine and the first differ in ");
        String trickle = "restore reads on until the end, though a stream gives a few bytes at a time: ";
        requireAlike(
                restored(plain(), snapshot, TRICKLE_BYTES, trickle + "it throws "),
                plain(before()),
                after(),
                trickle + "the restored machine and the first differ in ");
        requireAlike(
                restored(plain(steps), snapshot, Integer.MAX_VALUE, "restore replaces any state: it throws "),
                plain(before()),
                after(),
                "restore replaces the whole state: what was there before shows in ");
    }

    /** Compares two machines now, and by what they say to the commands that follow and to queries. */
    private void requireAlike(TriedMachine one, TriedMachine other, List<Step> following, String rule) {
        requireEqualStates(one, other, rule);
        for (Step step : following) {
            requireEqual(one.apply(step), other.apply(step), rule + "their answers to " + step);
        }
        for (byte[] question : questions) {
            String query = TriedMachine.text(question);
            requireEqual(one.query(question), other.query(question), rule + "their answers to the query " + query);
        }
        requireEqualStates(one, other, rule);
    }

    private void requireEqualStates(TriedMachine one, TriedMachine other, String rule) {
        Judge.require(
                snapshotsMayDiffer || Arrays.equals(one.state(), other.state()), rule + "the bytes of their snapshots");
    }

    private static void requireEqual(byte[] answer, byte[] otherAnswer, String rule) {
        Judge.require(
                Arrays.equals(answer, otherAnswer),
                rule + ", which are " + TriedMachine.text(answer) + " and " + TriedMachine.text(otherAnswer));
    }
}
