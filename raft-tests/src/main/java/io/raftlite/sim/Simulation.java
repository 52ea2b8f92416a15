package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.replica.Applied;
import io.raftlite.replica.StateMachine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A whole cluster in one thread, on simulated time, network and disks: the production {@code Replica} runs unchanged, and
 * every run can be repeated from its seed.
 *
 * <pre>{@code
 * Simulation cluster = Simulation.of(3).seed(7).machine(MyMachine::new).start();
 * SimServer leader = cluster.awaitLeader();
 * cluster.network().partition(List.of(leader.id()), cluster.othersThan(leader.id()));
 * cluster.run(Duration.ofSeconds(2));
 * }</pre>
 *
 * <p>Every event is judged by the promises of Raft. A broken one, or a wait that ends in vain, throws a {@link
 * SimulationException} that names the promise, the seed and the last events.
 */
public final class Simulation {
    private static final String CLUSTER = "simulation";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final long seed;
    private final Agenda agenda = new Agenda();
    private final Trace trace = new Trace();
    private final SimNetwork network;
    private final Builder builder;
    private final Chronicle chronicle;
    private final Judge judge;
    private final Coverage coverage;
    private final Observers observers;
    private final Roll roll;
    private final Failures failures;
    private final Map<NodeId, SimServer> servers = new TreeMap<>();
    private Faults faults;
    private long disks;

    private Simulation(Builder builder) {
        this.builder = builder;
        this.seed = builder.seed;
        this.chronicle = new Chronicle(builder.initial, builder.machine.get(), builder.snapshotsMayDiffer);
        this.judge = new Judge(servers, chronicle);
        this.coverage = new Coverage(servers);
        // The judge comes last, so that the others have seen what it ends the run for.
        this.observers = new Observers(coverage, builder.recording.observer(seed, agenda::now), builder.tracer, judge);
        this.network = new SimNetwork(seed, agenda, observers, this::deliver);
        this.roll = new Roll(servers, chronicle);
        this.failures = new Failures(seed, agenda, trace, roll);
        faults(builder.calm);
        builder.ids.forEach(this::put);
    }

    private SimServer put(NodeId id) {
        SimServer server = new SimServer(this, id, newConfig(id), newStorage(id));
        servers.put(id, server);
        return server;
    }

    StateMachine newMachine() {
        return builder.machine.get();
    }

    /** Makes an empty storage, unless a disk was given for it; each has lots of its own. */
    SimStorage newStorage(NodeId id) {
        Lots lots = new Lots(seed, id + " disk " + disks);
        SimStorage storage = new SimStorage(id, builder.disk(id), agenda, lots, observers);
        storage.faults(faults);
        return storage;
    }

    /** Describes a server with a new disk, and so with a new incarnation. */
    RaftConfig newConfig(NodeId id) {
        return config(id, new Lots(seed, id + " incarnation " + disks++).between(1, Integer.MAX_VALUE), 0)
                .build();
    }

    /**
     * Begins to describe a server by its identity, its disk, and what is common to all. Each of its starts has a seed of its
     * own, as in production, so that no process repeats the nonces and time-outs of the one before.
     */
    RaftConfig.Builder config(NodeId id, long incarnation, long start) {
        long own = new Lots(seed, id + " start " + start).next();
        return builder.config.apply(RaftConfig.builder(id, CLUSTER).seed(own).incarnation(incarnation));
    }

    /** Adds a server that knows nobody and waits to be contacted, and starts it; it is no member yet. */
    public SimServer add(String id) {
        Judge.require(!servers.containsKey(NodeId.of(id)), "there is a server " + id + " already");
        SimServer server = put(NodeId.of(id));
        server.start();
        return server;
    }

    /** Starts to describe a cluster of {@code size} servers A, B, C… */
    public static Builder of(int size) {
        return new Builder(size);
    }

    /** Collects how a simulated cluster differs from the usual one. */
    public static final class Builder {
        private final List<NodeId> ids = new ArrayList<>();
        private final Configuration initial;
        private final Map<NodeId, SimDisk> disks = new TreeMap<>();
        private long seed = 1;
        private Supplier<StateMachine> machine = Echo::new;
        private UnaryOperator<RaftConfig.Builder> config = UnaryOperator.identity();
        private boolean snapshotsMayDiffer;
        private Faults calm = Faults.NONE;
        private Recording recording = Recording.off();
        private Observer tracer = Observer.NONE;
        private BiFunction<NodeId, Configuration, SimDisk> disk = (id, initial) -> new ModelDisk(initial);

        private Builder(int size) {
            if (size < 1 || size > 26) {
                throw new IllegalArgumentException("a simulated cluster has 1 to 26 servers, not " + size);
            }
            for (int i = 0; i < size; i++) {
                ids.add(NodeId.of(String.valueOf((char) ('A' + i))));
            }
            initial = Configuration.ofVoters(ids);
        }

        /** What decides everything that is left to chance; 1 by default. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /** Makes the state machine of each process; one that echoes its commands by default. */
        public Builder machine(Supplier<StateMachine> machine) {
            this.machine = machine;
            return this;
        }

        /** Allows equal states of the machine to have snapshots that differ in their bytes, so that they are not compared. */
        public Builder snapshotsMayDiffer() {
            this.snapshotsMayDiffer = true;
            return this;
        }

        /** Changes the configuration of every server. */
        public Builder config(UnaryOperator<RaftConfig.Builder> config) {
            this.config = config;
            return this;
        }

        /** Sets how network and disks behave when nothing goes wrong; {@link Faults#NONE} by default. */
        public Builder calm(Faults calm) {
            this.calm = calm;
            return this;
        }

        /** Lets a recording see what happens, to be looked at later. */
        public Builder recording(Recording recording) {
            this.recording = recording;
            return this;
        }

        /** Makes the disk of each server; a {@link ModelDisk} by default. */
        public Builder disk(BiFunction<NodeId, Configuration, SimDisk> disk) {
            this.disk = disk;
            return this;
        }

        /** Has everything written down that the servers do. */
        public Builder trace(ProtocolTrace trace) {
            trace.bornWith(ids);
            this.tracer = trace.observer();
            return this;
        }

        /** Gives a server a past: a term, and a log with entries of the given terms. */
        public Builder log(String id, long term, long... entryTerms) {
            disks.put(NodeId.of(id), ModelDisk.withLog(initial, term, entryTerms));
            return this;
        }

        private SimDisk disk(NodeId id) {
            SimDisk given = disks.remove(id);
            return given != null ? given : disk.apply(id, ids.contains(id) ? initial : Configuration.EMPTY);
        }

        /** Makes the cluster; no server runs yet. */
        public Simulation build() {
            return new Simulation(this);
        }

        /** Makes the cluster and starts every server. */
        public Simulation start() {
            Simulation simulation = build();
            simulation.servers.values().forEach(SimServer::start);
            return simulation;
        }
    }

    /** Returns the servers, in the order of their ids. */
    public List<SimServer> servers() {
        return List.copyOf(servers.values());
    }

    /** Returns the server with this id. */
    public SimServer server(String id) {
        return server(NodeId.of(id));
    }

    SimServer server(NodeId id) {
        SimServer server = servers.get(id);
        if (server == null) {
            throw new IllegalArgumentException("there is no server " + id + " among " + servers.keySet());
        }
        return server;
    }

    /** Returns the ids of all servers but one. */
    public List<NodeId> othersThan(NodeId one) {
        return servers.keySet().stream().filter(id -> !id.equals(one)).toList();
    }

    /** Returns the network between the servers. */
    public SimNetwork network() {
        return network;
    }

    /** Changes how badly network and disks behave, from now on. */
    public void faults(Faults faults) {
        this.faults = faults;
        network.faults(faults);
        servers.values().forEach(server -> server.storage().faults(faults));
    }

    Faults faults() {
        return faults;
    }

    /** Returns the world's time in nanoseconds since the start. */
    public long now() {
        return agenda.now();
    }

    /** Returns how many events have happened. */
    public long events() {
        return agenda.happened();
    }

    /** Returns a number that is the same in every run in which the same happened. */
    public long traceHash() {
        return trace.hash();
    }

    Agenda agenda() {
        return agenda;
    }

    Judge judge() {
        return judge;
    }

    Coverage coverage() {
        return coverage;
    }

    Failures failures() {
        return failures;
    }

    Chronicle chronicle() {
        return chronicle;
    }

    Observers observers() {
        return observers;
    }

    /** Returns how many entries are known to be committed. */
    public long committed() {
        return chronicle.lastIndex();
    }

    /** Returns how many snapshots lie on the servers' disks or did so since they were last lost. */
    long snapshots() {
        return servers.values().stream()
                .mapToLong(server -> server.storage().snapshots().saved())
                .sum();
    }

    /** Lets the world go on for so long. */
    public void run(Duration time) {
        run(time, Long.MAX_VALUE);
    }

    /** Lets the world go on for so long, or until so many events have happened since the start. */
    void run(Duration time, long untilEvents) {
        long end = now() + time.toNanos();
        boolean more = true;
        while (more && events() < untilEvents) {
            more = step(end);
        }
    }

    private boolean step(long limitNanos) {
        try {
            boolean more = agenda.step(limitNanos);
            failures.require();
            return more;
        } catch (RuntimeException failure) {
            throw failures.told(failure);
        }
    }

    /** Lets the world go on until something is so, at most for 20 s of simulated time. */
    public void awaitUntil(String what, BooleanSupplier condition) {
        long end = now() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (!step(end)) {
                throw failures.told(new SimulationException("waited in vain until " + what));
            }
        }
    }

    /** Waits until a server leads which a majority follows, and returns it. */
    public SimServer awaitLeader() {
        awaitUntil("a server leads and a majority follows it", () -> leader().isPresent());
        return leader().orElseThrow();
    }

    /** Returns the server that leads and that a majority of the voters follows, both majorities while joint. */
    public Optional<SimServer> leader() {
        return roll.leader();
    }

    /** Returns the latest configuration that is committed. */
    public Configuration configuration() {
        return chronicle.configuration();
    }

    /** Returns the index of the latest configuration that is committed. */
    public long configurationIndex() {
        return chronicle.configurationIndex();
    }

    boolean isAloneAtBirth(NodeId id) {
        return builder.ids.equals(List.of(id));
    }

    /** Tells whether no server's log holds a configuration that may come into force, or lacks the one that is. */
    boolean isConfigurationSettled() {
        return roll.isConfigurationSettled();
    }

    /** Waits until an answer has come, and returns it; a request that failed is an exception with its reason. */
    public Applied await(CompletableFuture<Applied> answer) {
        awaitUntil("a request is answered", answer::isDone);
        return answer.join();
    }

    /** Ends all faults, starts every server, and waits until all logs are equal, committed and applied to their end. */
    public void awaitCalm() {
        network.heal();
        faults(builder.calm);
        servers.values().forEach(SimServer::calm);
        awaitUntil("a server leads, and all members have applied the same log", roll::isCalm);
        servers.values().stream().filter(SimServer::isRunning).forEach(roll::requireAgreement);
    }

    private void deliver(Message message) {
        server(message.envelope().to()).receive(message);
    }

    /** The peers of a process that ended see their connections end. */
    void ended(SimServer gone) {
        for (SimServer peer : servers.values()) {
            if (peer != gone && !network.isCut(gone.id(), peer.id())) {
                agenda.in(faults.maxDelay().toNanos(), () -> peer.disconnected(gone.id()));
            }
        }
    }

    /** Resets the connections between two servers: what is under way is lost, and both are told, though both live. */
    public void reset(SimServer one, SimServer other) {
        network.reset(one.id(), other.id());
        one.disconnected(other.id());
        other.disconnected(one.id());
    }

    void note(SimServer server, String what) {
        note(server, Lots.with(7, what), () -> server.id() + " " + what);
    }

    void note(SimServer server, long fingerprint, Supplier<String> text) {
        trace.add(now(), Lots.with(fingerprint, server.id().value()), text);
        observers.tell(one -> one.happens(server, text));
    }

    void mark(long term, long commitIndex, long lastIndex) {
        trace.mark(Lots.with(Lots.with(term, commitIndex), lastIndex));
    }
}
