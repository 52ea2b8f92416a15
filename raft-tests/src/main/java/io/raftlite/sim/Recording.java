package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Status;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Keeps the last events of a simulation, with all messages and states, to show them on a page that needs no server and no
 * network.
 *
 * <pre>{@code
 * Recording recording = new Recording(5_000);
 * Simulation cluster = Simulation.of(3).seed(7).recording(recording).start();
 * cluster.run(Duration.ofSeconds(2));
 * recording.writeTo("run.html", "");
 * }</pre>
 */
public final class Recording {
    /** What one server looked like from a step on. */
    record State(
            String role,
            long term,
            String votedFor,
            long commitIndex,
            long appliedIndex,
            long durableIndex,
            String log,
            long flushed) {
        static final State DOWN = new State("down", 0, "", 0, 0, 0, "", 0);

        boolean isUp() {
            return !role.equals(DOWN.role);
        }
    }

    /** A server's new state. */
    record Change(NodeId server, State state) {}

    /** A message, and when it arrived where somebody took it: never, once, or more often. */
    record Sent(Message message, long atNanos, List<Long> receivedNanos) {}

    /** One event: what happened at a server, and what came of it. */
    record Step(long atNanos, NodeId server, Supplier<String> text, List<Change> changes, List<Sent> sent) {}

    private static final int MOST_LABELS = 10_000;
    private static final Recording OFF = new Recording();

    private final int most;
    private final ArrayDeque<Step> steps = new ArrayDeque<>();
    private final Map<NodeId, State> first = new TreeMap<>();
    private final Map<NodeId, State> latest = new TreeMap<>();
    private final Map<NodeId, EntryId> lastEntries = new HashMap<>();
    private final Map<Message, Sent> underWay = new HashMap<>();
    private final Map<EntryId, String> labels = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<EntryId, String> eldest) {
            return size() > MOST_LABELS;
        }
    };
    private long seed;
    private long happened;

    private Recording() {
        this.most = 0;
    }

    /** Starts empty, for one simulation; of its events the last {@code most} are kept. */
    public Recording(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a recording keeps one event at least, not " + most);
        }
        this.most = most;
    }

    /** Returns the recording that keeps nothing, for a run that nobody is going to look at. */
    public static Recording off() {
        return OFF;
    }

    private boolean isOff() {
        return most == 0;
    }

    void begin(long seedOfAll) {
        if (!isOff()) {
            this.seed = seedOfAll;
        }
    }

    /** Takes the beginning of a step. */
    void noted(long now, NodeId server, Supplier<String> text) {
        if (isOff()) {
            return;
        }
        happened++;
        if (steps.size() == most) {
            forget(steps.remove());
        }
        steps.add(new Step(now, server, text, new ArrayList<>(), new ArrayList<>()));
    }

    private void forget(Step step) {
        step.changes.forEach(change -> first.put(change.server, change.state));
        step.sent.forEach(sent -> underWay.remove(sent.message, sent));
    }

    void sent(long now, Message message) {
        if (!isOff() && !steps.isEmpty()) {
            Sent sent = new Sent(message, now, new ArrayList<>());
            steps.getLast().sent.add(sent);
            underWay.put(message, sent);
        }
    }

    /** Takes the fact that a message came to a process. */
    void received(long now, Message message) {
        if (isOff()) {
            return;
        }
        Sent sent = underWay.get(message);
        if (sent != null) {
            sent.receivedNanos.add(now);
        }
    }

    void turned(SimServer server) {
        if (isOff()) {
            return;
        }
        Status status = server.status();
        State before = latest.getOrDefault(server.id(), State.DOWN);
        SimStorage storage = server.storage();
        EntryId last = storage.last();
        boolean sameLog = before.isUp()
                && last.equals(lastEntries.get(server.id()))
                && before.log.startsWith(storage.cut().index() + "|");
        lastEntries.put(server.id(), last);
        change(
                server.id(),
                new State(
                        status.role().toString(),
                        status.term(),
                        status.votedFor().isNone() ? "" : status.votedFor().value(),
                        status.commitIndex(),
                        status.appliedIndex(),
                        status.durableIndex(),
                        sameLog ? before.log : log(storage.log()),
                        storage.flushed()));
    }

    void ended(NodeId server) {
        if (!isOff()) {
            change(server, State.DOWN);
        }
    }

    private void change(NodeId server, State state) {
        State before = latest.put(server, state);
        if (!state.equals(before) && !steps.isEmpty()) {
            steps.getLast().changes.add(new Change(server, state));
        }
    }

    /** Returns where a log begins, and behind it the runs of equal terms: {@code 0|1x3,4x2}. */
    private String log(ModelLog log) {
        StringBuilder runs = new StringBuilder();
        long term = -1;
        int length = 0;
        for (Entry entry : log.entries()) {
            labels.computeIfAbsent(entry.id(), id -> label(entry));
            if (entry.term() != term) {
                append(runs, term, length);
                term = entry.term();
                length = 0;
            }
            length++;
        }
        append(runs, term, length);
        return log.cut().index() + "|" + runs;
    }

    private static void append(StringBuilder runs, long term, int length) {
        if (length > 0) {
            runs.append(runs.isEmpty() ? "" : ",").append(term).append('x').append(length);
        }
    }

    private static String label(Entry entry) {
        return switch (entry.type()) {
            case NO_OP -> "no-op";
            case REGISTER -> "opens a session";
            case CONFIGURATION -> Configuration.decode(entry.payload()).toString();
            case COMMAND, SESSION_COMMAND, KEYED_COMMAND -> text(SessionModel.command(entry));
        };
    }

    private static String text(ByteBuffer command) {
        byte[] bytes = new byte[command.remaining()];
        command.duplicate().get(bytes);
        return TriedMachine.text(bytes);
    }

    long seed() {
        return seed;
    }

    /** Returns how many events happened, kept or not. */
    long happened() {
        return happened;
    }

    /** Returns the events that are kept, in their order. */
    List<Step> steps() {
        return List.copyOf(steps);
    }

    /** Returns all servers that were ever seen, and what each looked like before the first event that is kept. */
    Map<NodeId, State> first() {
        Map<NodeId, State> all = new TreeMap<>();
        latest.keySet().forEach(server -> all.put(server, first.getOrDefault(server, State.DOWN)));
        steps.forEach(step -> all.putIfAbsent(step.server, State.DOWN));
        return all;
    }

    /** Returns what the entries hold, in words. */
    Map<EntryId, String> labels() {
        return labels;
    }

    /**
     * Returns the page.
     *
     * @param story the message of the failure, of which the first line is the broken promise; empty if there was none
     */
    public String page(String story) {
        return RunPage.of(this, story);
    }

    /**
     * Writes the page to a file.
     *
     * @param story as for {@link #page}
     */
    public void writeTo(String file, String story) throws IOException {
        try (OutputStream out = new FileOutputStream(file)) {
            out.write(page(story).getBytes(StandardCharsets.UTF_8));
        }
    }
}
