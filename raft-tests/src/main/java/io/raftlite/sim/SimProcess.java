package io.raftlite.sim;

import io.raftlite.Message;
import io.raftlite.RaftConfig;
import io.raftlite.replica.Replica;
import io.raftlite.replica.StateMachine;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One process on a simulated server, from its start to its end: a {@link Replica} and the loop that drives it. */
final class SimProcess {
    private static final long APPLY_NANOS = 20_000;

    private final Simulation world;
    private final SimServer server;
    private final StateMachine machine;
    private final Replica replica;
    private final ArrayDeque<Runnable> facts = new ArrayDeque<>();
    private final OpenAnswers open = new OpenAnswers();
    private boolean inTurn;
    private boolean ended;
    private long wakeAtNanos = Long.MAX_VALUE;

    SimProcess(Simulation world, SimServer server, RaftConfig config, SimFetcher fetcher) {
        this.world = world;
        this.server = server;
        this.machine = world.newMachine();
        this.replica = new Replica(
                config,
                server.storage().recover(),
                this::send,
                server.clock(),
                server.storage(),
                fetcher,
                new WatchedMachine(server, world.judge(), machine),
                new Replica.Workers(
                        this::take, this::later, task -> world.agenda().in(0, task)));
    }

    StateMachine machine() {
        return machine;
    }

    /** Returns the answers for which clients wait. */
    OpenAnswers open() {
        return open;
    }

    /** Takes a fact; outside of a turn, it makes one. */
    private void take(Runnable fact) {
        world.observers().tell(one -> one.comes(server));
        facts.add(fact);
        if (!inTurn && facts.size() == 1) {
            world.agenda().in(0, () -> perform(nobody -> {}, () -> server.id() + " hears what was done", 7));
        }
    }

    private void later(Runnable task) {
        world.agenda().in(APPLY_NANOS, () -> work(task));
    }

    /** The state machine works beside the loop, which hears what came of it in a turn of its own. */
    private void work(Runnable task) {
        unlessPaused(() -> {
            world.note(server, 8, () -> server.id() + "'s state machine works");
            task.run();
        });
    }

    private void send(Message message) {
        world.observers().tell(one -> one.sends(server, message));
        world.network().send(message);
    }

    /** Does something to the process, now or when it is no longer paused; nothing if it has ended. */
    void perform(Consumer<Replica> action, Supplier<String> text, long fingerprint) {
        unlessPaused(() -> {
            world.note(server, fingerprint, text);
            turn(action);
        });
    }

    private void unlessPaused(Runnable action) {
        if (ended) {
            return;
        }
        if (server.isPaused()) {
            world.agenda().at(server.pausedUntilNanos(), () -> unlessPaused(action));
        } else {
            action.run();
        }
    }

    /** One turn of the loop, as a node's event loop has it. */
    void turn(Consumer<Replica> action) {
        inTurn = true;
        if (server.wasSuspended()) {
            replica.endLease();
        }
        action.accept(replica);
        did(Observer.Piece.ACTION);
        do {
            while (!facts.isEmpty()) {
                facts.remove().run();
                did(Observer.Piece.FACT);
            }
            replica.tick();
            did(Observer.Piece.TICK);
            replica.flush();
            did(Observer.Piece.FLUSH);
        } while (!facts.isEmpty());
        inTurn = false;
        replica.check();
        server.turned(replica.status());
        replica.halted().ifPresentOrElse(this::halt, this::goOn);
    }

    private void did(Observer.Piece piece) {
        world.observers().tell(one -> one.did(server, piece, replica::status));
    }

    private void halt(Throwable cause) {
        Judge.require(server.storage().isFailed(), server.id() + " halted: " + cause.getMessage());
        server.end(this);
    }

    private void goOn() {
        wakeInTime();
        if (server.isLastTurn()) {
            world.agenda().in(0, () -> {
                if (!ended && server.isDoomed()) {
                    server.crash();
                }
            });
        }
    }

    private void wakeInTime() {
        long at = server.clock().worldTimeOf(replica.nextDeadlineNanos());
        if (at < wakeAtNanos || wakeAtNanos <= world.now()) {
            wakeAtNanos = at;
            world.agenda().at(at, () -> {
                if (wakeAtNanos == at) {
                    wakeAtNanos = Long.MAX_VALUE;
                    perform(Replica::tick, () -> server.id() + " wakes", 6);
                }
            });
        }
    }

    /** The process is gone, and with it all that it was to do. */
    void end() {
        ended = true;
        facts.clear();
        open.end(server.id() + " ended while the request was open");
    }
}
