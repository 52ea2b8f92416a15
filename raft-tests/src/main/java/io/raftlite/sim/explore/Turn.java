package io.raftlite.sim.explore;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Raft;
import io.raftlite.Ready;
import io.raftlite.Transport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Does one action after another, each to a copy of the one server that it concerns, and has it judged.
 *
 * <p>It is the transport of every core; what a core sends in a turn is in flight in the state that comes of it.
 */
final class Turn implements Transport {
    private final Scope scope;
    private final Post post;
    private final List<Message> sent = new ArrayList<>();
    private final List<Ready.Apply> applies = new ArrayList<>();
    private final List<Ready.Result> results = new ArrayList<>();
    private NodeId self = NodeId.NONE;
    private Disk disk;
    private boolean truncated;

    Turn(Scope scope, Post post) {
        this.scope = scope;
        this.post = post;
        this.disk = scope.disk(0);
    }

    /** Returns the state in which nothing has happened yet. */
    World birth() {
        List<Node> nodes = new ArrayList<>();
        for (int place = 0; place < scope.servers(); place++) {
            nodes.add(start(place, 0, scope.disk(place)));
        }
        return new World(nodes, new int[0], scope.bounds(), new History(), scope.twins());
    }

    private Node start(int place, int run, Disk found) {
        begin(scope.server(place), found);
        Node.Hand clock = new Node.Hand(0);
        Raft core = new Raft(scope.config(place, run), found.recovered(scope.birth(place)), this, clock);
        drain(core);
        return Node.of(scope.server(place), run, core, clock, disk);
    }

    private void begin(NodeId id, Disk found) {
        self = id;
        disk = found;
        truncated = false;
        sent.clear();
        applies.clear();
        results.clear();
    }

    /** Tells whether the last action dropped entries of a log. */
    boolean hasTruncated() {
        return truncated;
    }

    @Override
    public void send(Message message) {
        Judge.sent(self, disk, message);
        sent.add(message);
    }

    /** Returns the state after an action; none if it changes nothing but that a message is no longer in flight. */
    Optional<World> take(World world, Action action) {
        Node before = world.nodes().get(action.server());
        History history = world.history().copy();
        Node after;
        if (action.kind() == ActionKind.CRASH) {
            after = start(action.server(), before.run() + 1, before.disk().crash(action.argument()));
        } else {
            after = act(world, before, action, history);
            if (after.hash() == before.hash() && sent.isEmpty() && results.isEmpty()) {
                return Optional.empty();
            }
        }
        List<Node> nodes = new ArrayList<>(world.nodes());
        nodes.set(action.server(), after);
        int[] gone =
                switch (action.kind()) {
                    case DELIVER -> new int[] {action.argument()};
                    case TOGETHER -> to(action.server(), world);
                    default -> new int[0];
                };
        int[] come = sent.stream().mapToInt(post::number).toArray();
        boolean askedFor = action.kind() == ActionKind.CHANGE || action.kind() == ActionKind.TRANSFER;
        return Optional.of(new World(
                nodes,
                world.messages(gone, come),
                world.bounds().after(action.kind()),
                history,
                askedFor ? 0 : world.twinsWithout(action.server())));
    }

    private Node act(World world, Node before, Action action, History history) {
        begin(before.id(), before.disk());
        Node.Hand clock = new Node.Hand(before.clock().nanoTime());
        Raft core = before.core().copy(this, clock);
        perform(core, clock, world, action, history);
        drain(core);
        core.check();
        if (disk.written() != before.disk().written()) {
            Judge.wrote(world.nodes(), before, disk);
        }
        Node after = Node.of(before.id(), before.run(), core, clock, disk);
        Judge.observe(world, before, disk, after.status(), history);
        if (action.kind() == ActionKind.HEARTBEAT) {
            Judge.ticked(before.status(), after.status());
        }
        Judge.believed(disk, after.status(), world.nodes());
        if (action.kind() == ActionKind.DELIVER) {
            Message message = post.message(action.argument());
            Judge.received(message, before.status(), after.status());
            if (message instanceof Message.VoteRequest request) {
                Judge.voted(request, disk, after.status());
            }
        }
        long applied = before.status().appliedIndex();
        for (Ready.Apply range : applies) {
            Judge.applied(range, applied, disk, history);
            applied = range.last();
        }
        results.forEach(result -> Judge.answered(result, history));
        return after;
    }

    private void perform(Raft core, Node.Hand clock, World world, Action action, History history) {
        ActionKind kind = action.kind();
        long request =
                Requests.number(kind, scope.bounds().left(kind) - world.bounds().left(kind));
        switch (kind) {
            case DELIVER, DUPLICATE -> core.receive(post.message(action.argument()));
            case PERSIST -> persist(core, action.argument());
            case TOGETHER -> {
                for (int message : to(action.server(), world)) {
                    core.receive(post.message(message));
                }
                if (!disk.pending().isEmpty()) {
                    persist(core, 1);
                }
            }
            case TIMEOUT, HEARTBEAT -> {
                clock.goTo(core.nextDeadlineNanos());
                core.tick();
            }
            case LAPSE -> clock.goTo(clock.nanoTime() + Scope.ELECTION_TIMEOUT_NANOS);
            case PROPOSE -> {
                history.ask(request);
                core.propose(request, List.of(Requests.command(request)));
            }
            case READ -> {
                history.ask(request);
                core.read(request);
            }
            case CHANGE -> {
                history.ask(request);
                core.change(request, scope.change().orElseThrow());
            }
            case TRANSFER -> {
                history.ask(request);
                core.transferLeadership(request, scope.server(action.argument()));
            }
            case CRASH -> throw new IllegalStateException("a crash is done to a disk");
        }
    }

    /** Returns what is in flight to a server, in the order in which it was sent first. */
    private int[] to(int server, World world) {
        return Arrays.stream(world.messages())
                .filter(message -> scope.place(post.message(message).envelope().to()) == server)
                .toArray();
    }

    private void persist(Raft core, int count) {
        long sequence = disk.pending().get(count - 1).sequence();
        disk = disk.persist(count);
        // A fact of a write that nobody knows, and the same fact again, are to be ignored.
        core.persisted(Long.MAX_VALUE);
        core.persisted(sequence);
        core.persisted(sequence);
    }

    /** Takes the work of a core: writes are under way, what is to be applied is applied at once. */
    private void drain(Raft core) {
        boolean more = true;
        while (more) {
            Ready ready = core.ready();
            ready.persist().ifPresent(persist -> {
                truncated |= persist.truncateFrom() > 0;
                disk = disk.write(persist);
            });
            ready.apply().ifPresent(range -> {
                applies.add(range);
                core.applied(range.last());
            });
            results.addAll(ready.results());
            more = ready.apply().isPresent();
        }
    }
}
