package io.raftlite.node;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftException;
import io.raftlite.Status;
import io.raftlite.http.Inbox;
import io.raftlite.replica.Replica;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that drives a replica, and the queues into it.
 *
 * <p>A turn takes what has come in, lets time pass, hands out the work, publishes the status, and sleeps until something
 * comes in or the replica's next deadline. Messages and requests are bounded: beyond that a message is dropped, as by a
 * network, and a request refused. Facts of the disk and of the state machine are never refused; the replica bounds the
 * work that they answer.
 */
final class EventLoop implements Inbox, Executor {
    private static final int MAX_MESSAGES = 4_096;
    private static final int MAX_REQUESTS = 16_384;
    private static final int TURN = 1_024;
    private static final long MAX_DRIFT_MILLIS = 50;

    /** A call, and what is told when there is no room for it. */
    private record Request(Consumer<Replica> call, Consumer<RaftException> refused) {}

    private final LongSupplier clock;
    private final Consumer<Status> published;
    private final Consumer<Throwable> ended;
    private final Queue<Runnable> facts = new ConcurrentLinkedQueue<>();
    private final ArrayBlockingQueue<Message> messages = new ArrayBlockingQueue<>(MAX_MESSAGES);
    private final ArrayBlockingQueue<Request> requests = new ArrayBlockingQueue<>(MAX_REQUESTS);
    private final Thread thread;
    private @Nullable Replica replica;
    private long clocksApartMillis;
    private volatile boolean sleeping;
    private volatile boolean stopping;

    /**
     * @param published is told the status after every turn, on the loop's thread
     * @param ended is told why the loop ended by itself; not called after {@link #stop}
     */
    EventLoop(String name, LongSupplier clock, Consumer<Status> published, Consumer<Throwable> ended) {
        this.clock = clock;
        this.published = published;
        this.ended = ended;
        this.thread = new Thread(this::run, "raft-loop-" + name);
    }

    /** Starts to drive {@code replica}, which belongs to this loop from now on. */
    void start(Replica replica) {
        this.replica = replica;
        thread.start();
    }

    @Override
    public void receive(Message message) {
        if (messages.offer(message)) {
            wake();
        }
    }

    @Override
    public void disconnected(NodeId peer) {
        execute(() -> replica().disconnected(peer));
    }

    /** Takes a fact. */
    @Override
    public void execute(Runnable fact) {
        facts.add(fact);
        wake();
    }

    /** Takes a fact that concerns the replica. */
    void call(Consumer<Replica> fact) {
        execute(() -> fact.accept(replica()));
    }

    /** Takes a request; either it is made, or {@code refused} is told why not. */
    void request(Consumer<Replica> call, Consumer<RaftException> refused) {
        if (stopping) {
            refused.accept(isStopping());
            return;
        }
        Request request = new Request(call, refused);
        if (requests.offer(request)) {
            wake();
            // The loop may have ended between the two looks; then nobody else would answer.
            if (stopping && requests.remove(request)) {
                refused.accept(isStopping());
            }
        } else {
            refused.accept(new RaftException.Overloaded(MAX_REQUESTS + " requests wait for this node's attention"));
        }
    }

    private static RaftException isStopping() {
        return new RaftException.NodeStopped("this node is stopping");
    }

    private void wake() {
        if (sleeping) {
            LockSupport.unpark(thread);
        }
    }

    private Replica replica() {
        if (replica == null) {
            throw new IllegalStateException("start(replica) comes first");
        }
        return replica;
    }

    private void run() {
        Replica driven = replica();
        String reason = "stopped";
        try {
            while (!stopping && driven.halted().isEmpty()) {
                turn(driven);
                sleepUntil(driven.nextDeadlineNanos());
            }
            driven.halted().ifPresent(ended);
        } catch (RuntimeException | Error broken) {
            reason = broken.toString();
            ended.accept(broken);
        } finally {
            end(driven, reason);
        }
    }

    private void turn(Replica driven) {
        watchClocks(driven);
        takeFacts();
        for (int i = 0; i < TURN; i++) {
            Message message = messages.poll();
            if (message == null) {
                break;
            }
            driven.receive(message);
        }
        for (int i = 0; i < TURN; i++) {
            Request request = requests.poll();
            if (request == null) {
                break;
            }
            request.call.accept(driven);
        }
        driven.tick();
        driven.flush();
        published.accept(driven.status());
    }

    /** A lease rests on the clock: where the two of this machine run apart, as after a suspension, it must not be trusted. */
    private void watchClocks(Replica driven) {
        long apart = System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(clock.getAsLong());
        if (Math.abs(apart - clocksApartMillis) > MAX_DRIFT_MILLIS) {
            clocksApartMillis = apart;
            driven.endLease();
        }
    }

    private void takeFacts() {
        for (Runnable fact = facts.poll(); fact != null; fact = facts.poll()) {
            fact.run();
        }
    }

    private void sleepUntil(long deadlineNanos) {
        sleeping = true;
        // Whoever adds after this look sees that we sleep, and wakes us.
        if (facts.isEmpty() && messages.isEmpty() && requests.isEmpty() && !stopping) {
            long nanos = deadlineNanos == Long.MAX_VALUE ? Long.MAX_VALUE : deadlineNanos - clock.getAsLong();
            if (nanos > 0) {
                LockSupport.parkNanos(this, nanos);
            }
        }
        sleeping = false;
    }

    private void end(Replica driven, String reason) {
        stopping = true;
        driven.stop(reason);
        for (Request request = requests.poll(); request != null; request = requests.poll()) {
            request.refused.accept(isStopping());
        }
    }

    /** Ends the loop, and every open request with {@link RaftException.NodeStopped}; returns when the thread has ended. */
    void stop() throws InterruptedException {
        stopping = true;
        LockSupport.unpark(thread);
        if (Thread.currentThread() != thread) {
            thread.join();
        }
    }
}
