package io.raftlite.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.Ready;
import io.raftlite.RecoveredState;
import io.raftlite.SnapshotMeta;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/** The replica A with a state machine that remembers every command; its workers and its time are driven by hand. */
final class TestReplica {
    static final NodeId A = NodeId.of("A");
    static final NodeId B = NodeId.of("B");
    static final String CLUSTER = "test";

    final Queue<Runnable> loop = new ArrayDeque<>();
    final Queue<Runnable> applier = new ArrayDeque<>();
    final List<Ready.Fetch> fetches = new ArrayList<>();
    final Replica replica;
    private final List<Message> sent = new ArrayList<>();
    private final Journal journal = new Journal();
    private long now;

    TestReplica(RaftConfig config, RecoveredState recovered, Storage storage) {
        Replica.Workers workers = new Replica.Workers(loop::add, applier::add, Runnable::run);
        this.replica = new Replica(config, recovered, sent::add, () -> now, storage, fetches::add, journal, workers);
    }

    /** Starts the only voter of a new cluster, and lets it lead. */
    static TestReplica leader(RaftConfig config, Storage storage) {
        TestReplica alone = new TestReplica(config, fresh("A"), storage);
        alone.replica.campaign();
        alone.run();
        assertThat(alone.replica.status().isLeader()).isTrue();
        return alone;
    }

    static RaftConfig.Builder config() {
        return RaftConfig.builder(A, CLUSTER);
    }

    static RecoveredState fresh(String... voters) {
        return RecoveredState.fresh(configuration(voters));
    }

    static Configuration configuration(String... voters) {
        return Configuration.ofVoters(Arrays.stream(voters).map(NodeId::of).toList());
    }

    CompletableFuture<Applied> submit(String command) {
        return submit(new Origin.Anonymous(), command);
    }

    CompletableFuture<Applied> submit(Origin origin, String command) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        replica.submit(bytes(command), origin, answer);
        return answer;
    }

    long register() {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        replica.register(answer);
        run();
        return answer.join().index();
    }

    CompletableFuture<Applied> takeSnapshot() {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        replica.takeSnapshot(answer);
        run();
        return answer;
    }

    CompletableFuture<Applied> read(Consistency consistency, long minIndex) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        replica.read(bytes("all"), consistency, minIndex, answer);
        return answer;
    }

    void receive(Message message) {
        replica.receive(message);
        run();
    }

    Envelope from(NodeId peer, long nonce) {
        return new Envelope(CLUSTER, peer, A, 0, 0, nonce);
    }

    /** Wins the election of the next term with the vote of B. */
    void elect() {
        replica.campaign();
        run();
        for (Message.PreVoteRequest request : sentToB(Message.PreVoteRequest.class)) {
            receive(new Message.PreVoteResponse(
                    from(B, request.envelope().nonce()), replica.status().term(), true));
        }
        for (Message.VoteRequest request : sentToB(Message.VoteRequest.class)) {
            receive(new Message.VoteResponse(from(B, request.envelope().nonce()), request.term(), true));
        }
        assertThat(replica.status().isLeader()).isTrue();
    }

    /** Lets B accept every append so far. */
    void acceptAppends() {
        for (Message.AppendRequest append : sentToB(Message.AppendRequest.class)) {
            receive(new Message.AppendResponse(
                    from(B, append.envelope().nonce()),
                    append.term(),
                    true,
                    append.lastIndex(),
                    io.raftlite.EntryId.ZERO,
                    append.readSequence()));
        }
    }

    /** Lets B answer every heartbeat so far. */
    void answerHeartbeats() {
        for (Message.Heartbeat heartbeat : sentToB(Message.Heartbeat.class)) {
            receive(new Message.HeartbeatResponse(
                    from(B, heartbeat.envelope().nonce()), heartbeat.term(), 0, heartbeat.readSequence()));
        }
    }

    <T extends Message> List<T> sentToB(Class<T> kind) {
        return List.copyOf(sent).stream()
                .filter(message -> message.envelope().to().equals(B))
                .filter(kind::isInstance)
                .map(kind::cast)
                .filter(message -> message.term() >= replica.status().term())
                .toList();
    }

    void forgetSent() {
        sent.clear();
    }

    void advance(Duration time) {
        now += time.toNanos();
        replica.tick();
        run();
    }

    Duration untilNextTurn() {
        return Duration.ofNanos(replica.nextDeadlineNanos() - now);
    }

    /** Runs turns until nothing is left to do. */
    void run() {
        replica.flush();
        while (!loop.isEmpty() || !applier.isEmpty()) {
            while (!applier.isEmpty()) {
                applier.remove().run();
            }
            runLoop();
        }
    }

    /** Runs the loop's tasks, and leaves those of the applier. */
    void runLoop() {
        replica.flush();
        while (!loop.isEmpty()) {
            loop.remove().run();
            replica.flush();
            replica.check();
        }
    }

    List<String> commands() {
        return List.copyOf(journal.commands);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    /** Hears facts and does nothing. */
    static final class Deaf implements Storage.Listener {
        @Override
        public void persisted(long sequence) {}

        @Override
        public void persistFailed(long sequence, Throwable cause) {}

        @Override
        public void loaded(long id, List<Entry> entries) {}

        @Override
        public void loadFailed(long id, Throwable cause) {}

        @Override
        public void saved(SnapshotMeta snapshot, long sizeBytes) {}

        @Override
        public void saveFailed(SnapshotMeta snapshot, Throwable cause) {}
    }
}
