package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.raftlite.node.kv.KeyValueMachine;
import io.raftlite.node.kv.Query;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Sound machines pass; each of the others breaks one rule, and the trial must name that one. */
class StateMachineContractTest {
    private static StateMachineContract trial(Supplier<StateMachine> machine) {
        return StateMachineContract.of(machine)
                .commands(Words::drawn)
                .queries(Words::question)
                .seeds(1, 60);
    }

    private static void assertBroken(Supplier<StateMachine> machine, String rule) {
        assertThatExceptionOfType(SimulationException.class)
                .isThrownBy(() -> trial(machine).check())
                .withMessageStartingWith(rule)
                .withMessageContaining("seed ")
                .withMessageContaining("this seed alone: .seeds(");
    }

    @Test
    void a_sound_machine_passes() {
        assertThatCode(() -> trial(Words::new).check()).doesNotThrowAnyException();
    }

    @Test
    void the_registers_of_the_simulator_pass() {
        StateMachineContract.of(Registers::new)
                .commands(lots -> {
                    String key = lots.oneOf(List.of("x", "y", "z"));
                    return lots.happens(0.5)
                            ? Registers.add(key, lots.between(1, 3))
                            : Registers.compareAndSet(key, lots.between(0, 3), lots.between(0, 3));
                })
                .queries(lots -> Registers.get(lots.oneOf(List.of("x", "y", "z"))))
                .check();
    }

    @Test
    void the_key_value_store_passes() {
        StateMachineContract.of(KeyValueMachine::new)
                .commands(lots -> {
                    String key = "k" + lots.between(1, 4);
                    String command = lots.oneOf(List.of(
                            "SET " + key + "=5",
                            "SET " + key + "=word",
                            "INCR " + key,
                            "CAS " + key + " 5 6",
                            "DEL " + key + " k1",
                            "GET " + key,
                            "any text",
                            "CAS too few"));
                    return Words.bytes(command);
                })
                .queries(lots -> lots.happens(0.5)
                        ? Query.get("k" + lots.between(1, 4))
                        : Query.list("k", "", (int) lots.between(1, 3)))
                .check();
    }

    @Test
    void answers_that_are_not_a_matter_of_the_commands_are_told() {
        int[] calls = new int[1];

        assertBroken(
                () -> new Words() {
                    @Override
                    public ByteBuffer apply(long index, ByteBuffer command) {
                        super.apply(index, command);
                        return bytes("call " + calls[0]++);
                    }
                },
                "apply is deterministic: two machines that were given the same commands differ in their answers to index ");
    }

    @Test
    void machines_that_share_their_state_are_told() {
        List<String> shared = new ArrayList<>();

        assertBroken(
                () -> new Words() {
                    @Override
                    public ByteBuffer apply(long index, ByteBuffer command) {
                        shared.add(text(command));
                        return bytes("done");
                    }

                    @Override
                    public Snapshot snapshot() {
                        byte[] now = String.join("\n", shared).getBytes(StandardCharsets.UTF_8);
                        return out -> out.write(now);
                    }
                },
                "a new machine is empty: after another one has worked, it is not");
    }

    @Test
    void an_exception_at_a_command_that_was_let_through_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public ByteBuffer apply(long index, ByteBuffer command) {
                        if (text(command).equals("not2")) {
                            throw new IllegalStateException("not that");
                        }
                        return super.apply(index, command);
                    }
                },
                "apply throws nothing at a command that validate lets through, for the node would halt: it throws"
                        + " java.lang.IllegalStateException: not that at \"not2\"");
    }

    @Test
    void a_command_whose_buffer_is_kept_is_told() {
        assertBroken(
                () -> new Words() {
                    private final List<ByteBuffer> kept = new ArrayList<>();

                    @Override
                    public ByteBuffer apply(long index, ByteBuffer command) {
                        kept.add(command);
                        return super.apply(index, command);
                    }

                    @Override
                    public Snapshot snapshot() {
                        words.clear();
                        kept.forEach(command -> words.add(text(command)));
                        return super.snapshot();
                    }

                    @Override
                    public void restore(InputStream snapshot) throws IOException {
                        super.restore(snapshot);
                        kept.clear();
                        words.forEach(word -> kept.add(bytes(word)));
                    }
                },
                "apply does not keep the buffer of a command");
    }

    @Test
    void an_answer_that_is_the_buffer_of_the_command_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public ByteBuffer apply(long index, ByteBuffer command) {
                        super.apply(index, command);
                        return command.duplicate();
                    }
                },
                "apply does not answer with the buffer of the command");
    }

    @Test
    void a_verdict_that_depends_on_the_state_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public void validate(ByteBuffer command) {
                        super.validate(command);
                        if (words.size() > 5) {
                            throw new IllegalArgumentException("full");
                        }
                    }
                },
                "validate depends on the command alone: a new machine accepts ");
    }

    @Test
    void a_verdict_that_leaves_a_trace_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public void validate(ByteBuffer command) {
                        super.validate(command);
                        words.add("seen");
                    }
                },
                "validate changes nothing: a machine that was asked differs in ");
    }

    @Test
    void a_refusal_by_another_exception_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public void validate(ByteBuffer command) {
                        if (text(command).startsWith("-")) {
                            throw new IllegalStateException("no word");
                        }
                    }
                },
                "validate refuses by IllegalArgumentException alone: it throws java.lang.IllegalStateException: no word");
    }

    @Test
    void a_query_that_counts_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public ByteBuffer query(ByteBuffer query) {
                        words.add("asked");
                        return bytes(String.valueOf(words.size()));
                    }
                },
                "query changes nothing: ");
    }

    @Test
    void a_query_that_leaves_a_trace_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public ByteBuffer query(ByteBuffer query) {
                        words.add("asked");
                        return bytes("yes");
                    }
                },
                "query changes nothing: a machine that was asked differs in ");
    }

    @Test
    void a_snapshot_that_goes_on_with_the_state_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public Snapshot snapshot() {
                        return out -> out.write(String.join("\n", words).getBytes(StandardCharsets.UTF_8));
                    }
                },
                "a snapshot is a point in time: what is applied after it was captured shows in ");
    }

    @Test
    void a_snapshot_that_cannot_be_written_beside_commands_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public Snapshot snapshot() {
                        return out -> {
                            for (String word : words) {
                                out.write((word + "\n").getBytes(StandardCharsets.UTF_8));
                            }
                        };
                    }
                },
                "a snapshot is a point in time: what is applied after it was captured ");
    }

    @Test
    void a_snapshot_that_is_not_flushed_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public Snapshot snapshot() {
                        Snapshot whole = super.snapshot();
                        return out -> whole.writeTo(new BufferedOutputStream(out));
                    }
                },
                "restore brings back all that was captured: the restored machine and the first differ in ");
    }

    @Test
    void a_part_of_the_state_that_no_snapshot_holds_is_told() {
        assertBroken(
                () -> new Words() {
                    private int longest;

                    @Override
                    public ByteBuffer apply(long index, ByteBuffer command) {
                        longest = Math.max(longest, command.remaining());
                        super.apply(index, command);
                        return bytes(longest + " at most");
                    }
                },
                "restore brings back all that was captured: the restored machine and the first differ in their answers");
    }

    @Test
    void a_restore_that_adds_to_what_is_there_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public void restore(InputStream snapshot) throws IOException {
                        List<String> old = List.copyOf(words);
                        super.restore(snapshot);
                        words.addAll(old);
                    }
                },
                "restore replaces the whole state: what was there before shows in ");
    }

    @Test
    void a_restore_that_takes_a_short_read_for_the_end_is_told() {
        assertBroken(
                () -> new Words() {
                    @Override
                    public void restore(InputStream snapshot) throws IOException {
                        byte[] content = new byte[1 << 16];
                        int length = Math.max(0, snapshot.read(content));
                        replace(Arrays.copyOf(content, length));
                    }
                },
                "restore reads on until the end, though a stream gives a few bytes at a time: ");
    }

    @Test
    void snapshots_of_equal_states_may_differ_in_their_bytes_if_it_is_said() {
        int[] snapshots = new int[1];
        Supplier<StateMachine> numbered = () -> new Words() {
            @Override
            public Snapshot snapshot() {
                String number = (char) ('a' + snapshots[0]++ % 20) + "\n";
                Snapshot content = super.snapshot();
                return out -> {
                    out.write(number.getBytes(StandardCharsets.UTF_8));
                    content.writeTo(out);
                };
            }

            @Override
            public void restore(InputStream snapshot) throws IOException {
                super.restore(snapshot);
                words.remove(0);
            }
        };

        assertThatCode(() -> trial(numbered).snapshotsMayDiffer().check()).doesNotThrowAnyException();
        assertBroken(numbered, "a new machine is empty");
    }

    @Test
    void a_trial_in_which_nothing_is_accepted_is_no_trial() {
        assertThatExceptionOfType(SimulationException.class)
                .isThrownBy(() -> StateMachineContract.of(Words::new)
                        .commands(lots -> Words.bytes("-"))
                        .check())
                .withMessage("validate refuses every command that was drawn, so that nothing was tried");
    }

    @Test
    void a_trial_without_commands_or_seeds_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StateMachineContract.of(Words::new).check())
                .withMessage("commands(…) must say how to draw a command");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StateMachineContract.of(Words::new).seeds(2, 1))
                .withMessage("seeds from 2 to 1 are none");
    }
}
