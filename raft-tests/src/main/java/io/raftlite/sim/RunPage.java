package io.raftlite.sim;

import io.raftlite.EntryId;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.sim.Recording.Band;
import io.raftlite.sim.Recording.Change;
import io.raftlite.sim.Recording.Mark;
import io.raftlite.sim.Recording.Sent;
import io.raftlite.sim.Recording.State;
import io.raftlite.sim.Recording.Step;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes a recording as one page: a template that holds all it needs, and the data as JSON within it. */
final class RunPage {
    private static final String TEMPLATE = "run-page.html";
    private static final String PLACE = "{\"place\":\"of the data\"}";
    private static final int LONGEST_TEXT = 400;
    private static final int FIRST_PRINTABLE = 0x20;
    private static final double MICRO = 1e3;

    private final List<NodeId> servers;
    private final StringBuilder json = new StringBuilder();

    private RunPage(Recording recording) {
        this.servers = List.copyOf(recording.first().keySet());
    }

    static String of(Recording recording, String story) {
        String template = template();
        int place = template.indexOf(PLACE);
        String data = new RunPage(recording).data(recording, story);
        return template.substring(0, place) + data + template.substring(place + PLACE.length());
    }

    private static String template() {
        try (InputStream in = RunPage.class.getResourceAsStream(TEMPLATE)) {
            if (in == null) {
                throw new IllegalStateException(TEMPLATE + " is missing beside the class " + RunPage.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new IllegalStateException(TEMPLATE + " cannot be read", failure);
        }
    }

    private String data(Recording recording, String story) {
        List<Step> steps = recording.steps();
        json.append("{\"seed\":").append(recording.seed());
        json.append(",\"happened\":").append(recording.happened());
        json.append(",\"story\":").append(quoted(story, story.length()));
        json.append(",\"servers\":")
                .append(quoted(servers.stream().map(NodeId::value).toList()));
        json.append(",\"first\":[");
        separated(List.copyOf(recording.first().values()), this::append);
        json.append("],\n\"steps\":[");
        separated(steps, this::append);
        json.append("],\n\"changes\":[");
        separated(changes(steps), this::append);
        json.append("],\n\"messages\":[");
        List<Sent> sent = new ArrayList<>();
        steps.forEach(step -> sent.addAll(step.sent()));
        separated(sent, this::append);
        json.append("],\n\"marks\":[");
        separated(recording.marks(), this::append);
        json.append("],\n\"bands\":[");
        separated(recording.bands(), this::append);
        json.append("],\n\"labels\":{");
        separated(List.copyOf(recording.labels().entrySet()), this::append);
        return json.append("}}").toString();
    }

    /** Appends one thing, without what separates it from the next. */
    private interface Appender<T> {
        void append(T thing);
    }

    private <T> void separated(List<T> things, Appender<T> appender) {
        for (int i = 0; i < things.size(); i++) {
            json.append(i == 0 ? "\n" : ",\n");
            appender.append(things.get(i));
        }
    }

    private void append(State state) {
        json.append('[').append(quoted(state.role()));
        json.append(',').append(state.term());
        json.append(',').append(quoted(state.votedFor()));
        json.append(',').append(state.commitIndex());
        json.append(',').append(state.appliedIndex());
        json.append(',').append(state.durableIndex());
        json.append(',').append(quoted(state.log()));
        json.append(',').append(state.flushed()).append(']');
    }

    private void append(Step step) {
        json.append('[').append(micros(step.atNanos()));
        json.append(',').append(servers.indexOf(step.server()));
        json.append(',').append(quoted(step.text().get())).append(']');
    }

    /** A change and the number of its step. */
    private record Numbered(int step, Change change) {}

    private static List<Numbered> changes(List<Step> steps) {
        List<Numbered> all = new ArrayList<>();
        for (int number = 0; number < steps.size(); number++) {
            for (Change change : steps.get(number).changes()) {
                all.add(new Numbered(number, change));
            }
        }
        return all;
    }

    private void append(Numbered numbered) {
        json.append('[').append(numbered.step);
        json.append(',').append(servers.indexOf(numbered.change.server())).append(',');
        append(numbered.change.state());
        json.append(']');
    }

    private void append(Sent sent) {
        Message message = sent.message();
        json.append('[').append(quoted(message.getClass().getSimpleName()));
        json.append(',').append(servers.indexOf(message.envelope().from()));
        json.append(',').append(servers.indexOf(message.envelope().to()));
        json.append(',').append(micros(sent.atNanos()));
        json.append(",[");
        for (int i = 0; i < sent.receivedNanos().size(); i++) {
            json.append(i == 0 ? "" : ",").append(micros(sent.receivedNanos().get(i)));
        }
        json.append("],").append(quoted(Trace.text(message)));
        json.append(',').append(quoted(String.join("; ", sent.losses()))).append(']');
    }

    private void append(Mark mark) {
        json.append('[').append(micros(mark.atNanos()));
        json.append(',').append(quoted(mark.words())).append(']');
    }

    private void append(Band band) {
        json.append('[').append(micros(band.fromNanos()));
        json.append(',').append(micros(band.toNanos()));
        json.append(',').append(quoted(band.words())).append(']');
    }

    private void append(Map.Entry<EntryId, String> label) {
        EntryId id = label.getKey();
        json.append('"').append(id.index()).append('.').append(id.term()).append("\":");
        json.append(quoted(label.getValue()));
    }

    private static String micros(long nanos) {
        return String.valueOf(Math.round(nanos / MICRO));
    }

    private static String quoted(List<String> texts) {
        return "[" + String.join(",", texts.stream().map(RunPage::quoted).toList()) + "]";
    }

    private static String quoted(String text) {
        return quoted(text, LONGEST_TEXT);
    }

    /** Returns a JSON string that may stand within a script: nothing in it can end that. */
    private static String quoted(String text, int longest) {
        StringBuilder out = new StringBuilder("\"");
        int length = Math.min(text.length(), longest);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE || c == '<' || c == '>' || c == '&' || Character.isSurrogate(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append(text.length() > length ? "…\"" : "\"").toString();
    }
}
