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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

/**
 * Drives a replica, by one thread at a time, and holds the queues into it.
 *
 * <p>A turn takes what has come in, lets time pass, hands out the work, and publishes the status. Whoever brings something
 * takes the turn itself if nobody else is at it: at low load, waking another thread costs more than the turn. A thread that
 * finds somebody at work leaves what it brought, and whoever is at work takes it too; after a few turns in a row the loop's own
 * thread takes over, for a thread of the network has other things to do. That thread also comes when the replica's next
 * deadline does.
 *
 * <p>Messages and requests are bounded: beyond that a message is dropped, as by a network, and a request refused. Facts of the
 * disk and of the state machine are never refused; the replica bounds the work that they answer.
 */
final class EventLoop implements Inbox, Executor {
    private static final int MAX_MESSAGES = 4_096;
    private static final int MAX_REQUESTS = 16_384;
    private static final int TURN = 1_024;
    /** How many turns in a row a thread takes that only brought something. */
    private static final int MAX_TURNS = 4;

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
    private final ReentrantLock driving = new ReentrantLock();
    private final ThreadLocal<Boolean> isDeferred = ThreadLocal.withInitial(() -> false);
    private long clocksApartMillis;
    private volatile @Nullable Replica replica;
    private volatile @Nullable Throwable broken;
    private volatile boolean hasHalted;
    private volatile boolean stopping;
    /** When the next turn must come, though nothing comes in. */
    private volatile long deadlineNanos;
    /** Until when the loop's thread means to sleep. */
    private volatile long sleepsUntilNanos;

    /**
     * @param published is told the status after every turn
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

    /**
     * Lets what has come be taken: here, unless somebody is at it already. A thread that has read from one connection first
     * reads from all the others that are ready, so that what came together is taken together.
     */
    private void wake() {
        XnioIoThread network = XnioIoThread.currentThread();
        if (network == null) {
            drive();
        } else if (!isDeferred.get()) {
            isDeferred.set(true);
            try {
                network.execute(() -> {
                    isDeferred.set(false);
                    drive();
                });
            } catch (RejectedExecutionException serverStopped) {
                isDeferred.set(false);
                drive();
            }
        }
    }

    private void drive() {
        Replica driven = replica;
        if (driven == null || isInTurn()) {
            return;
        }
        // Who holds the lock looks again after it has let go, so that nothing stays behind.
        for (int turns = 0; hasWork() && !isOver() && driving.tryLock(); turns++) {
            if (turns == MAX_TURNS) {
                driving.unlock();
                LockSupport.unpark(thread);
                return;
            }
            try {
                turn(driven);
            } finally {
                driving.unlock();
            }
        }
        if (isOver() || deadlineNanos - sleepsUntilNanos < 0) {
            LockSupport.unpark(thread);
        }
    }

    /** Tells whether this thread is within a turn, where nothing may wait and no code of users may run. */
    boolean isInTurn() {
        return driving.isHeldByCurrentThread();
    }

    private boolean hasWork() {
        return !facts.isEmpty() || !messages.isEmpty() || !requests.isEmpty();
    }

    private boolean isOver() {
        return stopping || hasHalted || broken != null;
    }

    private Replica replica() {
        Replica driven = replica;
        if (driven == null) {
            throw new IllegalStateException("start(replica) comes first");
        }
        return driven;
    }

    private void run() {
        Replica driven = replica();
        while (!isOver()) {
            driving.lock();
            try {
                turn(driven);
            } finally {
                driving.unlock();
            }
            sleep();
        }
        driving.lock();
        try {
            end(driven);
        } finally {
            driving.unlock();
        }
    }

    private void turn(Replica driven) {
        // It may have ended while this thread waited for its turn, or on its way here; what is broken must not go on.
        if (isOver()) {
            return;
        }
        try {
            takeTurn(driven);
        } catch (RuntimeException | Error failure) {
            broken = failure;
        }
    }

    private void takeTurn(Replica driven) {
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
        deadlineNanos = driven.nextDeadlineNanos();
        hasHalted = driven.halted().isPresent();
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

    private void sleep() {
        long until = deadlineNanos;
        sleepsUntilNanos = until;
        // Whoever brings an earlier deadline after this look sees for how long we mean to sleep, and wakes us.
        if (!hasWork() && !isOver() && deadlineNanos - until >= 0) {
            long nanos = until == Long.MAX_VALUE ? Long.MAX_VALUE : until - clock.getAsLong();
            if (nanos > 0) {
                LockSupport.parkNanos(this, nanos);
            }
        }
    }

    private void end(Replica driven) {
        boolean isOrdered = stopping;
        stopping = true;
        Throwable cause = broken;
        driven.halted().filter(halted -> cause == null && !isOrdered).ifPresent(ended);
        if (cause != null) {
            ended.accept(cause);
        }
        driven.stop(cause == null ? "stopped" : cause.toString());
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
