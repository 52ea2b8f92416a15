package io.raftlite.sim;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Runs one seed of {@link RandomRun} again, tells what came of it, and shows it on a page if asked to.
 *
 * <pre>{@code
 * java -cp … io.raftlite.sim.Replay --seed 7 --html run.html
 * }</pre>
 */
public final class Replay {
    private static final String USAGE = "usage: io.raftlite.sim.Replay --seed N [--html FILE] [--events N]";
    private static final String DEFAULT_EVENTS = "5000";

    private Replay() {}

    /**
     * Runs what the arguments say: {@code --seed N}, {@code --html FILE} for a page, and {@code --events N} for how many of
     * the last events it shows, 5,000 unless told otherwise. The system properties of {@link RunPlan#requested} can leave a
     * part of the run out. Ends with status 0 if all promises were kept, 1 if one was
     * broken, 2 if it was called otherwise.
     */
    public static void main(String[] arguments) throws IOException {
        System.exit(run(arguments));
    }

    static int run(String... arguments) throws IOException {
        Map<String, String> options = new TreeMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        String html = options.remove("--html");
        String seed = options.remove("--seed");
        Optional<RunPlan> plan;
        int events;
        try {
            plan = RunPlan.requested(setting -> setting.equals("raft.seed") ? seed : System.getProperty(setting));
            events = Integer.parseInt(
                    Optional.ofNullable(options.remove("--events")).orElse(DEFAULT_EVENTS));
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            return misused();
        }
        if (plan.isEmpty() || !options.isEmpty() || arguments.length % 2 != 0 || events < 1) {
            return misused();
        }
        Recording recording = html == null ? Recording.off() : new Recording(events);
        String story = run(plan.get(), recording);
        if (html != null) {
            recording.writeTo(html, story);
            System.out.println("the run is shown in " + html);
        }
        return story.isEmpty() ? 0 : 1;
    }

    private static int misused() {
        System.err.println(USAGE);
        return 2;
    }

    /** Returns what went wrong, or nothing. */
    private static String run(RunPlan plan, Recording recording) {
        try {
            System.out.println("all promises were kept: " + RandomRun.of(plan, recording));
            return "";
        } catch (SimulationException broken) {
            System.out.println(broken.getMessage());
            return String.valueOf(broken.getMessage());
        }
    }
}
