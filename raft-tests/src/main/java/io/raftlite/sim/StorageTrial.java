package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.HardState;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import io.raftlite.replica.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** A storage on trial: the words in which the rules of {@link StorageContract} are told. */
final class StorageTrial implements AutoCloseable {
    static final Configuration INITIAL =
            Configuration.ofVoters(List.of(NodeId.of("A"), NodeId.of("B"), NodeId.of("C")));

    /** Entries that answer a load. */
    private record Loaded(long id, List<Entry> entries) {}

    /** What the storage says, from whichever thread. */
    private static final class Facts implements Storage.Listener {
        private final CopyOnWriteArrayList<Long> persisted = new CopyOnWriteArrayList<>();
        private final CopyOnWriteArrayList<Loaded> loaded = new CopyOnWriteArrayList<>();
        private final CopyOnWriteArrayList<SnapshotMeta> saved = new CopyOnWriteArrayList<>();
        private final CopyOnWriteArrayList<String> failures = new CopyOnWriteArrayList<>();

        @Override
        public void persisted(long sequence) {
            persisted.add(sequence);
        }

        @Override
        public void persistFailed(long sequence, Throwable cause) {
            failures.add("the write " + sequence + " failed: " + cause);
        }

        @Override
        public void loaded(long id, List<Entry> entries) {
            loaded.add(new Loaded(id, entries));
        }

        @Override
        public void loadFailed(long id, Throwable cause) {
            failures.add("a load failed: " + cause);
        }

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {
            saved.add(snapshot);
        }

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {
            failures.add("the snapshot of " + snapshot.last() + " was not saved: " + cause);
        }
    }

    private final StorageContract.Bench bench;
    private StorageContract.Opened opened;
    private Facts facts = new Facts();
    private long sequence;
    private long loads;

    StorageTrial(Function<Configuration, StorageContract.Bench> benches) throws IOException {
        this.bench = benches.apply(INITIAL);
        this.opened = bench.open();
        opened.storage().start(facts);
    }

    Storage storage() {
        return opened.storage();
    }

    /** Returns what the process of now found when it started. */
    RecoveredState state() {
        return opened.state();
    }

    void restart() throws IOException {
        bench.crash();
        facts = new Facts();
        sequence = 0;
        opened = bench.open();
        opened.storage().start(facts);
    }

    Entry entry(long index, long term, String command) {
        ByteBuffer payload = ByteBuffer.wrap(command.getBytes(StandardCharsets.UTF_8));
        return Entry.of(new EntryId(index, term), index, Entry.Type.COMMAND, payload);
    }

    List<Entry> entries(long first, long last, long term) {
        List<Entry> entries = new ArrayList<>();
        for (long index = first; index <= last; index++) {
            entries.add(entry(index, term, "command " + index + " of term " + term));
        }
        return entries;
    }

    /** Returns what a snapshot stands for that ends with an entry of {@link #entries}. */
    SnapshotMeta meta(long index, long term) {
        return new SnapshotMeta(new EntryId(index, term), index, 0, INITIAL);
    }

    void persist(long term, String votedFor, long truncateFrom, List<Entry> entries) {
        HardState hardState = new HardState(term, NodeId.of(votedFor));
        storage().persist(new Ready.Persist(++sequence, hardState, 0, truncateFrom, entries));
    }

    void install(long term, SnapshotMeta snapshot, List<Entry> entries) {
        HardState hardState = new HardState(term, NodeId.of("A"));
        storage()
                .persist(new Ready.Persist(
                        ++sequence, hardState, snapshot.index(), Optional.of(snapshot), snapshot.index() + 1, entries));
    }

    /** Returns the sequences that were reported so far. */
    List<Long> persisted() {
        return List.copyOf(facts.persisted);
    }

    void awaitPersisted() {
        await("the write " + sequence + " is reported durable", () -> facts.persisted.contains(sequence));
    }

    private void await(String what, BooleanSupplier condition) {
        bench.await(() -> condition.getAsBoolean() || !facts.failures.isEmpty());
        Judge.require(facts.failures.isEmpty(), String.join("; ", facts.failures));
        Judge.require(condition.getAsBoolean(), "waited in vain until " + what);
    }

    List<Entry> load(long from, long maxBytes) {
        long id = ++loads;
        storage().load(new Ready.Load(id, from, maxBytes));
        await("a load is answered", () -> facts.loaded.stream().anyMatch(one -> one.id == id));
        return facts.loaded.stream()
                .filter(one -> one.id == id)
                .map(Loaded::entries)
                .findFirst()
                .orElseThrow();
    }

    void save(SnapshotMeta snapshot, String content) {
        storage().save(snapshot, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
        await("the snapshot of " + snapshot.last() + " is saved", () -> facts.saved.contains(snapshot));
    }

    String content(SnapshotMeta snapshot) throws IOException {
        try (InputStream in = storage().open(snapshot)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The recovered state brings some of the newest entries along, in memory. */
    void requireTail(List<Entry> log) {
        List<Entry> tail = state().tail();
        boolean isTail = tail.size() <= log.size()
                && log.subList(log.size() - tail.size(), log.size()).equals(tail);
        Judge.require(isTail, "the newest entries are " + log + ", and not " + tail);
    }

    void requireEqual(String what, Object is, Object must) {
        Judge.require(is.equals(must), what + ": it is " + is + ", and must be " + must);
    }

    @Override
    public void close() throws IOException {
        bench.close();
    }
}
