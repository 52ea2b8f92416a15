package io.raftlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * One real {@link Raft} of a cluster A, B, C… with time, disk and network in the hands of the test. Writes stay under way
 * until the test calls {@link #persistAll} or {@link #persisted}.
 */
final class TestServer {
    static final String CLUSTER = "test-cluster";
    static final NodeId A = NodeId.of("A");
    static final NodeId B = NodeId.of("B");
    static final NodeId C = NodeId.of("C");
    static final NodeId D = NodeId.of("D");
    static final NodeId E = NodeId.of("E");

    final RaftConfig config;
    final Raft raft;
    final List<Ready.Persist> writes = new ArrayList<>();
    final List<Ready.Apply> applied = new ArrayList<>();
    final List<Ready.Load> loads = new ArrayList<>();
    final List<Ready.Fetch> fetches = new ArrayList<>();
    final List<SnapshotMeta> installed = new ArrayList<>();
    final List<Ready.Pin> pins = new ArrayList<>();
    final List<Long> compactions = new ArrayList<>();
    final List<Ready.Result> results = new ArrayList<>();
    private final List<Message> sent = new ArrayList<>();
    private final TreeMap<NodeId, Long> incarnations = new TreeMap<>();
    private long now;

    private TestServer(RaftConfig config, RecoveredState recovered) {
        this.config = config;
        this.raft = new Raft(config, recovered, sent::add, () -> now);
    }

    private TestServer(TestServer other) {
        this.config = other.config;
        this.raft = other.raft.copy(sent::add, () -> now);
        this.writes.addAll(other.writes);
        this.sent.addAll(other.sent);
        this.incarnations.putAll(other.incarnations);
        this.now = other.now;
    }

    /** Returns a server in the same state that goes its own way. */
    TestServer copy() {
        return new TestServer(this);
    }

    /** Starts A of a cluster of {@code size}, in {@code term}, with entries of the given terms. */
    static TestServer of(int size, long term, NodeId votedFor, long... terms) {
        return of(RaftConfig.builder(A, CLUSTER).seed(1).build(), size, term, votedFor, terms);
    }

    static TestServer of(RaftConfig config, int size, long term, NodeId votedFor, long... terms) {
        Configuration configuration =
                Configuration.ofVoters(List.of(A, B, C, D, E).subList(0, size));
        return of(config, new HardState(term, votedFor), SnapshotMeta.birth(configuration), entries(1, terms));
    }

    /** Starts A with a log of {@code entries} behind {@code base}, among them configurations. */
    static TestServer of(RaftConfig config, HardState hardState, SnapshotMeta base, List<Entry> entries) {
        List<EntryId> starts = new ArrayList<>();
        List<RecoveredState.ConfigurationAt> configurations = new ArrayList<>();
        for (Entry entry : entries) {
            if (starts.isEmpty() || starts.get(starts.size() - 1).term() != entry.term()) {
                starts.add(entry.id());
            }
            if (entry.type() == Entry.Type.CONFIGURATION) {
                configurations.add(
                        new RecoveredState.ConfigurationAt(entry.index(), Configuration.decode(entry.payload())));
            }
        }
        long last = base.index() + entries.size();
        return new TestServer(config, new RecoveredState(hardState, 0, base, configurations, starts, last, entries));
    }

    /** Starts A on what it finds, with the usual settings. */
    static TestServer of(RecoveredState recovered) {
        return new TestServer(settings().build(), recovered);
    }

    static RaftConfig.Builder settings() {
        return RaftConfig.builder(A, CLUSTER).seed(1);
    }

    /** Starts A of a cluster of {@code size}, lets it win term 1 and commit its no-op with everyone's help. */
    static TestServer leader(int size) {
        return leader(settings().build(), size);
    }

    static TestServer leader(RaftConfig config, int size) {
        TestServer leader = of(config, size, 0, NodeId.NONE).elected();
        leader.settle(List.of(B, C, D, E).subList(0, size - 1).toArray(NodeId[]::new));
        return leader;
    }

    /** Describes a snapshot of {@code index} in a cluster born with {@code voters}. */
    static SnapshotMeta snapshot(long index, long term, NodeId... voters) {
        return new SnapshotMeta(new EntryId(index, term), 0, 0, Configuration.ofVoters(List.of(voters)));
    }

    static Entry entry(long index, long term, Configuration configuration) {
        return Entry.of(new EntryId(index, term), 0, Entry.Type.CONFIGURATION, configuration.encode());
    }

    static List<Entry> entries(long first, long... terms) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < terms.length; i++) {
            entries.add(entry(first + i, terms[i]));
        }
        return entries;
    }

    static Entry entry(long index, long term) {
        return Entry.of(new EntryId(index, term), 0, Entry.Type.COMMAND, bytes(index + "@" + term));
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Wins the election of the next term with all writes durable; what was sent until then is forgotten. */
    TestServer elected() {
        raft.campaign();
        turn();
        grant(Message.PreVoteRequest.class);
        turn();
        persistAll();
        grant(Message.VoteRequest.class);
        turn();
        return this;
    }

    private void grant(Class<? extends Message> kind) {
        for (Message message : sent()) {
            if (kind.isInstance(message)) {
                Envelope back = replyTo(message);
                raft.receive(
                        message instanceof Message.VoteRequest
                                ? new Message.VoteResponse(back, raft.status().term(), true)
                                : new Message.PreVoteResponse(
                                        back, raft.status().term(), true));
            }
        }
    }

    /** Lets a peer speak under another incarnation than 0 from now on. */
    void incarnation(NodeId peer, long incarnation) {
        incarnations.put(peer, incarnation);
    }

    Envelope from(NodeId peer) {
        return new Envelope(CLUSTER, peer, A, incarnations.getOrDefault(peer, 0L), 0, 1);
    }

    Envelope replyTo(Message request) {
        Envelope asked = request.envelope();
        long incarnation = incarnations.getOrDefault(asked.to(), 0L);
        return new Envelope(CLUSTER, asked.to(), A, incarnation, asked.session(), asked.nonce());
    }

    /**
     * Lets the disk finish every write, and {@code peers} take whatever they are sent, until all is quiet; returns what
     * was sent besides to them, and to others.
     */
    List<Message> settle(NodeId... peers) {
        List<Message> rest = new ArrayList<>();
        persistAll();
        for (List<Message> all = sent(); !all.isEmpty(); all = sent()) {
            for (Message message : all) {
                if (!List.of(peers).contains(message.envelope().to()) || !answer(message)) {
                    rest.add(message);
                }
            }
            persistAll();
        }
        return rest;
    }

    /** Lets {@code time} pass, a heartbeat at a time, while {@code peers} take whatever they are sent. */
    List<Message> live(Duration time, NodeId... peers) {
        List<Message> rest = new ArrayList<>();
        for (long end = now + time.toNanos(); now < end; ) {
            advance(config.heartbeat());
            rest.addAll(settle(peers));
        }
        return rest;
    }

    /** Answers as a peer whose log is equal and which promises what it is asked for; returns whether that calls for it. */
    boolean answer(Message message) {
        if (message instanceof Message.Heartbeat heartbeat) {
            receive(new Message.HeartbeatResponse(
                    replyTo(heartbeat),
                    heartbeat.term(),
                    status().lastIndex(),
                    heartbeat.readSequence(),
                    heartbeat.leaseMillis()));
        } else if (message instanceof Message.AppendRequest append) {
            accept(append);
        } else {
            return false;
        }
        return true;
    }

    void change(long request, ConfigurationChange.Step... steps) {
        raft.change(request, new ConfigurationChange(List.of(steps), 0, false));
        turn();
    }

    /** Returns why a request failed; exactly one result of it must have come. */
    RaftException failure(long request) {
        List<RaftException> causes = new ArrayList<>();
        for (Ready.Result result : results) {
            if (result instanceof Ready.Failed failed && failed.firstRequest() == request) {
                causes.add(failed.cause());
            }
        }
        assertThat(causes).as("failures of request %s in %s", request, results).hasSize(1);
        return causes.get(0);
    }

    void receive(Message message) {
        raft.receive(message);
        turn();
    }

    void propose(long request, String... commands) {
        List<Proposal> batch = new ArrayList<>();
        for (String command : commands) {
            batch.add(Proposal.command(bytes(command)));
        }
        raft.propose(request, batch);
        turn();
    }

    void accept(Message.AppendRequest request) {
        receive(new Message.AppendResponse(
                replyTo(request),
                raft.status().term(),
                true,
                request.lastIndex(),
                EntryId.ZERO,
                request.readSequence()));
    }

    /** Lets everything that was sent as an append so far be accepted by {@code peer}. */
    void acceptAppends(NodeId peer) {
        for (Message message : sent()) {
            if (message instanceof Message.AppendRequest append
                    && append.envelope().to().equals(peer)) {
                accept(append);
            }
        }
    }

    /** Lets {@code peer}, a member since the configuration of {@code session}, hold the log durably up to {@code index}. */
    void matched(NodeId peer, long session, long index) {
        Envelope envelope = new Envelope(CLUSTER, peer, A, 0, session, 1L << 50);
        receive(new Message.AppendResponse(envelope, raft.status().term(), true, index, EntryId.ZERO, 0));
    }

    /** Lets {@code peer} answer every heartbeat among {@code messages}, with the lease that it asks for. */
    void answerHeartbeats(List<? extends Message> messages, NodeId peer) {
        for (Message message : messages) {
            if (message instanceof Message.Heartbeat heartbeat
                    && heartbeat.envelope().to().equals(peer)) {
                receive(new Message.HeartbeatResponse(
                        replyTo(heartbeat),
                        heartbeat.term(),
                        heartbeat.leaderCommit(),
                        heartbeat.readSequence(),
                        heartbeat.leaseMillis()));
            }
        }
    }

    /** Ends a turn: takes the work, and checks the invariants. Applying is instant. */
    void turn() {
        Ready ready = raft.ready();
        ready.persist().ifPresent(writes::add);
        ready.apply().ifPresent(range -> {
            applied.add(range);
            raft.applied(range.last());
        });
        ready.install().ifPresent(snapshot -> {
            installed.add(snapshot);
            raft.applied(snapshot.index());
        });
        ready.fetch().ifPresent(fetches::add);
        pins.addAll(ready.pins());
        if (ready.compactTo() > 0) {
            compactions.add(ready.compactTo());
        }
        loads.addAll(ready.loads());
        results.addAll(ready.results());
        raft.check();
    }

    /** Completes every write that is under way. */
    void persistAll() {
        if (!writes.isEmpty()) {
            persisted(writes.get(writes.size() - 1).sequence());
        }
    }

    void persisted(long sequence) {
        raft.persisted(sequence);
        turn();
    }

    void advance(Duration time) {
        now += time.toNanos();
        raft.tick();
        turn();
    }

    /** Advances to the next deadline, as a driver would. */
    void sleep() {
        now = raft.nextDeadlineNanos();
        raft.tick();
        turn();
    }

    /** Returns what was sent since the last call. */
    List<Message> sent() {
        List<Message> all = List.copyOf(sent);
        sent.clear();
        return all;
    }

    <T extends Message> List<T> sent(Class<T> kind) {
        return sent().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    Status status() {
        return raft.status();
    }
}
