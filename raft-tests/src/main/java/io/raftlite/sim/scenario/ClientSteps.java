package io.raftlite.sim.scenario;

import io.raftlite.ConfigurationChange;
import io.raftlite.NodeId;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import io.raftlite.sim.Registers;
import io.raftlite.sim.scenario.Step.Word;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The commands by which clients and operators ask a server for something. */
final class ClientSteps {
    private static final Pattern COMMAND = Pattern.compile("(\\w+)(\\+?=)(-?\\d{1,15})");
    private static final Pattern NUMBERED = Pattern.compile("(\\w+)#(\\d{1,9})");

    private record Told(String text, ByteBuffer command) {}

    private final World world;
    private final Map<String, Long> sessions = new TreeMap<>();

    ClientSteps(World world) {
        this.world = world;
    }

    /** Proposes commands in one turn: {@code propose A x=1 y+=2}, or one in a session: {@code propose A x+=1 as s#1}. */
    void propose(Step step) {
        StoryServer server = new Arguments(step, world).running(1);
        step.word(2, "a command such as x=1 or x+=1");
        List<Word> words = step.from(2);
        int as = words.stream().map(Word::text).toList().indexOf("as");
        if (as == 1) {
            Word number = step.word(4, "the number of a command in a session, such as s#1");
            step.endsBefore(5);
            proposeInSession(server, command(step, words.get(0)), step, number);
            return;
        }
        List<Told> commands = words.stream().map(word -> command(step, word)).toList();
        List<CompletableFuture<Applied>> answers = new ArrayList<>();
        commands.forEach(command -> answers.add(server.request(command.text, ClientSteps::done)));
        server.perform(process -> {
            for (int i = 0; i < commands.size(); i++) {
                process.submit(commands.get(i).command, answers.get(i));
            }
        });
    }

    private static Told command(Step step, Word word) {
        Matcher matcher = COMMAND.matcher(word.text());
        if (!matcher.matches()) {
            throw step.error(word, "'" + word.text() + "' is no command; one is written x=1 or x+=1");
        }
        String name = matcher.group(1);
        long number = Long.parseLong(matcher.group(3));
        boolean adds = matcher.group(2).equals("+=");
        return new Told(word.text(), adds ? Registers.add(name, number) : Registers.set(name, number));
    }

    private void proposeInSession(StoryServer server, Told command, Step step, Word number) {
        Matcher matcher = NUMBERED.matcher(number.text());
        if (!matcher.matches()) {
            throw step.error(number, "'" + number.text() + "' is no number in a session; one is written s#1");
        }
        Long session = sessions.get(matcher.group(1));
        if (session == null) {
            throw step.error(number, "no session " + matcher.group(1) + " was opened");
        }
        Origin origin = new Origin.InSession(session, Long.parseLong(matcher.group(2)), 0);
        var answer = server.request(command.text + " as " + number.text(), ClientSteps::done);
        server.perform(process -> process.submit(command.command, origin, answer));
    }

    private static String done(Applied applied) {
        return Words.text(applied.result()) + ", from " + applied.index() + ":" + applied.term()
                + (applied.replayed() ? ", which was applied before" : "");
    }

    /** Opens a session under a name of the story: {@code session A s}. */
    void session(Step step) {
        StoryServer server = new Arguments(step, world).running(1);
        String name = step.word(2, "a name for the session").text();
        step.endsBefore(3);
        var answer = server.request("session " + name, applied -> {
            sessions.put(name, applied.index());
            return "it is session " + applied.index();
        });
        server.perform(process -> process.register(answer));
    }

    /** Reads a register: {@code read A x}. */
    void read(Step step, Consistency consistency) {
        StoryServer server = new Arguments(step, world).running(1);
        String name = step.word(2, "the name of a register, such as x").text();
        step.endsBefore(3);
        String request = step.verb().text() + " " + name;
        var answer = server.request(request, applied -> Words.text(applied.result()) + ", as of " + applied.index());
        server.perform(process -> process.read(Registers.get(name), consistency, 0, answer));
    }

    /** Hands leadership over: {@code transfer A B}. */
    void transfer(Step step) {
        Arguments arguments = new Arguments(step, world);
        StoryServer server = arguments.running(1);
        NodeId target = arguments.server(2).id();
        step.endsBefore(3);
        var answer = server.request("transfer to " + target, applied -> "done");
        server.perform(process -> process.transferLeadership(target, answer));
    }

    /** Changes the members: {@code change A add D remove C}. */
    void change(Step step) {
        Arguments arguments = new Arguments(step, world);
        StoryServer server = arguments.running(1);
        step.word(2, "a change such as add D");
        List<ConfigurationChange.Step> changes = new ArrayList<>();
        for (int i = 2; i < step.words().size(); i += 2) {
            NodeId id = arguments.server(i + 1).id();
            changes.add(change(step, step.word(i, "a change"), id));
        }
        String text = step.from(2).stream().map(Word::text).collect(Collectors.joining(" "));
        var answer = server.request(text, applied -> "done, from " + applied.index() + ":" + applied.term());
        server.perform(process -> process.change(new ConfigurationChange(changes, 0, false), answer));
    }

    private static ConfigurationChange.Step change(Step step, Word verb, NodeId id) {
        return switch (verb.text()) {
            case "add" -> new ConfigurationChange.Add(id, id.value(), true);
            case "learner" -> new ConfigurationChange.Add(id, id.value(), false);
            case "promote" -> new ConfigurationChange.Promote(id);
            case "demote" -> new ConfigurationChange.Demote(id);
            case "remove" -> new ConfigurationChange.Remove(id);
            default ->
                throw step.error(
                        verb, "'" + verb.text() + "' is no change; there are add, learner, promote, demote and remove");
        };
    }
}
