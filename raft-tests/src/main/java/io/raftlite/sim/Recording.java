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
import java.util.function.LongSupplier;
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

    /** A message, when it arrived where somebody took it: never, once, or more often; and why it, or a double, did not. */
    record Sent(Message message, long atNanos, List<Long> receivedNanos, List<String> losses) {}

    /** A strike of the nemesis, in words. */
    record Mark(long atNanos, String words) {}

    /** What ailed the links of the network for a while, in words. */
    record Band(long fromNanos, long toNanos, String words) {}

    /** One event: what happened at a server, and what came of it. */
    record Step(long atNanos, NodeId server, Supplier<String> text, List<Change> changes, List<Sent> sent) {}

    private static final int MOST_LABELS = 10_000;

    private final int most;
    private final ArrayDeque<Step> steps = new ArrayDeque<>();
    private final ArrayDeque<Mark> marks = new ArrayDeque<>();
    private final ArrayDeque<Band> bands = new ArrayDeque<>();
    private Mark ailing = new Mark(0, "");
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

    /** Starts empty, for one simulation; of its events the last {@code most} are kept. */
    public Recording(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a recording keeps one event at least, not " + most);
        }
        this.most = most;
    }

    private Recording() {
        this.most = 0;
    }

    /** Returns a recording that keeps nothing, for a run that nobody is going to look at. */
    public static Recording off() {
        return new Recording();
    }

    /** Returns what sees the simulation of this seed; {@link Observer#NONE} if nothing is kept. */
    Observer observer(long seedOfAll, LongSupplier now) {
        if (most == 0) {
            return Observer.NONE;
        }
        seed = seedOfAll;
        return new Recorder(now);
    }

    private final class Recorder implements Observer {
        private final LongSupplier now;

        private Recorder(LongSupplier now) {
            this.now = now;
        }

        @Override
        public void happens(SimServer server, Supplier<String> text) {
            happened++;
            if (steps.size() == most) {
                forget(steps.remove());
            }
            steps.add(new Step(now.getAsLong(), server.id(), text, new ArrayList<>(), new ArrayList<>()));
        }

        private void forget(Step step) {
            step.changes.forEach(change -> first.put(change.server, change.state));
            step.sent.forEach(sent -> underWay.remove(sent.message, sent));
        }

        @Override
        public void sends(SimServer server, Message message) {
            Sent sent = new Sent(message, now.getAsLong(), new ArrayList<>(), new ArrayList<>());
            steps.getLast().sent.add(sent);
            underWay.put(message, sent);
        }

        @Override
        public void loses(Message message, String why) {
            Sent sent = underWay.get(message);
            if (sent != null) {
                sent.losses.add(why);
            }
        }

        @Override
        public void strikes(String words) {
            add(marks, new Mark(now.getAsLong(), words));
        }

        @Override
        public void ails(String words) {
            if (!words.equals(ailing.words)) {
                endBand(now.getAsLong());
                ailing = new Mark(now.getAsLong(), words);
            }
        }

        @Override
        public void receives(SimServer server, Message message) {
            Sent sent = underWay.get(message);
            if (sent != null) {
                sent.receivedNanos.add(now.getAsLong());
            }
        }

        @Override
        public void turned(SimServer server, Status before, Status status) {
            SimStorage storage = server.storage();
            change(
                    server.id(),
                    new State(
                            status.role().toString(),
                            status.term(),
                            status.votedFor().isNone() ? "" : status.votedFor().value(),
                            status.commitIndex(),
                            status.appliedIndex(),
                            status.durableIndex(),
                            log(server.id(), storage),
                            storage.flushed()));
        }

        @Override
        public void ends(SimServer server) {
            change(server.id(), State.DOWN);
        }
    }

    private <T> void add(ArrayDeque<T> last, T one) {
        if (last.size() == most) {
            last.remove();
        }
        last.add(one);
    }

    private void endBand(long nowNanos) {
        if (!ailing.words.isEmpty() && nowNanos > ailing.atNanos) {
            add(bands, new Band(ailing.atNanos, nowNanos, ailing.words));
        }
    }

    private void change(NodeId server, State state) {
        State before = latest.put(server, state);
        if (!state.equals(before)) {
            steps.getLast().changes.add(new Change(server, state));
        }
    }

    private String log(NodeId server, SimStorage storage) {
        State before = latest.getOrDefault(server, State.DOWN);
        EntryId last = storage.last();
        boolean isSame = last.equals(lastEntries.put(server, last))
                && before.isUp()
                && before.log.startsWith(storage.cut().index() + "|");
        return isSame ? before.log : log(storage.log());
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

    private long firstNanos() {
        return steps.isEmpty() ? 0 : steps.getFirst().atNanos;
    }

    /** Returns the strikes since the first event that is kept. */
    List<Mark> marks() {
        return marks.stream().filter(mark -> mark.atNanos >= firstNanos()).toList();
    }

    /** Returns what ailed the links since the first event that is kept, and what still does. */
    List<Band> bands() {
        List<Band> all = new ArrayList<>(bands);
        if (!ailing.words.isEmpty() && !steps.isEmpty()) {
            all.add(new Band(ailing.atNanos, Math.max(ailing.atNanos, steps.getLast().atNanos), ailing.words));
        }
        return all.stream().filter(band -> band.toNanos >= firstNanos()).toList();
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
