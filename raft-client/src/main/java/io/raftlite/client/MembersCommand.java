package io.raftlite.client;

import com.google.gson.JsonObject;
import io.raftlite.client.RaftClientException.Refused;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code members}: shows who belongs to the cluster, and changes it, one member at a time. */
@Command(
        name = "members",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Shows who belongs to the cluster; its subcommands change that.")
final class MembersCommand implements Callable<Integer> {
    private static final String PATH = "/api/v1/members";
    private static final long PAUSE_MILLIS = 200;

    /** What every change takes. */
    static final class ChangeOptions {
        @Option(
                names = "--index",
                paramLabel = "N",
                description = "only if the configuration is still the one of this index")
        private long index;

        @Option(names = "--force", description = "even if the cluster might lose its majority; asks first")
        private boolean force;
    }

    private final RaftClientCommand root;

    MembersCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        try (Session session = root.open()) {
            MembersView.print(session, read(session));
            return ExitCode.DONE;
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows the members.")
    int list() {
        return call();
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Adds a member: a voter once it has caught up.")
    int add(
            @Parameters(paramLabel = "ID|URL", description = "its id, which may be its address") String id,
            @Option(names = "--url", paramLabel = "URL", description = "where it is reached, if the id is no address")
                    @Nullable
                    String url,
            @Option(names = "--learner", description = "it is to receive entries, but no vote") boolean learner,
            @Mixin ChangeOptions options)
            throws IOException {
        String address = url == null ? id : url;
        URI parsed = Endpoints.parse(address)
                .orElseThrow(() -> new UsageException(
                        "'" + address + "' is no address", "raft-client members add ID --url http://host:port"));
        JsonObject change = change("add", url == null ? parsed.toString() : id);
        change.addProperty("url", parsed.toString());
        change.addProperty("voter", !learner);
        return carryOut(change, options);
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Removes a member; asks first.")
    int remove(@Parameters(paramLabel = "ID") String id, @Mixin ChangeOptions options) throws IOException {
        return carryOut(change("remove", id), options);
    }

    @Command(name = "promote", mixinStandardHelpOptions = true, description = "Makes a learner a voter.")
    int promote(@Parameters(paramLabel = "ID") String id, @Mixin ChangeOptions options) throws IOException {
        return carryOut(change("promote", id), options);
    }

    @Command(name = "demote", mixinStandardHelpOptions = true, description = "Makes a voter a learner.")
    int demote(@Parameters(paramLabel = "ID") String id, @Mixin ChangeOptions options) throws IOException {
        return carryOut(change("demote", id), options);
    }

    @Command(
            name = "move",
            mixinStandardHelpOptions = true,
            description = "Tells where a member is reached from now on.")
    int move(
            @Parameters(paramLabel = "ID") String id,
            @Parameters(paramLabel = "URL") String url,
            @Mixin ChangeOptions options)
            throws IOException {
        JsonObject change = change("move", id);
        change.addProperty("url", url);
        return carryOut(change, options);
    }

    @Command(
            name = "replace",
            mixinStandardHelpOptions = true,
            description = "Adds a member, waits until it votes, and removes another; asks first.")
    int replace(
            @Parameters(paramLabel = "OLD") String old,
            @Parameters(paramLabel = "NEW-ID") String id,
            @Parameters(paramLabel = "NEW-URL") String url,
            @Option(
                            names = "--wait",
                            paramLabel = "DURATION",
                            defaultValue = "10m",
                            description = "how long the new member may take to catch up [10m]")
                    Duration wait)
            throws IOException, InterruptedException {
        Confirmation.require(root, "Replace the member " + old + " by " + id + "?");
        try (Session session = root.open()) {
            return replace(session, old, id, url, wait);
        }
    }

    private int replace(Session session, String old, String id, String url, Duration wait) throws InterruptedException {
        JsonObject before = read(session);
        boolean isGone = MembersView.find(before, old).isEmpty();
        if (isGone && MembersView.find(before, id).filter(MembersView::votes).isEmpty()) {
            throw new Refused(
                    "there is no member " + old + "; nothing was done", "invalid-change", "raft-client members");
        }
        String next = "to go on: run the same command again, or undo it: raft-client members remove " + id;
        try {
            if (MembersView.find(before, id).isEmpty()) {
                JsonObject add = change("add", id);
                add.addProperty("url", url);
                add.addProperty("voter", true);
                post(session, add);
            }
            session.err().println("step 1 of 2: " + id + " is added and catches up; " + old + " still votes");
            awaitVoter(session, id, wait);
            next = "to go on: raft-client members remove " + old;
            JsonObject after = isGone ? before : remove(session, old);
            session.err().println("step 2 of 2: " + old + " is removed, " + id + " votes; it can be stopped now");
            MembersView.print(session, after);
            return ExitCode.DONE;
        } catch (RaftClientException error) {
            session.complain(error);
            session.err().println("hint: " + next);
            return ExitCode.of(error);
        }
    }

    private static void awaitVoter(Session session, String id, Duration wait) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + wait.toNanos();
        Optional<JsonObject> member = MembersView.find(read(session), id);
        while (member.filter(MembersView::votes).isEmpty()) {
            if (member.isEmpty()) {
                throw new Refused(
                        "the new member " + id + " was removed meanwhile, nothing else was done", "conflict", "");
            }
            if (deadlineNanos - System.nanoTime() < 0) {
                throw new Refused(
                        id + " has not caught up within " + Durations.format(wait) + "; nothing was removed",
                        "not-caught-up",
                        "see whether it runs: raft-client doctor");
            }
            Thread.sleep(PAUSE_MILLIS);
            member = MembersView.find(read(session), id);
        }
    }

    /** Removes a member, as soon as the change that made a voter of the other one is complete. */
    private JsonObject remove(Session session, String id) throws InterruptedException {
        Deadline deadline = Deadline.in(root.timeout());
        while (true) {
            try {
                return post(session, change("remove", id));
            } catch (Refused underWay) {
                if (!underWay.code().equals("conflict") || deadline.isOver()) {
                    throw underWay;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    private static JsonObject change(String change, String id) {
        JsonObject json = new JsonObject();
        json.addProperty("change", change);
        json.addProperty("id", id);
        return json;
    }

    private int carryOut(JsonObject change, ChangeOptions options) throws IOException {
        String verb = Json.string(change, "change");
        if (options.force) {
            Confirmation.require(
                    root, "Force it to " + verb + " " + Json.string(change, "id") + ", at the risk of the majority?");
            change.addProperty("force", true);
        } else if (verb.equals("remove")) {
            Confirmation.require(root, "Remove the member " + Json.string(change, "id") + "?");
        }
        if (options.index != 0) {
            change.addProperty("index", options.index);
        }
        try (Session session = root.open()) {
            MembersView.print(session, post(session, change));
            return ExitCode.DONE;
        }
    }

    private static JsonObject post(Session session, JsonObject change) {
        return Session.await(session.client().ask(ClientRequest.post(PATH, change)));
    }

    /** Asks the leader, if there is one: it alone knows how far the others are. */
    private static JsonObject read(Session session) {
        ClientRequest question = ClientRequest.get(PATH);
        JsonObject said = Session.await(session.client().ask(question));
        String leader = Json.string(Json.object(said, "leader"), "url");
        Optional<URI> url = Endpoints.parse(leader);
        if (url.isEmpty() || session.client().isAtLeader(url.get())) {
            return said;
        }
        session.client().lead(url.get());
        return Session.await(session.client().ask(question));
    }
}
