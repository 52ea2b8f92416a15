package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.NodeId;
import io.raftlite.SnapshotMeta;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damage to a snapshot file is found before a damaged byte is handed out. */
class SnapshotFormatTest {
    private static final EntryId LAST = new EntryId(7, 3);
    private static final String NAME = SnapshotFormat.fileName(LAST);
    private static final SnapshotMeta META =
            new SnapshotMeta(LAST, 12, 4, Configuration.ofVoters(List.of(NodeId.of("A"), NodeId.of("B"))));
    private static final byte[] CONTENT = "x=1, y=2".getBytes(StandardCharsets.UTF_8);

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void what_was_saved_is_read_back() throws IOException {
        save(CONTENT);

        assertThat(SnapshotFiles.verify(disk, NAME)).isEqualTo(META);
        assertThat(read()).isEqualTo(CONTENT);
        assertThat(SnapshotFormat.ofFileName(NAME)).contains(LAST);
        assertThat(SnapshotFormat.ofFileName("snapshot-7-3.snap")).isEmpty();
    }

    @Test
    void contents_of_every_length_around_a_block_are_read_back() throws IOException {
        int block = SnapshotFormat.BLOCK_BYTES;
        for (int length : new int[] {0, 1, block - 1, block, block + 1, 2 * block, 2 * block + 1}) {
            byte[] content = new byte[length];
            new Random(length).nextBytes(content);
            save(content);

            assertThat(read()).as("%d bytes", length).isEqualTo(content);
        }
    }

    @Test
    void every_flipped_bit_is_refused_by_name_and_no_damaged_byte_is_handed_out() throws IOException {
        save(CONTENT);
        byte[] sound = disk.contents(NAME).clone();

        for (int at = 0; at < sound.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] damaged = sound.clone();
                damaged[at] ^= (byte) (1 << bit);
                replace(damaged);
                requireRefused("byte " + at + " bit " + bit);
            }
        }
    }

    @Test
    void every_truncation_and_anything_behind_the_end_is_refused() throws IOException {
        save(CONTENT);
        byte[] sound = disk.contents(NAME).clone();

        for (int length = 0; length < sound.length; length++) {
            replace(Arrays.copyOf(sound, length));
            requireRefused("cut to " + length);
        }
        replace(Arrays.copyOf(sound, sound.length + 1));
        requireRefused("one byte more");
    }

    @Test
    void blocks_in_another_order_are_refused() throws IOException {
        byte[] content = new byte[3 * SnapshotFormat.BLOCK_BYTES];
        new Random(1).nextBytes(content);
        save(content);
        byte[] bytes = disk.contents(NAME).clone();
        int size = SnapshotFormat.BLOCK_BYTES + 8;
        int first = bytes.length - 8 - 3 * size;
        byte[] swapped = bytes.clone();
        System.arraycopy(bytes, first, swapped, first + size, size);
        System.arraycopy(bytes, first + size, swapped, first, size);
        replace(swapped);

        assertThatThrownBy(this::read).hasMessageContaining("damaged at offset " + first);
    }

    @Test
    void a_format_of_the_future_is_refused_with_what_to_do() throws IOException {
        save(CONTENT);
        disk.contents(NAME)[11] = 2;

        assertThatThrownBy(() -> SnapshotFiles.verify(disk, NAME))
                .isInstanceOf(StorageException.class)
                .hasMessage(NAME + " has the format 2, this program knows 1; start the newer version again");
    }

    private void requireRefused(String what) throws IOException {
        assertThatThrownBy(() -> SnapshotFiles.verify(disk, NAME))
                .as(what)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(NAME);
        ByteArrayOutputStream handedOut = new ByteArrayOutputStream();
        assertThatThrownBy(() -> SnapshotFiles.open(disk, LAST).transferTo(handedOut))
                .as(what)
                .isInstanceOf(StorageException.class);
        byte[] bytes = handedOut.toByteArray();
        assertThat(bytes).as(what).isEqualTo(Arrays.copyOf(CONTENT, bytes.length));
    }

    private void save(byte[] content) throws IOException {
        new SnapshotFiles(disk, EntryId.ZERO).save(META, out -> out.write(content));
    }

    private byte[] read() throws IOException {
        try (InputStream content = SnapshotFiles.open(disk, LAST)) {
            return content.readAllBytes();
        }
    }

    private void replace(byte[] bytes) throws IOException {
        disk.create(NAME).write(0, ByteBuffer.wrap(bytes));
    }
}
