package io.raftlite.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.raftlite.NodeId;
import io.raftlite.Status;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page of a run holds, read as its own script reads it. */
class RunPageTest {
    private static final String BEGIN = "<script type=\"application/json\" id=\"data\">";
    private static final int LOG = 6;

    private static JsonObject data(String page) {
        int from = page.indexOf(BEGIN) + BEGIN.length();
        return JsonParser.parseString(page.substring(from, page.indexOf("</script>", from)))
                .getAsJsonObject();
    }

    private static Simulation recorded(Recording recording) {
        Simulation cluster = Simulation.of(3)
                .seed(7)
                .machine(Registers::new)
                .recording(recording)
                .start();
        SimServer leader = cluster.awaitLeader();
        cluster.await(leader.submit(Registers.set("x", 5)));
        cluster.network().partition(List.of(leader.id()), cluster.othersThan(leader.id()));
        cluster.run(Duration.ofSeconds(2));
        leader.crash();
        return cluster;
    }

    /** Returns what each server looked like in the end. */
    private static Map<String, JsonArray> last(JsonObject data) {
        JsonArray servers = data.getAsJsonArray("servers");
        Map<String, JsonArray> states = new TreeMap<>();
        for (int i = 0; i < servers.size(); i++) {
            states.put(
                    servers.get(i).getAsString(),
                    data.getAsJsonArray("first").get(i).getAsJsonArray());
        }
        for (JsonElement change : data.getAsJsonArray("changes")) {
            JsonArray fields = change.getAsJsonArray();
            states.put(
                    servers.get(fields.get(1).getAsInt()).getAsString(),
                    fields.get(2).getAsJsonArray());
        }
        return states;
    }

    private static List<JsonArray> rows(JsonObject data, String name) {
        return data.getAsJsonArray(name).asList().stream()
                .map(JsonElement::getAsJsonArray)
                .toList();
    }

    @Test
    void each_server_ends_on_the_page_as_it_ends_in_the_run() {
        Recording recording = new Recording(100_000);
        Simulation cluster = recorded(recording);

        Map<String, JsonArray> states = last(data(recording.page("")));

        assertThat(states.keySet()).containsExactly("A", "B", "C");
        for (SimServer server : cluster.servers()) {
            JsonArray state = states.get(server.id().value());
            Status status = server.status();
            if (!server.isRunning()) {
                assertThat(state.get(0).getAsString()).isEqualTo("down");
                continue;
            }
            assertThat(state.get(0).getAsString()).isEqualTo(status.role().toString());
            assertThat(state.get(1).getAsLong()).isEqualTo(status.term());
            assertThat(state.get(3).getAsLong()).isEqualTo(status.commitIndex());
            assertThat(state.get(4).getAsLong()).isEqualTo(status.appliedIndex());
            assertThat(state.get(5).getAsLong()).isEqualTo(status.durableIndex());
            assertThat(terms(state.get(LOG).getAsString()))
                    .isEqualTo(server.storage().terms());
        }
    }

    private static List<Long> terms(String log) {
        return List.of(log.split("\\|", -1)[1].split(",", -1)).stream()
                .flatMap(run -> {
                    String[] parts = run.split("x", -1);
                    return Stream.generate(() -> Long.valueOf(parts[0])).limit(Long.parseLong(parts[1]));
                })
                .toList();
    }

    @Test
    void messages_commands_crashes_and_flushes_are_there() {
        Recording recording = new Recording(100_000);
        recorded(recording);

        JsonObject data = data(recording.page(""));

        assertThat(rows(data, "messages"))
                .extracting(message -> message.get(0).getAsString())
                .contains(
                        "PreVoteRequest",
                        "VoteRequest",
                        "VoteResponse",
                        "AppendRequest",
                        "AppendResponse",
                        "Heartbeat");
        assertThat(rows(data, "messages"))
                .as("lost between the two sides")
                .anySatisfy(
                        message -> assertThat(message.get(4).getAsJsonArray()).isEmpty())
                .anySatisfy(
                        message -> assertThat(message.get(4).getAsJsonArray()).hasSize(1));
        assertThat(rows(data, "messages")).allSatisfy(message -> {
            for (JsonElement received : message.get(4).getAsJsonArray()) {
                assertThat(received.getAsLong()).isGreaterThan(message.get(3).getAsLong());
            }
        });
        assertThat(data.getAsJsonObject("labels").asMap().values())
                .extracting(JsonElement::getAsString)
                .contains("no-op", "\"set x 5\"");
        assertThat(rows(data, "steps"))
                .extracting(step -> step.get(2).getAsString())
                .contains("A starts", "B starts", "C starts")
                .anyMatch(text -> text.matches("[ABC] crashes"));
        assertThat(rows(data, "changes")).anySatisfy(change -> assertThat(
                        change.get(2).getAsJsonArray().get(7).getAsLong())
                .isPositive());
    }

    @Test
    void a_partition_is_a_band_and_a_lost_message_says_why_it_was_lost() {
        Recording recording = new Recording(100_000);
        recorded(recording);

        JsonObject data = data(recording.page(""));

        JsonArray band = rows(data, "bands").get(0);
        assertThat(rows(data, "bands")).hasSize(1);
        assertThat(band.get(2).getAsString()).isIn("cut A | B,C", "cut A,C | B", "cut A,B | C");
        assertThat(band.get(1).getAsLong() - band.get(0).getAsLong()).isBetween(1_900_000L, 2_000_000L);
        assertThat(rows(data, "messages").stream()
                        .filter(message -> message.get(4).getAsJsonArray().isEmpty())
                        .map(message -> message.get(6).getAsString()))
                .contains("the link is cut");
    }

    @Test
    void strikes_stand_on_the_page_in_the_words_of_the_plan() {
        RunPlan plan = RunPlan.of(42);
        Recording recording = new Recording(100_000);
        RandomRun.of(plan, recording);

        List<String> marks = rows(data(recording.page("")), "marks").stream()
                .map(mark -> mark.get(1).getAsString())
                .toList();

        List<String> planned = plan.steps().stream()
                .map(step -> "strike " + step.number() + ": " + step.kind())
                .toList();
        assertThat(marks).isNotEmpty().endsWith("the faults end");
        assertThat(planned).containsAll(marks.subList(0, marks.size() - 1));
    }

    @Test
    void what_ails_the_links_is_told_in_few_words() {
        LinkWords words = new LinkWords();
        assertThat(words).hasToString("");
        for (String one : List.of("A", "B")) {
            for (String other : List.of("C", "D")) {
                words.add("cut", NodeId.of(one), NodeId.of(other));
                words.add("cut", NodeId.of(other), NodeId.of(one));
            }
        }
        words.add("narrow", NodeId.of("A"), NodeId.of("B"));

        assertThat(words).hasToString("cut A,B | C,D, narrow A → B");
    }

    @Test
    void only_the_last_events_are_kept_and_the_page_says_of_how_many() {
        Recording whole = new Recording(100_000);
        recorded(whole);
        Recording tail = new Recording(50);
        recorded(tail);

        JsonObject all = data(whole.page(""));
        JsonObject last = data(tail.page(""));

        assertThat(last.getAsJsonArray("steps")).hasSize(50);
        assertThat(last.get("happened").getAsInt())
                .isEqualTo(all.getAsJsonArray("steps").size())
                .isGreaterThan(50);
        assertThat(last(last)).isEqualTo(last(all));
        assertThat(rows(last, "first"))
                .as("they ran before the first event that is kept")
                .allSatisfy(state -> assertThat(state.get(1).getAsLong()).isPositive());
    }

    @Test
    void a_story_of_any_text_stays_within_its_script() {
        Recording recording = new Recording(10);
        recorded(recording);
        String story =
                "log matching: </script><script>alert(1)</script> & \"quotes\" \\ \u0001 größe \uD83D\uDE00\nseed 7";

        String page = recording.page(story);

        assertThat(data(page).get("story").getAsString()).isEqualTo(story);
        assertThat(page.split("</script>", -1)).hasSize(3);
    }

    @Test
    void the_page_asks_for_nothing_from_elsewhere() {
        Recording recording = new Recording(10);
        recorded(recording);

        assertThat(recording.page(""))
                .contains("Content-Security-Policy\" content=\"default-src 'none'")
                .doesNotContain("http://", "https://", " src=", "@import", "import(")
                .doesNotContainPattern("url\\((?!#)");
    }

    @Test
    void a_recorded_run_is_the_same_run() {
        assertThat(RandomRun.of(RunPlan.of(42), new Recording(1_000))).isEqualTo(RandomRun.of(42));
    }

    @Test
    void a_seed_is_replayed_from_the_command_line(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("run.html");

        assertThat(Replay.run("--seed", "42", "--html", file.toString(), "--events", "300"))
                .isZero();

        JsonObject data = data(Files.readString(file));
        assertThat(data.get("seed").getAsLong()).isEqualTo(42);
        assertThat(data.get("story").getAsString()).isEmpty();
        assertThat(data.getAsJsonArray("steps")).hasSize(300);
        for (String wrong : List.of("", "--seed", "--seed x", "--sed 42", "--seed 4 --html", "--seed 4 --events 0")) {
            assertThat(Replay.run(wrong.isEmpty() ? new String[0] : wrong.split(" ", -1)))
                    .as(wrong)
                    .isEqualTo(2);
        }
    }

    @Test
    void the_page_of_a_failed_simulation_names_the_broken_promise(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("run.html");
        int[] answers = new int[1];
        ClusterSimulation broken = ClusterSimulation.of(() -> new Words() {
                    @Override
                    public ByteBuffer apply(long index, ByteBuffer command) {
                        super.apply(index, command);
                        return bytes("answer " + answers[0]++);
                    }
                })
                .commands(Words::drawn)
                .html(file.toString());

        SimulationException failure = catchThrowableOfType(SimulationException.class, broken::run);

        String story = data(Files.readString(file)).get("story").getAsString();
        assertThat(story).contains("'s state machine answered otherwise");
        assertThat(failure).hasMessageStartingWith(story);
    }

    @Test
    void a_recording_of_nothing_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Recording(0))
                .withMessage("a recording keeps one event at least, not 0");
        assertThat(new Recording(1).page("")).contains("\"servers\":[]");
    }
}
