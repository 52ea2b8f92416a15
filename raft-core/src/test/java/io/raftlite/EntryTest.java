package io.raftlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryTest {
    private static final Entry ENTRY =
            Entry.of(new EntryId(7, 3), 12_345, Entry.Type.COMMAND, TestServer.bytes("SET x=100"));

    @Test
    void decoding_gives_back_what_was_encoded_and_moves_behind_it() {
        ByteBuffer two = ByteBuffer.allocate(2 * ENTRY.sizeBytes());
        ENTRY.encode(two);
        ENTRY.encode(two);
        two.flip();

        Entry first = Entry.decode(two);

        assertThat(first).isEqualTo(ENTRY);
        assertThat(first.id()).isEqualTo(new EntryId(7, 3));
        assertThat(first.timeMillis()).isEqualTo(12_345);
        assertThat(first.payload()).isEqualTo(TestServer.bytes("SET x=100"));
        assertThat(two.remaining()).isEqualTo(ENTRY.sizeBytes());
    }

    @Test
    void entries_of_all_sizes_come_out_of_the_arrays_that_they_share_as_they_went_in() {
        Random random = new Random(1);
        List<Entry> entries = new ArrayList<>();
        for (int index = 1; index <= 1_000; index++) {
            byte[] payload = new byte[1 << random.nextInt(index % 100 == 0 ? 18 : 10)];
            random.nextBytes(payload);
            entries.add(Entry.of(new EntryId(index, 1), index, Entry.Type.COMMAND, ByteBuffer.wrap(payload)));
        }
        ByteBuffer all =
                ByteBuffer.allocate(entries.stream().mapToInt(Entry::sizeBytes).sum());
        entries.forEach(entry -> entry.encode(all));

        List<Entry> decoded = Entry.decodeAll(all.flip());

        assertThat(decoded).isEqualTo(entries);
        assertThat(encoded(entries)).isEqualTo(all.array());
        assertThat(encoded(decoded)).isEqualTo(all.array());
        assertThat(encoded(List.of(decoded.get(3), decoded.get(2))))
                .isEqualTo(encoded(List.of(entries.get(3), entries.get(2))));
        assertThat(decoded)
                .extracting(Entry::hashCode)
                .isEqualTo(entries.stream().map(Entry::hashCode).toList());
        assertThat(decoded.get(1)).isNotEqualTo(decoded.get(2));
    }

    private static byte[] encoded(List<Entry> entries) {
        ByteBuffer out =
                ByteBuffer.allocate(entries.stream().mapToInt(Entry::sizeBytes).sum());
        Entry.encodeAll(entries, out);
        return out.array();
    }

    @Test
    void a_bad_entry_among_good_ones_is_refused_and_its_place_known() {
        ByteBuffer two = ByteBuffer.allocate(2 * ENTRY.sizeBytes());
        Entry.encodeAll(List.of(ENTRY, ENTRY), two);
        two.put(two.limit() - 1, (byte) 'x').flip();

        assertThatThrownBy(() -> Entry.decodeAll(two)).hasMessage("entry fails its checksum");
        assertThat(two.position()).isEqualTo(ENTRY.sizeBytes());
    }

    @Test
    void an_array_that_entries_share_is_small_and_nearly_full() {
        Random random = new Random(2);
        List<Integer> sizes = random.ints(10_000, 0, 1_000_000)
                .map(size -> 33 + (size % 3 == 0 ? size / 10 : size / 500))
                .boxed()
                .toList();
        long bytes = sizes.stream().mapToLong(size -> size).sum();
        EntryPacker packer = new EntryPacker(bytes);
        Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int size : sizes) {
            int start = packer.reserve(size);
            assertThat(start + size).isLessThanOrEqualTo(packer.array().length);
            arrays.add(packer.array());
            assertThat(packer.array().length).isLessThanOrEqualTo(Math.max(size, EntryPacker.SHARED_BYTES));
        }

        assertThat(arrays.stream().mapToLong(array -> array.length).sum()).isBetween(bytes, bytes + bytes / 8);
    }

    @ParameterizedTest
    @EnumSource(Entry.Type.class)
    void a_type_is_known_by_its_code(Entry.Type type) {
        assertThat(Entry.Type.of(type.code())).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 6, 255})
    void a_code_of_no_type_is_refused(int code) {
        assertThatThrownBy(() -> Entry.Type.of(code)).hasMessageContaining("unknown type " + code);
    }

    @Test
    void every_flipped_bit_is_noticed() {
        for (int bit = 0; bit < ENTRY.sizeBytes() * 8; bit++) {
            byte[] bytes = encoded(List.of(ENTRY));
            bytes[bit / 8] ^= (byte) (1 << (bit % 8));

            assertThatThrownBy(() -> Entry.decode(ByteBuffer.wrap(bytes)))
                    .as("bit %d", bit)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void every_truncation_is_noticed_and_leaves_the_position() {
        for (int length = 0; length < ENTRY.sizeBytes(); length++) {
            ByteBuffer cut = ByteBuffer.wrap(encoded(List.of(ENTRY)), 0, length);

            assertThatThrownBy(() -> Entry.decode(cut)).isInstanceOf(IllegalArgumentException.class);
            assertThat(cut.position()).isZero();
        }
    }

    @Test
    void an_index_beyond_what_json_can_hold_is_refused() {
        assertThatThrownBy(() -> new EntryId(1L << 53, 1))
                .hasMessage("index 9007199254740992 is not in 0..9007199254740991");
        assertThatThrownBy(() -> new EntryId(1, -1)).hasMessageContaining("term -1");
    }
}
