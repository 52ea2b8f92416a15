package io.raftlite;

import io.raftlite.Message.AppendRequest;
import io.raftlite.Message.InstallSnapshot;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a leader makes the logs of its peers like its own: what it sends them, and what it learns from their answers. Raft
 * paper §5.3 "Log replication", §7 "Log compaction".
 */
final class Replication {
    private final Server server;
    private final ReadQueue reads;
    private final TreeMap<NodeId, PeerState> peers = new TreeMap<>();

    /** @param reads whose latest sequence travels in every request */
    Replication(Server server, ReadQueue reads) {
        this.server = server;
        this.reads = reads;
        configurationChanged();
    }

    private Replication(Server server, ReadQueue reads, Replication other) {
        this.server = server;
        this.reads = reads;
        other.peers.forEach((id, peer) -> peers.put(id, peer.copy()));
    }

    Replication copy(Server copyOfServer, ReadQueue copyOfReads) {
        return new Replication(copyOfServer, copyOfReads, this);
    }

    void hash(StateHash hash, long now) {
        peers.values().forEach(peer -> peer.hash(hash, now));
    }

    Collection<PeerState> peers() {
        return peers.values();
    }

    /** Returns what is known of another member of the configuration in force. */
    PeerState peer(NodeId id) {
        return find(id).orElseThrow(() ->
                new IllegalStateException("broken invariant: a leader knows the progress of member " + id));
    }

    Optional<PeerState> find(NodeId id) {
        return Optional.ofNullable(peers.get(id));
    }

    /** Begins to know the members that are new, and forgets those that are gone. */
    void configurationChanged() {
        Configurations.At latest = server.configurations().latest();
        for (PeerState peer : List.copyOf(peers.values())) {
            if (!latest.configuration().contains(peer.id())) {
                unpin(peer);
                peers.remove(peer.id());
            }
        }
        long lastIndex = server.log().lastIndex();
        for (Member member : latest.configuration().members()) {
            if (!member.id().equals(server.self()) && !peers.containsKey(member.id())) {
                Progress progress = new Progress(member.id(), server.config(), lastIndex + 1);
                PeerState peer = new PeerState(
                        member.id(), latest.index(), server.envelopes().nextNonce(), progress, lastIndex, server.now());
                peers.put(member.id(), peer);
            }
            find(member.id()).ifPresent(peer -> peer.counts(member.kind(), lastIndex, server.now()));
        }
    }

    /** Returns the voter that is heard and has most of our log. */
    Optional<PeerState> best() {
        long limit = server.config().electionTimeout().toNanos();
        long now = server.now();
        return peers.values().stream()
                .filter(peer -> server.configuration().isIncomingVoter(peer.id()) && peer.silenceNanos(now) < limit)
                .max(Comparator.comparingLong(peer -> peer.progress().matchIndex()));
    }

    /** Sends a peer what it lacks, as far as its window allows. */
    void replicate(PeerState peer) {
        RaftLog log = server.log();
        Progress progress = peer.progress();
        while (progress.maySend(log.lastIndex())) {
            long from = progress.nextIndex();
            if (from <= log.base().index()) {
                install(peer);
                return;
            }
            if (from < log.firstCached()) {
                progress.loading(server.load(from));
                return;
            }
            boolean hasAll = from > log.lastIndex();
            sendEntries(
                    peer,
                    hasAll
                            ? List.of()
                            : log.entries(from, log.lastIndex(), server.config().maxAppendBytes()));
        }
        if (!progress.shouldAsk()) {
            return;
        }
        if (progress.nextIndex() <= log.base().index()) {
            install(peer);
        } else {
            progress.asked(append(peer, List.of()));
        }
    }

    /** Offers our snapshot to a peer that lacks what the log no longer has; the offer is repeated with heartbeats. */
    private void install(PeerState peer) {
        SnapshotMeta snapshot = server.snapshots().latest();
        server.narrator()
                .info(
                        Narrator.Tag.SNAPSHOT,
                        "offers the snapshot {} to {}, which needs index={}",
                        snapshot.last(),
                        peer.id(),
                        peer.progress().nextIndex());
        peer.progress().install(snapshot, server.envelopes().nextNonce());
        server.snapshots().pin(snapshot, true);
        offer(peer);
    }

    /** Offers a peer the snapshot that it is to pull, if there is one. */
    void offer(PeerState peer) {
        peer.progress().installing().ifPresent(snapshot -> server.outbox()
                .sendAfterTerm(new InstallSnapshot(
                        server.envelopes().request(peer.id(), peer.session()),
                        server.term(),
                        snapshot,
                        peer.progress().installSession(),
                        reads.sequence())));
    }

    private void sendEntries(PeerState peer, List<Entry> entries) {
        long bytes = 0;
        for (Entry entry : entries) {
            bytes += entry.sizeBytes();
        }
        peer.progress().sent(append(peer, entries), bytes);
    }

    private AppendRequest append(PeerState peer, List<Entry> entries) {
        long previous = peer.progress().nextIndex() - 1;
        AppendRequest request = new AppendRequest(
                server.envelopes().request(peer.id(), peer.session()),
                server.term(),
                new EntryId(previous, server.log().term(previous)),
                entries,
                server.commitIndex(),
                reads.sequence());
        server.outbox().sendAfterTerm(request);
        return request;
    }

    /** Sends what was loaded from the storage to the peer that waits for it. */
    void loaded(long id, List<Entry> entries) {
        for (PeerState peer : peers.values()) {
            Progress progress = peer.progress();
            boolean expected = progress.loaded(id);
            if (expected
                    && !entries.isEmpty()
                    && entries.get(0).index() == progress.nextIndex()
                    && progress.nextIndex() > server.log().base().index()) {
                sendEntries(peer, entries);
            }
        }
    }

    /** Notes that a peer's log equals ours up to {@code matchIndex}, durably; a claim beyond our log is ignored. */
    void accepted(PeerState peer, long matchIndex) {
        if (matchIndex > server.log().lastIndex()) {
            server.narrator()
                    .debug(Narrator.Tag.REPLICATE, "{} claims index={}, beyond our log", peer.id(), matchIndex);
            return;
        }
        Progress progress = peer.progress();
        boolean wasProbing = progress.isProbing();
        progress.accepted(matchIndex);
        if (wasProbing && !progress.isProbing()) {
            server.narrator()
                    .info(Narrator.Tag.REPLICATE, "{} agrees up to index={}", peer.id(), progress.matchIndex());
        }
        // The offered snapshot may lie below our base by now; whoever has it is offered the next one, if need be.
        boolean settled = progress.installing()
                .filter(offered -> matchIndex
                        >= Math.min(offered.index(), server.log().base().index()))
                .isPresent();
        if (settled) {
            unpin(peer);
            progress.installed();
        }
        peer.advanced(
                server.log().lastIndex(),
                server.now(),
                server.config().electionTimeout().toNanos());
    }

    /** Takes a refusal: the logs are not equal where we thought. */
    void refused(PeerState peer, long nonce, EntryId hint) {
        if (peer.progress().refused(nonce, agreedAtMost(hint))) {
            server.narrator()
                    .info(
                            Narrator.Tag.REPLICATE,
                            "{} refused, hint={}, probes from index={}",
                            peer.id(),
                            hint,
                            peer.progress().nextIndex());
        }
    }

    /**
     * Returns the last place at which the log of a peer with this hint can equal ours. If that lies before our base, no
     * entry of ours can tell: the answer is then below the base, so that a snapshot is sent.
     */
    private long agreedAtMost(EntryId hint) {
        RaftLog log = server.log();
        EntryId floor = log.floor(hint);
        boolean known = floor.index() <= hint.index() && floor.term() <= hint.term();
        return known ? floor.index() : Math.min(hint.index(), log.base().index() - 1);
    }

    /** Takes the fact that a peer could not get our snapshot. */
    void installFailed(PeerState peer) {
        server.narrator().warn(Narrator.Tag.SNAPSHOT, "{} could not get the snapshot; it is offered again", peer.id());
        unpin(peer);
        peer.progress().installFailed();
    }

    /**
     * Takes the fact that the connection to a peer ended, with whatever was on it. Where a probe looks for the place at which
     * the logs agree, that is as likely as before.
     */
    void disconnected(PeerState peer) {
        Progress progress = peer.progress();
        if (progress.installing().isEmpty()) {
            progress.probeFrom(progress.isProbing() ? progress.nextIndex() : progress.matchIndex() + 1);
        }
    }

    /** Gives up the snapshots that peers are pulling. */
    void leave() {
        peers.values().forEach(this::unpin);
    }

    private void unpin(PeerState peer) {
        peer.progress().installing().ifPresent(snapshot -> server.snapshots().pin(snapshot, false));
    }

    void check() {
        long lastIndex = server.log().lastIndex();
        peers.values().forEach(peer -> peer.progress().check(lastIndex));
        Checks.check(
                peers.keySet().stream().allMatch(server.configuration()::contains),
                "a leader knows members only",
                peers.keySet());
    }
}
