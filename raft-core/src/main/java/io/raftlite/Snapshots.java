package io.raftlite;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A server's own snapshots, and the one that it takes over from a leader. Raft paper §7 "Log compaction".
 *
 * <p>A snapshot of the leader comes in three steps, each of which may take long: the driver <em>fetches</em> its bytes; one
 * record makes it the base of the log, durably; then the state machine <em>installs</em> it, as a barrier among what is
 * applied. The log begins anew in memory at the second step, so that entries behind the snapshot are taken at once, yet
 * nothing of it counts as committed before that record is durable.
 */
final class Snapshots {
    private final Server server;
    private final List<Ready.Pin> pins = new ArrayList<>();
    private SnapshotMeta latest;
    private Optional<Ready.Fetch> fetching = Optional.empty();
    private boolean fetchIsNews;
    private Optional<Ready.Fetch> failed = Optional.empty();
    private Optional<SnapshotMeta> writing = Optional.empty();
    private long writingSequence;
    private Optional<SnapshotMeta> installable = Optional.empty();
    private long compactTo;

    Snapshots(Server server, SnapshotMeta base) {
        this.server = server;
        this.latest = base;
    }

    private Snapshots(Server server, Snapshots other) {
        this.server = server;
        this.pins.addAll(other.pins);
        this.latest = other.latest;
        this.fetching = other.fetching;
        this.fetchIsNews = other.fetchIsNews;
        this.failed = other.failed;
        this.writing = other.writing;
        this.writingSequence = other.writingSequence;
        this.installable = other.installable;
        this.compactTo = other.compactTo;
    }

    Snapshots copy(Server server) {
        return new Snapshots(server, this);
    }

    void hash(StateHash hash) {
        hash.add(latest.index()).add(pins.size()).add(fetchIsNews).add(failed.isPresent());
        fetching.ifPresent(fetch -> hash.add(fetch.from()).add(fetch.session()));
        hash.add(writing.map(SnapshotMeta::index).orElse(0L)).add(writingSequence);
        hash.add(installable.map(SnapshotMeta::index).orElse(0L)).add(compactTo);
    }

    /** Returns the latest that is durable here, that of the log's birth if there never was one. */
    SnapshotMeta latest() {
        return latest;
    }

    /** Returns up to where a snapshot stands for the log, that which is being written included. */
    long coveredIndex() {
        return writing.map(SnapshotMeta::index).orElse(latest.index());
    }

    /** Tells whether a received snapshot is being made the base of the log, so that nothing is to be committed yet. */
    boolean isWriting() {
        return writing.isPresent();
    }

    /** Tells whether a received snapshot is on its way into the log or into the state machine. */
    boolean isInstalling() {
        return writing.isPresent() || installable.isPresent();
    }

    /** Describes a snapshot of the state at {@code index}. */
    Optional<SnapshotMeta> at(long index, long timeMillis) {
        RaftLog log = server.log();
        if (index < log.base().index() || index > server.commitIndex() || isInstalling()) {
            return Optional.empty();
        }
        Configurations.At at = server.configurations().at(index);
        if (at.configuration().equals(Configuration.EMPTY)) {
            // A server that joined does not know who was a member before its log says so; others must not learn that
            // from it.
            return Optional.empty();
        }
        return Optional.of(
                new SnapshotMeta(new EntryId(index, log.term(index)), timeMillis, at.index(), at.configuration()));
    }

    /**
     * Notes a snapshot of the own state, and lets go of what it stands for. What is still in memory stays: it is bounded
     * anyway, and a peer that is a little behind need not be sent the whole state.
     */
    void taken(SnapshotMeta snapshot) {
        RaftLog log = server.log();
        if (snapshot.index() <= latest.index() || snapshot.index() > server.commitIndex()) {
            return;
        }
        latest = snapshot;
        long index = Math.min(snapshot.index(), log.firstCached() - 1);
        if (index > log.base().index()) {
            log.compactTo(index);
            server.configurations().compactTo(index);
            compactTo = index;
        }
    }

    /** Has a leader's snapshot fetched, unless this very offer is known; returns whether fetching it has failed. */
    boolean fetch(NodeId from, long session, SnapshotMeta snapshot) {
        if (is(failed, from, session)) {
            return true;
        }
        if (!is(fetching, from, session) && !isInstalling()) {
            server.narrator().info(Narrator.Tag.SNAPSHOT, "fetches the snapshot {} of {}", snapshot.last(), from);
            fetching = Optional.of(new Ready.Fetch(from, session, snapshot));
            fetchIsNews = true;
        }
        return false;
    }

    void fetchFailed(NodeId from, long session) {
        if (is(fetching, from, session)) {
            failed = fetching;
            fetching = Optional.empty();
        }
    }

    private static boolean is(Optional<Ready.Fetch> offer, NodeId from, long session) {
        return offer.filter(fetch -> fetch.from().equals(from) && fetch.session() == session)
                .isPresent();
    }

    /** Takes a fetched snapshot, and returns whether it becomes the base of the log; it may have been overtaken. */
    boolean received(NodeId from, long session, SnapshotMeta snapshot) {
        if (!is(fetching, from, session)) {
            return false;
        }
        fetching = Optional.empty();
        RaftLog log = server.log();
        if (snapshot.index() <= server.commitIndex() || log.matches(snapshot.last()) || isInstalling()) {
            return false;
        }
        server.narrator()
                .info(Narrator.Tag.SNAPSHOT, "installs the snapshot {} in place of log {}", snapshot.last(), log);
        writing = Optional.of(snapshot);
        return true;
    }

    /** Notes in which write the base of the log is made durable. */
    void writingIn(long sequence) {
        writingSequence = sequence;
    }

    /** Takes the fact that writes up to {@code sequence} are durable. */
    void persisted(long sequence) {
        if (writing.isPresent() && sequence >= writingSequence) {
            latest = writing.get();
            installable = writing;
            writing = Optional.empty();
            server.commitTo(latest.index());
        }
    }

    void pin(SnapshotMeta snapshot, boolean pinned) {
        pins.add(new Ready.Pin(snapshot, pinned));
    }

    Optional<SnapshotMeta> takeInstall() {
        Optional<SnapshotMeta> taken = installable;
        installable = Optional.empty();
        return taken;
    }

    Optional<Ready.Fetch> takeFetch() {
        Optional<Ready.Fetch> taken = fetchIsNews ? fetching : Optional.empty();
        fetchIsNews = false;
        return taken;
    }

    List<Ready.Pin> takePins() {
        List<Ready.Pin> taken = List.copyOf(pins);
        pins.clear();
        return taken;
    }

    long takeCompactTo() {
        long taken = compactTo;
        compactTo = 0;
        return taken;
    }
}
