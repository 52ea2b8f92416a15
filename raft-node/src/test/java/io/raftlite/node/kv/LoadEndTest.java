package io.raftlite.node.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.node.kv.Reply.Outcome;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a store is after a load, and which bytes are no command of one. */
class LoadEndTest {
    private final KeyValueMachine machine = new KeyValueMachine();
    private long lastIndex;

    @Test
    void store_into_which_somebody_wrote_meanwhile_stays_as_it_is() throws IOException {
        long id = load(backupOf("a=1"));
        apply(Command.set("mine", "1").encoded());

        assertThat(apply(Load.endIfEmpty(id, 1))).isEqualTo(Outcome.NOT_EQUAL);

        assertThat(keys()).containsExactly("mine");
        assertThat(apply(Load.end(id, 1))).isEqualTo(Outcome.NOT_FOUND);
    }

    @Test
    void store_that_is_empty_at_the_end_is_replaced() throws IOException {
        apply(Command.set("mine", "1").encoded());
        long id = load(backupOf("a=1"));
        apply(Command.parse("DEL mine").encoded());

        assertThat(apply(Load.endIfEmpty(id, 1))).isEqualTo(Outcome.OK);

        assertThat(keys()).containsExactly("a");
    }

    @Test
    void versions_are_the_indexes_of_the_commands_that_brought_the_keys() throws IOException {
        apply(Command.parse("a note").encoded());
        long id = indexOf(Load.begin());
        for (Load.Batch batch : batches(backupOf("a=1", "b=2"), 1)) {
            apply(Load.batch(id, batch));
        }

        apply(Load.end(id, 2));

        assertThat(items()).containsExactly(new Listing.Item("a", "1", 3), new Listing.Item("b", "2", 4));
    }

    @Test
    void end_of_no_load_does_not_empty_the_store() {
        apply(Command.set("mine", "1").encoded());

        assertThatThrownBy(() -> machine.validate(Load.end(0, 0))).isInstanceOf(IllegalArgumentException.class);
        assertThat(apply(Load.end(0, 0))).isEqualTo(Outcome.NOT_FOUND);

        assertThat(keys()).containsExactly("mine");
    }

    @Test
    void largest_value_fits_into_a_batch_that_is_hardly_larger_than_its_command() throws IOException {
        String setting = "a=" + "v".repeat((1 << 20) - "SET a=".length());

        Load.Batch batch = batches(backupOf(setting), 1).get(0);

        assertThat(Load.batch(1, batch).remaining()).isLessThan((1 << 20) + 64);
    }

    @Test
    void command_with_a_byte_too_few_or_too_many_never_enters_the_log() throws IOException {
        Load.Batch batch = batches(backupOf("a=1"), 1).get(0);
        for (ByteBuffer command : List.of(Load.begin(), Load.batch(4, batch), Load.end(4, 1), Load.endIfEmpty(4, 1))) {
            byte[] whole = new byte[command.remaining()];
            command.duplicate().get(whole);
            machine.validate(command);
            for (int length = 4; length <= whole.length + 1; length++) {
                ByteBuffer damaged = ByteBuffer.wrap(Arrays.copyOf(whole, length));
                if (length != whole.length) {
                    assertThatThrownBy(() -> machine.validate(damaged))
                            .as("kind %d, length %d of %d", whole[4], damaged.limit(), whole.length)
                            .isInstanceOf(IllegalArgumentException.class);
                }
            }
        }
    }

    @Test
    void whatever_may_enter_the_log_can_be_applied() throws IOException {
        byte[] template = new byte[64];
        ByteBuffer batch = Load.batch(1, batches(backupOf("a=1"), 1).get(0));
        batch.get(template, 0, batch.limit());
        int passed = 0;
        for (long seed = 1; seed <= 5_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = Arrays.copyOf(template, 4 + random.nextInt(batch.limit()));
            for (int flips = random.nextInt(3); flips > 0 && bytes.length > 4; flips--) {
                bytes[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt(5);
            }
            ByteBuffer command = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
            try {
                machine.validate(command);
            } catch (IllegalArgumentException refused) {
                continue;
            }
            passed++;
            assertThat(apply(command)).as("seed %d", seed).isNotNull();
        }
        assertThat(passed).isPositive();
    }

    /** Brings a whole backup, all but its end. */
    private long load(byte[] backup) throws IOException {
        long id = indexOf(Load.begin());
        for (Load.Batch batch : batches(backup, 1_000)) {
            apply(Load.batch(id, batch));
        }
        return id;
    }

    private long indexOf(ByteBuffer command) {
        apply(command);
        return lastIndex;
    }

    private Outcome apply(ByteBuffer command) {
        lastIndex++;
        return Reply.decode(machine.apply(lastIndex, command.asReadOnlyBuffer()))
                .outcome();
    }

    private static byte[] backupOf(String... settings) throws IOException {
        KeyValueMachine source = new KeyValueMachine();
        for (int i = 0; i < settings.length; i++) {
            source.apply(1_000 + i, Command.parse("SET " + settings[i]).encoded());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        source.snapshot().writeTo(out);
        return out.toByteArray();
    }

    private static List<Load.Batch> batches(byte[] backup, long maxBytes) throws IOException {
        Load.Reader reader = Load.reader(new ByteArrayInputStream(backup));
        List<Load.Batch> batches = new ArrayList<>();
        for (Load.Batch batch = reader.next(maxBytes); batch.count() > 0; batch = reader.next(maxBytes)) {
            batches.add(batch);
        }
        return batches;
    }

    private List<Listing.Item> items() {
        return Listing.decode(machine.query(Query.list("", "", 1_000))).items();
    }

    private List<String> keys() {
        return items().stream().map(Listing.Item::key).toList();
    }
}
