package io.raftlite.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.RecoveredState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory that is looked at, and recovered from a lost quorum. */
class OfflineDataTest {
    private static final Path RECORDED = Path.of("src", "test", "resources", "directories", "format-1");
    private static final String LAST_SEGMENT = SegmentHeader.fileName(3);
    private static final NodeId A = RecordedDirectory.A;
    private static final NodeId B = RecordedDirectory.B;

    @TempDir
    Path directory;

    @BeforeEach
    void copy() throws IOException {
        try (Stream<Path> files = Files.list(RECORDED)) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve(String.valueOf(file.getFileName())));
            }
        }
    }

    @Test
    void a_sound_directory_is_told_in_full_and_nothing_is_changed() throws Exception {
        Map<String, ByteBuffer> before = contents();
        try (OfflineData data = OfflineData.open(directory)) {
            assertThat(data.birth()).isEqualTo(RecordedDirectory.BIRTH);
            assertThat(data.damage()).isEmpty();
            assertThat(data.torn()).isEmpty();
            assertThat(data.state().map(RecoveredState::hardState)).contains(new HardState(7, RecordedDirectory.C));
            assertThat(data.firstIndex()).isEqualTo(31);
            assertThat(data.configuration()).contains(RecordedDirectory.CHANGED);
            assertThat(data.segments()).hasSize(3).allSatisfy(segment -> assertThat(segment.records())
                    .isPositive());
            assertThat(data.snapshots())
                    .extracting(OfflineData.SnapshotFile::last)
                    .containsExactly(new EntryId(30, 4), new EntryId(33, 5));
            List<Entry> entries = new ArrayList<>();
            data.forEachEntry(entries::add);
            assertThat(entries)
                    .extracting(Entry::id)
                    .containsExactly(
                            new EntryId(31, 4),
                            new EntryId(32, 4),
                            new EntryId(33, 5),
                            new EntryId(34, 5),
                            new EntryId(35, 6),
                            new EntryId(36, 6));
        }
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void a_torn_tail_is_told_by_place_and_left_there() throws Exception {
        Path file = directory.resolve(LAST_SEGMENT);
        byte[] bytes = Files.readAllBytes(file);
        long end;
        try (OfflineData data = OfflineData.open(directory)) {
            end = data.segments().get(2).endOffset();
        }
        bytes[(int) end + 3] = 1;
        Files.write(file, bytes);
        Map<String, ByteBuffer> before = contents();

        try (OfflineData data = OfflineData.open(directory)) {
            assertThat(data.torn()).containsExactly(new OfflineData.Torn(LAST_SEGMENT, end, 4));
            assertThat(data.damage()).isEmpty();
        }
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void corruption_is_told_by_file_and_offset_and_the_rest_still_told() throws Exception {
        Path file = directory.resolve(SegmentHeader.fileName(1));
        byte[] bytes = Files.readAllBytes(file);
        bytes[100] ^= 1;
        Files.write(file, bytes);
        Path snapshot = directory.resolve(SnapshotFormat.fileName(RecordedDirectory.INSTALLED.last()));
        byte[] damaged = Files.readAllBytes(snapshot);
        damaged[damaged.length - 12] ^= 1;
        Files.write(snapshot, damaged);

        try (OfflineData data = OfflineData.open(directory)) {
            assertThat(data.damage()).hasSize(2);
            assertThat(data.damage().get(0)).contains(SegmentHeader.fileName(1) + " is corrupt at offset 64");
            assertThat(data.damage().get(1)).contains("snapshot-0000000000000030", "is damaged at offset");
            assertThat(data.state()).isEmpty();
            assertThat(data.snapshots()).hasSize(2);
            assertThatThrownBy(() -> data.forEachEntry(entry -> {})).hasMessageContaining("corrupt at offset 64");
            assertThatThrownBy(() -> data.plan(List.of(A), "now")).hasMessageContaining("corrupt at offset 64");
        }
    }

    @Test
    void a_directory_in_use_and_one_of_no_node_are_refused() throws Exception {
        try (DataDirectory used = open(RecordedDirectory.BIRTH)) {
            assertThat(used.isNew()).isFalse();
            assertThatThrownBy(() -> OfflineData.open(directory)).hasMessageContaining("in use by process");
        }
        try (OfflineData data = OfflineData.open(directory)) {
            assertThat(data.damage()).isEmpty();
            assertThatThrownBy(() -> open(RecordedDirectory.BIRTH)).hasMessageContaining("in use by process");
        }
        Files.delete(directory.resolve(IdentityFile.NAME));
        assertThatThrownBy(() -> OfflineData.open(directory)).hasMessageContaining("no file 'identity'");
    }

    @Test
    void a_plan_changes_nothing_and_refuses_strangers_and_the_absence_of_this_node() throws Exception {
        Map<String, ByteBuffer> before = contents();
        try (OfflineData data = OfflineData.open(directory)) {
            RecoveryPlan plan = data.plan(List.of(A), "now");

            assertThat(plan.last()).isEqualTo(new EntryId(36, 6));
            assertThat(plan.leftBehind()).containsExactly(B, RecordedDirectory.C);
            assertThat(plan.newCluster()).hasSize(32).isNotEqualTo(plan.oldCluster());
            assertThatThrownBy(() -> data.plan(List.of(A, NodeId.of("Z")), "now"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'Z' is no member; the members are [" + A + ", " + B);
            assertThatThrownBy(() -> data.plan(List.of(B), "now"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("directory of " + A + ", which is not among");
        }
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void a_recovered_directory_starts_with_the_same_flags_as_another_cluster_of_those_who_go_on() throws Exception {
        RecoveryPlan plan = recover(List.of(A));

        Configuration forced =
                new Configuration(List.of(new Member(A, A.value(), Member.Kind.VOTER, 17)), List.of(), 1);
        for (int start = 0; start < 2; start++) {
            try (DataDirectory opened = open(RecordedDirectory.BIRTH)) {
                RecoveredState state = opened.log().recovered();
                assertThat(opened.birth().cluster()).isEqualTo(plan.newCluster());
                assertThat(state.base().configuration()).isEqualTo(forced);
                assertThat(state.base().last()).isEqualTo(new EntryId(33, 5));
                assertThat(state.configurations()).isEmpty();
                assertThat(state.hardState()).isEqualTo(new HardState(7, RecordedDirectory.C));
                assertThat(state.lastIndex()).isEqualTo(36);
                // A peer checks what it receives against what it was offered, so the file says the same.
                String name = SnapshotFormat.fileName(state.base().last());
                assertThat(SnapshotFiles.verify(new FileDisk(directory), name)).isEqualTo(state.base());
                try (var content = opened.log().open(state.base())) {
                    assertThat(content.readAllBytes()).isEqualTo(RecordedDirectory.content(RecordedDirectory.SAVED));
                }
            }
        }
        Birth another = new Birth("raft", "other", A, RecordedDirectory.BIRTH.initial());
        assertThatThrownBy(() -> open(another)).hasMessageContaining("belongs to cluster");
    }

    @Test
    void a_second_recovery_counts_on_and_keeps_the_line_of_the_first() throws Exception {
        RecoveryPlan first = recover(List.of(A, B));
        RecoveryPlan second = recover(List.of(A));

        assertThat(second.oldCluster()).isEqualTo(first.newCluster());
        assertThat(second.configuration().recoveries()).isEqualTo(2);
        assertThat(second.leftBehind()).containsExactly(B);
        try (OfflineData data = OfflineData.open(directory)) {
            assertThat(data.recoveries())
                    .containsExactly(
                            "time=now cluster=" + first.oldCluster() + " last-index=36 last-term=6 members=" + A + ","
                                    + B + "," + RecordedDirectory.C,
                            "time=now cluster=" + first.newCluster() + " last-index=36 last-term=6 members=" + A + ","
                                    + B);
            assertThat(data.birth().cluster()).isEqualTo(second.newCluster());
            assertThat(data.configuration().map(Configuration::voters)).contains(List.of(A));
        }
    }

    @Test
    void everybody_who_goes_on_comes_to_the_same_cluster() throws Exception {
        RecoveryPlan onA = recover(List.of(A, B));
        Birth birthOfB = new Birth("raft", RecordedDirectory.BIRTH.cluster(), B, RecordedDirectory.BIRTH.initial());
        DataDirectory.write(new FileDisk(directory), new IdentityFile(birthOfB, incarnation()));
        RecoveryPlan onB = recover(List.of(B, A, B));

        assertThat(onB.newCluster()).isEqualTo(onA.newCluster());
        assertThat(onB.configuration()).isEqualTo(onA.configuration());
    }

    @Test
    void one_who_joined_after_a_recovery_counts_on_from_it_and_comes_to_the_same_cluster() throws Exception {
        Configuration recovered = new Configuration(RecordedDirectory.CHANGED.members(), List.of(), 4);
        RecoveredState state = RecoveredState.fresh(recovered);
        Birth birth = new Birth("raft", "c4", A, Configuration.EMPTY);
        Recovery own = new Recovery("c4", recovered, List.of("the fourth"));
        IdentityFile joined = new IdentityFile(birth, 1);
        IdentityFile recoveredItself = new IdentityFile(RecordedDirectory.BIRTH, 1, Optional.of(own));

        RecoveryPlan plan = RecoveryPlan.of(joined, state, recovered, List.of(A, B), "now");

        assertThat(plan.configuration().recoveries()).isEqualTo(5);
        assertThat(plan.newCluster())
                .isEqualTo(RecoveryPlan.of(recoveredItself, state, recovered, List.of(A, B), "now")
                        .newCluster());
    }

    @Test
    void a_recovery_is_not_done_twice() throws Exception {
        RecoveryPlan plan = recover(List.of(A, B));

        assertThatThrownBy(() -> recover(List.of(B, A)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("was done already")
                .hasMessageContaining(plan.newCluster());
    }

    private long incarnation() throws IOException {
        return DataDirectory.read(new FileDisk(directory)).incarnation();
    }

    private RecoveryPlan recover(List<NodeId> members) throws IOException {
        try (OfflineData data = OfflineData.open(directory)) {
            RecoveryPlan plan = data.plan(members, "now");
            data.carryOut(plan);
            return plan;
        }
    }

    private DataDirectory open(Birth birth) throws StorageException {
        return DataDirectory.open(directory, birth, "A", 1 << 20);
    }

    private Map<String, ByteBuffer> contents() throws IOException {
        Map<String, ByteBuffer> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                contents.put(String.valueOf(file.getFileName()), ByteBuffer.wrap(Files.readAllBytes(file)));
            }
        }
        return contents;
    }
}
