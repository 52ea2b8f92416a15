package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.raftlite.sim.Recording;
import io.raftlite.sim.SimServer;
import io.raftlite.sim.Simulation;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Opens the page of a run in a headless Chromium, which must be on the {@code PATH}. */
@Tag("browser")
@ExtendWith(SkipReason.class)
@Timeout(180)
class RunPageBrowserTest {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome", "chrome");
    private static final Pattern SEEN = Pattern.compile("<pre id=\"seen\">(.*?)</pre>", Pattern.DOTALL);

    /** Gathers what goes wrong from the first script on. */
    private static final String CATCHER = "<head><script>window.seen = {errors: []};"
            + "onerror = message => { seen.errors.push(message); };</script>";

    /** What a test does to the page, and sees of it; {@code shown} is what the servers are shown to be. */
    private static final String LOOK = "const shown = () => [...document.querySelectorAll('.server')]"
            + ".map(one => [one.dataset.server, one.dataset.role, one.dataset.term, one.dataset.commit].join(' ')).join(', ');"
            + "const slide = to => { const slider = document.getElementById('slider');"
            + " slider.value = to; slider.dispatchEvent(new Event('input')); };";

    private static final String TELL = "const pre = document.createElement('pre'); pre.id = 'seen';"
            + " pre.textContent = JSON.stringify(seen); document.body.append(pre);";

    @TempDir
    Path directory;

    private String chromium = "";

    @BeforeEach
    void find() {
        Optional<String> found = Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .flatMap(path -> NAMES.stream().map(name -> Path.of(path, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
        assumeTrue(found.isPresent(), "skipped, for there is none of " + NAMES + " on the PATH");
        chromium = found.orElseThrow();
    }

    private static String page(String story, int events) {
        Recording recording = new Recording(events);
        Simulation cluster = Simulation.of(3).seed(7).recording(recording).start();
        SimServer leader = cluster.awaitLeader();
        cluster.run(Duration.ofSeconds(5));
        cluster.network().partition(List.of(leader.id()), cluster.othersThan(leader.id()));
        cluster.run(Duration.ofSeconds(5));
        leader.crash();
        return recording.page(story);
    }

    /** Opens a page, runs a script at its end, and returns the object {@code seen}. */
    private JsonObject open(String page, String script) throws Exception {
        Path file = directory.resolve("run.html");
        String tried = page.replaceFirst("<head>", Matcher.quoteReplacement(CATCHER))
                .replace("</body>", "<script>" + LOOK + script + TELL + "</script></body>");
        Files.writeString(file, tried);
        List<String> command = new ArrayList<>(List.of(chromium, "--headless", "--no-sandbox", "--disable-gpu"));
        command.addAll(List.of("--disable-quic", "--no-first-run", "--disable-background-networking"));
        command.addAll(List.of("--disable-component-update", "--disable-sync", "--window-size=1400,1000"));
        command.add("--user-data-dir=" + directory.resolve("profile"));
        command.addAll(List.of("--dump-dom", file.toUri().toString()));
        try (RunningProcess browser = RunningProcess.start(directory, command)) {
            assertThat(browser.awaitExit(Duration.ofSeconds(90)))
                    .as(browser.text())
                    .isZero();
            Matcher seen = SEEN.matcher(browser.text());
            assertThat(seen.find()).as(browser.text()).isTrue();
            String json =
                    seen.group(1).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            return JsonParser.parseString(json).getAsJsonObject();
        }
    }

    private static String text(JsonObject seen, String name) {
        return seen.get(name).getAsString();
    }

    @Test
    void the_slider_changes_what_the_servers_are_shown_to_be() throws Exception {
        JsonObject seen = open(
                page("", 5_000),
                "seen.last = shown(); seen.clock = document.getElementById('clock').textContent;"
                        + " slide(0); seen.first = shown(); slide(300); seen.later = shown();"
                        + " seen.marked = document.querySelector('#events [aria-current] button').dataset.step;"
                        + " seen.verdict = document.getElementById('verdict').textContent;");

        assertThat(seen.getAsJsonArray("errors")).isEmpty();
        assertThat(text(seen, "first")).isEqualTo("A follower 0 0, B down 0 0, C down 0 0");
        assertThat(text(seen, "later")).contains(" leader 1 ").doesNotContain("down");
        assertThat(text(seen, "last")).contains(" leader 2 ", " down 0 0");
        assertThat(text(seen, "marked")).isEqualTo("300");
        assertThat(text(seen, "clock")).startsWith("event ");
        assertThat(text(seen, "verdict")).isEqualTo("✓ No promise was broken.");
    }

    @Test
    void arrows_are_drawn_and_can_be_hidden_by_their_kind() throws Exception {
        JsonObject seen = open(
                page("", 5_000),
                "const lines = () => document.querySelectorAll('#diagram line').length;"
                        + " seen.all = lines();"
                        + " const box = document.querySelector('#legend input[value=heartbeat]'); box.click();"
                        + " seen.fewer = lines(); box.click(); seen.again = lines();"
                        + " document.getElementById('in').click(); seen.closer = lines();");

        assertThat(seen.getAsJsonArray("errors")).isEmpty();
        int all = seen.get("all").getAsInt();
        assertThat(all).isGreaterThan(500);
        assertThat(seen.get("fewer").getAsInt()).isPositive().isLessThan(all);
        assertThat(seen.get("again").getAsInt()).isEqualTo(all);
        assertThat(seen.get("closer").getAsInt()).isPositive().isLessThan(all);
    }

    @Test
    void a_partition_is_shaded_and_can_be_hidden() throws Exception {
        JsonObject seen = open(
                page("", 5_000),
                "const bands = () => document.querySelectorAll('#diagram .band').length;"
                        + " seen.all = bands(); seen.words = document.querySelector('#diagram .harm').textContent;"
                        + " seen.tip = document.querySelector('#diagram .band').dataset.tip;"
                        + " document.querySelector('#legend input[value=faults]').click(); seen.hidden = bands();");

        assertThat(seen.getAsJsonArray("errors")).isEmpty();
        assertThat(seen.get("all").getAsInt()).isEqualTo(1);
        assertThat(text(seen, "words")).startsWith("cut ");
        assertThat(text(seen, "tip")).contains(" | ", " — from ");
        assertThat(seen.get("hidden").getAsInt()).isZero();
    }

    @Test
    void a_broken_promise_stands_at_the_top_and_a_short_page_says_what_it_leaves_out() throws Exception {
        JsonObject seen = open(
                page("log matching: <b>two</b> logs differ\nseed 7", 200),
                "seen.verdict = document.querySelector('#verdict').firstChild.textContent;"
                        + " seen.kind = document.getElementById('verdict').className;"
                        + " seen.extent = document.getElementById('extent').textContent;"
                        + " seen.markup = String(document.querySelectorAll('#verdict b').length);");

        assertThat(seen.getAsJsonArray("errors")).isEmpty();
        assertThat(text(seen, "verdict")).isEqualTo("✗ log matching: <b>two</b> logs differ");
        assertThat(text(seen, "kind")).isEqualTo("bad");
        assertThat(text(seen, "extent")).startsWith("the last 200 of ");
        assertThat(text(seen, "markup")).isEqualTo("0");
    }
}
