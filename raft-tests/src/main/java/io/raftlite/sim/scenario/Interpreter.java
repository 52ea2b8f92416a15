package io.raftlite.sim.scenario;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.RaftConfig;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Replica;
import io.raftlite.sim.scenario.Narration.Detail;
import io.raftlite.sim.scenario.Step.Word;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Knows the commands of the language, and carries them out one by one. */
final class Interpreter {
    private static final int MOST_NODES = 9;

    private final Map<String, Consumer<Step>> verbs = new LinkedHashMap<>();
    private final Narration narration = new Narration();
    private @Nullable World world;
    private @Nullable ClientSteps clients;

    Interpreter() {
        verbs.put("cluster", this::cluster);
        verbs.put("log", this::log);
        verbs.put("spare", this::spare);
        verbs.put("timeout", this::timeout);
        verbs.put("campaign", this::campaign);
        verbs.put("heartbeat", this::heartbeat);
        verbs.put("elect", this::elect);
        verbs.put("advance", step -> advance(step, false));
        verbs.put("run", step -> advance(step, true));
        verbs.put("deliver", this::deliver);
        verbs.put("drop", step -> world().lines().take(onlyLine(step)));
        verbs.put("duplicate", this::duplicate);
        verbs.put("delay", step -> world().lines()
                .delay(some(step, world().lines().take(onlyLine(step)))));
        verbs.put("cut", this::cut);
        verbs.put("heal", this::heal);
        verbs.put("disconnect", this::disconnect);
        verbs.put("hold", step -> only(step).disk().hold(true));
        verbs.put("persist", step -> writing(step).finishWrite());
        verbs.put("release", this::release);
        verbs.put("fail", step -> writing(step).failWrite());
        verbs.put("crash", this::crash);
        verbs.put("restart", this::restart);
        verbs.put("compact", this::compact);
        verbs.put("pull", this::pull);
        verbs.put("propose", step -> clients().propose(step));
        verbs.put("session", step -> clients().session(step));
        verbs.put("read", step -> clients().read(step, Consistency.LINEARIZABLE));
        verbs.put("lease-read", step -> clients().read(step, Consistency.LEASE));
        verbs.put("stale-read", step -> clients().read(step, Consistency.STALE));
        verbs.put("transfer", step -> clients().transfer(step));
        verbs.put("change", step -> clients().change(step));
        verbs.put("messages", this::messages);
        verbs.put("state", this::state);
    }

    /** Returns the names of all commands. */
    List<String> verbs() {
        return List.copyOf(verbs.keySet());
    }

    /** Carries out one step and returns the lines that tell what came of it. */
    List<String> perform(Step step) {
        Word verb = step.verb();
        Consumer<Step> command = verbs.get(verb.text());
        if (command == null) {
            throw step.error(
                    verb, "there is no command " + verb.text() + "; commands are " + String.join(", ", verbs()));
        }
        if (world == null && command != verbs.get("cluster")) {
            throw step.error(verb, "a scenario begins with a cluster, such as: cluster 3");
        }
        try {
            command.accept(step);
        } catch (ScenarioException wrong) {
            throw wrong;
        } catch (RuntimeException broken) {
            throw step.broken(broken);
        }
        return narration.take();
    }

    private World world() {
        if (world == null) {
            throw new IllegalStateException("there is no cluster yet");
        }
        return world;
    }

    private ClientSteps clients() {
        if (clients == null) {
            throw new IllegalStateException("there is no cluster yet");
        }
        return clients;
    }

    private void cluster(Step step) {
        Word word = step.word(1, "the number of nodes");
        long size = step.number(word);
        if (world != null) {
            throw step.error(step.verb(), "a scenario has one cluster");
        }
        if (size < 1 || size > MOST_NODES) {
            throw step.error(word, "a cluster has 1 to " + MOST_NODES + " nodes, not " + size);
        }
        UnaryOperator<RaftConfig.Builder> options = config -> config;
        for (Word option : step.from(2)) {
            UnaryOperator<RaftConfig.Builder> before = options;
            UnaryOperator<RaftConfig.Builder> more = option(step, option);
            options = config -> more.apply(before.apply(config));
        }
        World made = new World((int) size, options, narration);
        world = made;
        clients = new ClientSteps(made);
    }

    private static UnaryOperator<RaftConfig.Builder> option(Step step, Word word) {
        return switch (word.text()) {
            case "leases" -> config -> config.leaseReads(true);
            case "single-entries" -> config -> config.maxAppendBytes(1);
            case "small-cache" -> config -> config.logCacheBytes(1);
            default ->
                throw step.error(
                        word,
                        "there is no option " + word.text() + "; there are leases, single-entries and small-cache");
        };
    }

    private void log(Step step) {
        StoryServer server = new Arguments(step, world()).server(1);
        Word termWord = step.word(2, "a term, such as term=3");
        if (!termWord.text().startsWith("term=")) {
            throw step.error(termWord, "'" + termWord.text() + "' is no term; one is written term=3");
        }
        long term = step.number(termWord.part("term=".length(), termWord.text().length()));
        List<Long> terms = new ArrayList<>();
        long last = 0;
        for (Word word : step.from(3)) {
            long next = step.number(word);
            if (next < Math.max(1, last) || next > term) {
                throw step.error(word, "the terms of a log go up from 1 to the term of the node, " + term);
            }
            terms.add(next);
            last = next;
        }
        world().givePast(server.id(), term, terms);
    }

    private void spare(Step step) {
        Word name = step.word(1, "a name for the node");
        step.endsBefore(2);
        if (world().find(name.text()).isPresent() || !name.text().matches("[A-Z]")) {
            throw step.error(name, "a spare node has a name of its own, one letter from A to Z");
        }
        world().addSpare(NodeId.of(name.text()));
    }

    private StoryServer only(Step step) {
        step.endsBefore(2);
        return new Arguments(step, world()).running(1);
    }

    private void timeout(Step step) {
        StoryServer server = only(step);
        if (server.status().isLeader()) {
            throw step.error(step.verb(), server.id() + " leads: its timer is a heartbeat");
        }
        if (!world().fireTimer(server)) {
            narration.tell(server.id() + " may not stand for election");
        }
    }

    /** Lets a server stand without a time-out, by pre-vote, if it may. */
    private void campaign(Step step) {
        StoryServer server = only(step);
        int before = world().lines().messages().size();
        server.perform(Replica::campaign);
        if (world().lines().messages().size() == before) {
            narration.tell(server.id() + " may not stand for election");
        }
    }

    private void heartbeat(Step step) {
        requireLeader(step, only(step));
        world().fireTimer(only(step));
    }

    private static void requireLeader(Step step, StoryServer server) {
        if (!server.status().isLeader()) {
            throw step.error(
                    step.word(1, "a node"),
                    server.id() + " does not lead, it is " + server.status().role());
        }
    }

    private void elect(Step step) {
        StoryServer server = only(step);
        narration.detail(Detail.NOTHING);
        timeout(step);
        world().deliverAll();
        requireLeader(step, server);
        heartbeat(step);
        world().deliverAll();
        narration.detail(Detail.OUTCOMES);
        narration.tell(server.id() + " leads term " + server.status().term() + ", committed up to "
                + server.status().commitIndex());
    }

    private void advance(Step step, boolean networkWorks) {
        long nanos = new Arguments(step, world()).nanos(1);
        step.endsBefore(2);
        narration.detail(networkWorks ? Detail.OUTCOMES : Detail.STEPS);
        world().advance(nanos, networkWorks);
    }

    private Lines.Line onlyLine(Step step) {
        step.endsBefore(2);
        return new Arguments(step, world()).line(1);
    }

    private static List<Message> some(Step step, List<Message> messages) {
        if (messages.isEmpty()) {
            throw step.error(step.word(1, "a line"), "there is nothing on its way here");
        }
        return messages;
    }

    private void deliver(Step step) {
        if (step.word(1, "a line such as A->B, or all").text().equals("all")) {
            step.endsBefore(2);
            narration.detail(Detail.ARRIVALS);
            world().deliverAll();
            return;
        }
        Lines.Line line = new Arguments(step, world()).line(1);
        boolean late = step.words().size() > 2 && step.words().get(2).text().equals("late");
        step.endsBefore(late ? 3 : 2);
        List<Message> messages =
                late ? world().lines().takeLate(line) : world().lines().take(line);
        some(step, messages).forEach(world()::deliver);
    }

    private void duplicate(Step step) {
        Lines.Line line = onlyLine(step);
        List<Message> copies = world().lines().messages().stream()
                .filter(line::carries)
                .limit(line.isOne() ? 1 : Long.MAX_VALUE)
                .toList();
        some(step, copies).forEach(world().lines()::send);
    }

    private void cut(Step step) {
        List<List<NodeId>> groups = new Arguments(step, world()).groups();
        for (List<NodeId> group : groups) {
            groups.stream().filter(other -> other != group).forEach(other -> world().lines()
                    .cut(group, other));
        }
    }

    private void heal(Step step) {
        step.endsBefore(1);
        world().lines().heal();
    }

    /** Both ends of a connection notice that it has ended: {@code disconnect A B}. */
    private void disconnect(Step step) {
        Arguments arguments = new Arguments(step, world());
        StoryServer one = arguments.server(1);
        StoryServer other = arguments.server(2);
        step.endsBefore(3);
        world().disconnect(one, other);
    }

    private StoryServer writing(Step step) {
        StoryServer server = only(step);
        if (!server.disk().isWriting()) {
            throw step.error(step.word(1, "a node"), server.id() + "'s disk has nothing to write");
        }
        return server;
    }

    private void release(Step step) {
        StoryServer server = only(step);
        server.disk().hold(false);
        server.perform(nobody -> {});
    }

    private void crash(Step step) {
        only(step).crash();
    }

    private void restart(Step step) {
        StoryServer server = new Arguments(step, world()).server(1);
        step.endsBefore(2);
        if (server.isRunning()) {
            throw step.error(step.word(1, "a node"), server.id() + " runs");
        }
        server.start();
    }

    private void compact(Step step) {
        StoryServer server = only(step);
        var answer = server.request("compact", applied -> "a snapshot stands for all up to " + applied.index());
        server.perform(process -> process.takeSnapshot(answer));
    }

    private void pull(Step step) {
        StoryServer server = only(step);
        if (server.fetch().isEmpty()) {
            throw step.error(step.word(1, "a node"), server.id() + " is to pull no snapshot");
        }
        world().pull(server);
    }

    private void messages(Step step) {
        step.endsBefore(1);
        world().lines().messages().forEach(message -> narration.tell(onItsWay(message)));
        world().lines().late().forEach(message -> narration.tell(onItsWay(message) + " (late)"));
    }

    private static String onItsWay(Message message) {
        return Lines.Line.of(message) + "  " + MessageWords.whole(message);
    }

    private void state(Step step) {
        step.endsBefore(1);
        StateTable.of(world().servers()).forEach(narration::tell);
    }
}
