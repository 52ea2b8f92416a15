package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Configuration;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.RecoveredState;
import io.raftlite.node.kv.KeyValueMachine;
import io.raftlite.node.kv.Query;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.MemoryStorage;
import io.raftlite.replica.Replica;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class EventLoopTest {
    private static final NodeId SELF = NodeId.of("A");

    private final LinkedBlockingQueue<Throwable> ended = new LinkedBlockingQueue<>();
    private final EventLoop loop = new EventLoop("test", () -> 0, status -> {}, ended::add);

    private void start() {
        RaftConfig config = RaftConfig.builder(SELF, "c1")
                .seed(1)
                .electionTimeout(Duration.ofSeconds(2))
                .build();
        loop.start(new Replica(
                config,
                RecoveredState.fresh(Configuration.ofVoters(List.of(SELF, NodeId.of("B")))),
                message -> {},
                () -> 0,
                new MemoryStorage(),
                fetch -> {},
                new KeyValueMachine(),
                new Replica.Workers(loop, task -> {}, Runnable::run)));
    }

    private static Thread loopThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("raft-loop-test"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_thread_that_waits_for_its_turn_takes_none_after_the_loop_broke() throws InterruptedException {
        IllegalStateException failure = new IllegalStateException("as the test wants it");
        AtomicBoolean wentOn = new AtomicBoolean();
        start();
        Thread waiter = loopThread();

        AtomicBoolean isBroken = new AtomicBoolean();
        // Until it is this thread, and not the loop's own, that takes the turn.
        while (!isBroken.get()) {
            loop.execute(() -> {
                if (Thread.currentThread() == waiter) {
                    return;
                }
                loop.execute(() -> wentOn.set(true));
                // The loop's own thread comes for its turn now, as it does when a deadline is due.
                while (LockSupport.getBlocker(waiter) == null || LockSupport.getBlocker(waiter) == loop) {
                    LockSupport.unpark(waiter);
                    Thread.onSpinWait();
                }
                isBroken.set(true);
                throw failure;
            });
        }

        assertThat(ended.poll(20, TimeUnit.SECONDS)).isSameAs(failure);
        loop.stop();
        assertThat(wentOn).isFalse();
    }

    @Test
    void no_answer_is_given_within_a_turn() throws Exception {
        ByteBuffer invalid = ByteBuffer.wrap("SET".getBytes(StandardCharsets.UTF_8));
        try (OneNode one = OneNode.start()) {
            RaftNode node = one.node();
            for (int i = 0; i < 20; i++) {
                CompletableFuture<Applied> read = new CompletableFuture<>();
                CompletableFuture<Applied> refused = new CompletableFuture<>();
                CompletableFuture<Boolean> isInTurn =
                        refused.handle((applied, failure) -> node.loop().isInTurn());
                // Who reacts to an answer asks again, on the thread that applies, and is refused at once.
                var unused = read.thenRun(() ->
                        node.request(replica -> replica.submit(invalid, refused), refused::completeExceptionally));

                node.request(
                        replica -> replica.read(Query.get("k"), Consistency.LINEARIZABLE, 0, read),
                        read::completeExceptionally);

                assertThat(isInTurn.get(10, TimeUnit.SECONDS)).isFalse();
            }
        }
    }
}
