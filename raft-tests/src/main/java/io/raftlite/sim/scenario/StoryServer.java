package io.raftlite.sim.scenario;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.Ready;
import io.raftlite.Status;
import io.raftlite.Status.RoleName;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Replica;
import io.raftlite.replica.Snapshot;
import io.raftlite.replica.StateMachine;
import io.raftlite.sim.Registers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One server of a story: the production {@link Replica} on a disk and lines that are moved by hand. */
final class StoryServer {
    private static final int MOST_APPLIED = 2;

    private final World world;
    private final RaftConfig config;
    private final StoryDisk disk;
    private final ArrayDeque<Runnable> facts = new ArrayDeque<>();
    private final ArrayDeque<Runnable> work = new ArrayDeque<>();
    private final List<Message> sent = new ArrayList<>();
    private final TreeMap<Long, String> applied = new TreeMap<>();
    private final List<String> answers = new ArrayList<>();
    private final List<String> open = new ArrayList<>();
    private Optional<Ready.Fetch> fetch = Optional.empty();
    private @Nullable Replica replica;
    private Status seen;

    StoryServer(World world, RaftConfig config, StoryDisk disk) {
        this.world = world;
        this.config = config;
        this.disk = disk;
        this.seen = Status.of(config.self());
    }

    NodeId id() {
        return config.self();
    }

    boolean isRunning() {
        return replica != null;
    }

    Status status() {
        return seen;
    }

    StoryDisk disk() {
        return disk;
    }

    Optional<Ready.Fetch> fetch() {
        return fetch;
    }

    void start() {
        Replica.Workers workers = new Replica.Workers(facts::add, work::add, Runnable::run);
        Replica process = new Replica(
                config, disk.recover(), sent::add, world::now, disk, this::fetch, new ToldMachine(), workers);
        replica = process;
        seen = process.status();
        perform(nobody -> {});
    }

    private void fetch(Ready.Fetch wanted) {
        fetch = Optional.of(wanted);
        world.narration()
                .tell(id() + " is to pull the snapshot "
                        + Words.id(wanted.snapshot().last()) + " from " + wanted.from());
    }

    /** Ends the process; what its disk has not finished is lost. */
    void crash() {
        replica = null;
        facts.clear();
        work.clear();
        disk.crash();
        fetch = Optional.empty();
        open.forEach(request -> world.narration().tell(id() + " never answers " + request));
        open.clear();
    }

    long deadlineNanos() {
        return process().nextDeadlineNanos();
    }

    private Replica process() {
        if (replica == null) {
            throw new IllegalStateException(id() + " does not run");
        }
        return replica;
    }

    /** Pulls the snapshot that is to be pulled from the disk of a peer, or fails to if it is not reached or has it no more. */
    void pull(Optional<StoryDisk> peer) {
        Ready.Fetch wanted = fetch.orElseThrow();
        fetch = Optional.empty();
        if (peer.isPresent() && disk.pull(wanted.snapshot(), peer.get())) {
            perform(process -> process.snapshotReceived(wanted.from(), wanted.session(), wanted.snapshot()));
        } else {
            world.narration().tell(id() + " cannot pull the snapshot");
            perform(process -> process.fetchFailed(wanted.from(), wanted.session()));
        }
    }

    /** Lets the disk finish the oldest write that waits, and what follows from it. */
    void finishWrite() {
        perform(nobody -> world.narration().tell(id() + "'s disk has finished write " + disk.finishOne()));
    }

    /** Lets the disk fail at the oldest write that waits. */
    void failWrite() {
        perform(nobody -> disk.failOne());
    }

    /** Makes a request known by {@code text}, whose answer is told as {@code told} has it. */
    CompletableFuture<Applied> request(String text, Function<Applied, String> told) {
        CompletableFuture<Applied> answer = new CompletableFuture<>();
        open.add(text);
        var unused = answer.whenComplete((applied, failure) -> {
            open.remove(text);
            String outcome = failure == null
                    ? told.apply(applied)
                    : failure.getClass().getSimpleName() + ", " + failure.getMessage();
            answers.add(id() + " answers " + text + ": " + outcome);
        });
        return answer;
    }

    /** Does something to the process, and all that follows from it by itself. */
    void perform(Consumer<Replica> action) {
        Replica process = process();
        action.accept(process);
        do {
            while (!facts.isEmpty()) {
                facts.remove().run();
            }
            process.flush();
            observe(process);
            while (!work.isEmpty()) {
                work.remove().run();
            }
            tellApplied();
            disk.proceed();
        } while (!facts.isEmpty());
        if (process.halted().isPresent()) {
            halt(process.halted().get());
        } else {
            // The core counts its sleep from here on.
            process.nextDeadlineNanos();
        }
    }

    private void halt(Throwable cause) {
        if (!disk.hasFailed()) {
            throw new IllegalStateException(id() + " halted: " + cause.getMessage(), cause);
        }
        world.narration().tell(id() + " halts: " + cause.getMessage());
        crash();
    }

    private void observe(Replica process) {
        process.check();
        Status before = seen;
        seen = process.status();
        world.judge(this, before, seen);
        tellRole(before, seen);
        disk.takeNews().forEach(this::tellWrite);
        if (seen.commitIndex() > before.commitIndex()) {
            world.narration().tell(id() + " commits " + Words.range(before.commitIndex() + 1, seen.commitIndex()));
        }
        tellSent();
        answers.forEach(world.narration()::tell);
        answers.clear();
    }

    private void tellRole(Status before, Status now) {
        Narration narration = world.narration();
        if (now.role() != before.role()) {
            narration.tell(id() + " " + roleChange(before.role(), now));
        } else if (now.term() > before.term()) {
            narration.tell(id() + " enters term " + now.term());
        }
        boolean hasVoted = !now.votedFor().equals(id()) && !now.votedFor().isNone();
        if (hasVoted && (now.term() > before.term() || !now.votedFor().equals(before.votedFor()))) {
            narration.tell(id() + " votes for " + now.votedFor());
        }
        if (!now.leader().equals(before.leader())
                && !now.leader().equals(id())
                && !now.leader().isNone()) {
            narration.tell(id() + " follows " + now.leader());
        }
        if (now.parked() && !before.parked()) {
            narration.tell(id() + " learns that it was removed, and will stand no more");
        }
    }

    private static String roleChange(RoleName before, Status now) {
        return switch (now.role()) {
            case PRE_CANDIDATE -> "becomes pre-candidate: could it win term " + (now.term() + 1) + "?";
            case CANDIDATE -> "becomes candidate in term " + now.term() + " and votes for itself";
            case LEADER -> "becomes leader of term " + now.term();
            case LEARNER -> before == RoleName.FOLLOWER ? "is a learner now" : "becomes learner in term " + now.term();
            case FOLLOWER ->
                before == RoleName.LEARNER
                        ? "is a voter now"
                        : "is no longer " + before + ", but follower in term " + now.term();
        };
    }

    private void tellWrite(Ready.Persist persist) {
        String changes = Words.changes(persist);
        if (disk.isHeld()) {
            String vote = persist.hardState().votedFor().isNone()
                    ? ""
                    : ", vote " + persist.hardState().votedFor();
            world.narration()
                    .tell(id() + "'s disk is given write " + persist.sequence() + ": term "
                            + persist.hardState().term() + vote + (changes.isEmpty() ? "" : ", " + changes));
        } else if (!changes.isEmpty()) {
            world.narration().tell(id() + " " + changes);
        }
    }

    /** Hands what was sent to the lines, and tells it, one line for all receivers of the same. */
    private void tellSent() {
        Map<String, List<String>> receivers = new LinkedHashMap<>();
        for (Message message : sent) {
            String to = message.envelope().to() + (world.lines().isCut(message) ? " (cut off)" : "");
            receivers
                    .computeIfAbsent(MessageWords.brief(message), any -> new ArrayList<>())
                    .add(to);
            world.lines().send(message);
        }
        sent.clear();
        receivers.forEach(
                (what, to) -> world.narration().sent(id() + " sends " + what + " to " + String.join(", ", to)));
    }

    private void tellApplied() {
        if (applied.size() > MOST_APPLIED) {
            world.narration().tell(id() + " applies " + Words.range(applied.firstKey(), applied.lastKey()));
        } else {
            applied.forEach((index, command) -> world.narration().tell(id() + " applies " + index + ": " + command));
        }
        applied.clear();
    }

    /** Notes what it is given to apply. */
    private final class ToldMachine implements StateMachine {
        private final Registers registers = new Registers();

        @Override
        public ByteBuffer apply(long index, ByteBuffer command) {
            applied.put(index, Words.command(command));
            return registers.apply(index, command);
        }

        @Override
        public ByteBuffer query(ByteBuffer query) {
            return registers.query(query);
        }

        @Override
        public Snapshot snapshot() {
            return registers.snapshot();
        }

        @Override
        public void restore(InputStream snapshot) throws IOException {
            registers.restore(snapshot);
            world.narration().tell(id() + "'s state machine takes the state of the snapshot");
        }
    }
}
