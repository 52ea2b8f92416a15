package io.raftlite.sim.scenario;

import io.raftlite.NodeId;
import io.raftlite.sim.scenario.Lines.Line;
import io.raftlite.sim.scenario.Step.Word;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the words of a step as what they stand for in a world; what does not fit is refused with its place. */
final class Arguments {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(ms|s)");
    private static final String ARROW = "->";

    private final Step step;
    private final World world;

    Arguments(Step step, World world) {
        this.step = step;
        this.world = world;
    }

    /** Returns the server that a word names. */
    StoryServer server(int place) {
        return server(step.word(place, "the name of a node"));
    }

    private StoryServer server(Word word) {
        return world.find(word.text())
                .orElseThrow(() -> step.error(
                        word,
                        "there is no node " + word.text() + " among "
                                + world.servers().stream()
                                        .map(server -> server.id().value())
                                        .collect(Collectors.joining(", "))));
    }

    /** Returns the server that a word names, if its process runs. */
    StoryServer running(int place) {
        StoryServer server = server(place);
        if (!server.isRunning()) {
            throw step.error(step.word(place, "the name of a node"), server.id() + " does not run");
        }
        return server;
    }

    /** Returns the line that a word such as {@code A->B} names, with {@code *} for any end. */
    Line line(int place) {
        Word word = step.word(place, "a line such as A->B");
        int arrow = word.text().indexOf(ARROW);
        if (arrow < 0) {
            throw step.error(word, "'" + word.text() + "' is no line; one is written A->B, with * for any node");
        }
        return new Line(
                end(word.part(0, arrow)),
                end(word.part(arrow + ARROW.length(), word.text().length())));
    }

    private NodeId end(Word word) {
        return word.text().equals("*") ? NodeId.NONE : server(word).id();
    }

    long nanos(int place) {
        Word word = step.word(place, "a duration such as 500ms or 2s");
        Matcher matcher = DURATION.matcher(word.text());
        if (!matcher.matches()) {
            throw step.error(word, "'" + word.text() + "' is no duration; one is written 500ms or 2s");
        }
        long number = Long.parseLong(matcher.group(1));
        return (matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number)).toNanos();
    }

    /** Returns the groups that are separated by bars, such as {@code A B|C}. */
    List<List<NodeId>> groups() {
        List<List<NodeId>> groups = new ArrayList<>();
        groups.add(new ArrayList<>());
        for (Word word : step.from(1)) {
            int begin = 0;
            for (int i = 0; i <= word.text().length(); i++) {
                boolean end = i == word.text().length();
                if (end || word.text().charAt(i) == '|') {
                    if (i > begin) {
                        groups.get(groups.size() - 1)
                                .add(server(word.part(begin, i)).id());
                    }
                    if (!end) {
                        groups.add(new ArrayList<>());
                    }
                    begin = i + 1;
                }
            }
        }
        if (groups.size() < 2 || groups.stream().anyMatch(List::isEmpty)) {
            throw step.error(step.verb(), "a cut has two groups or more, written A|B C");
        }
        return groups;
    }
}
