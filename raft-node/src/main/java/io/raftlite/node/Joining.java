package io.raftlite.node;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonWriter;
import io.raftlite.Configuration;
import io.raftlite.Member;
import io.raftlite.NodeId;
import io.raftlite.Status;
import io.raftlite.http.PlainHttp;
import io.raftlite.node.storage.Birth;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a node known to its cluster: a new one asks to become a member, and one that has come back on another address asks
 * to have that noted.
 *
 * <p>It asks again until the configuration says so, in the pace of one request a second.
 */
final class Joining implements AutoCloseable {
    private static final Logger logger = LoggerFactory.getLogger(Joining.class);
    private static final MediaType JSON = MediaType.get("application/json");
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int PATIENCE = 3;

    private final RaftNode node;
    private final OkHttpClient client = client();
    private final ScheduledExecutorService thread;
    private String lastRefusal = "";
    private int looks;

    Joining(RaftNode node) {
        this.node = node;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread daemon = new Thread(task, "raft-join-" + node.config().name());
            daemon.setDaemon(true);
            return daemon;
        });
        var unused = thread.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
    }

    private static OkHttpClient client() {
        return PlainHttp.client()
                .retryOnConnectionFailure(true)
                .callTimeout(LIMIT)
                .build();
    }

    /** Asks a node of the cluster who the cluster is, so that a new member can be born into it. */
    static Birth learn(NodeConfig config, URI contact) throws NodeException {
        Request question = new Request.Builder()
                .url(contact.resolve("/api/v1/cluster").toString())
                .build();
        try (Response response = client().newCall(question).execute()) {
            JsonObject cluster =
                    JsonParser.parseString(response.body().string()).getAsJsonObject();
            // In the simple form, the identity of every member is its address.
            boolean simple = true;
            for (JsonElement element : cluster.getAsJsonArray("members")) {
                JsonObject member = element.getAsJsonObject();
                simple &= member.get("id").getAsString().startsWith("http://");
            }
            NodeId self = NodeId.of(simple ? config.advertise().toString() : config.name());
            return new Birth(
                    cluster.get("name").getAsString(),
                    cluster.get("clusterId").getAsString(),
                    self,
                    Configuration.EMPTY);
        } catch (IOException | JsonParseException | IllegalStateException | NullPointerException failure) {
            throw new NodeException(
                    "--join: " + contact + " does not tell which cluster it belongs to (" + failure.getMessage()
                            + "); name the address of a running node",
                    failure);
        }
    }

    private void look() {
        try {
            Status status = node.status();
            Optional<Member> self = status.configuration().member(status.self());
            String address = node.config().advertise().toString();
            boolean wasMember = status.configurationIndex() > 0;
            if (self.isEmpty() && !wasMember && node.config().join().isPresent()) {
                change("add", address);
            } else if (self.isPresent() && !self.get().address().equals(address)) {
                change("move", address);
            }
        } catch (IOException | RuntimeException failure) {
            complain(String.valueOf(failure.getMessage()));
        }
    }

    private void change(String change, String address) throws IOException {
        StringWriter body = new StringWriter();
        try (JsonWriter json = new JsonWriter(body)) {
            json.beginObject();
            json.name("change").value(change);
            json.name("id").value(node.status().self().value());
            json.name("url").value(address);
            json.endObject();
        }
        for (URI contact : contacts()) {
            Request request = new Request.Builder()
                    .url(contact.resolve("/api/v1/members").toString())
                    .post(RequestBody.create(body.toString(), JSON))
                    .build();
            try (Response response = client.newCall(request).execute()) {
                if (response.isSuccessful()) {
                    logger.info(
                            "{} [MEMBER] is known to the cluster at {}",
                            node.config().name(),
                            address);
                    return;
                }
                complain(response.body().string().strip());
            } catch (IOException unreachable) {
                complain(contact + " cannot be reached: " + unreachable.getMessage());
            }
        }
    }

    private List<URI> contacts() {
        List<URI> contacts = new ArrayList<>();
        node.config().join().ifPresent(contacts::add);
        Status status = node.status();
        for (Member member : status.configuration().members()) {
            if (!member.id().equals(status.self())) {
                contacts.add(URI.create(member.address()));
            }
        }
        return contacts;
    }

    /** Says once what keeps this node from being a member; not at first, for a leader may be about to contact it. */
    private void complain(String refusal) {
        looks++;
        if (looks >= PATIENCE && !refusal.equals(lastRefusal)) {
            lastRefusal = refusal;
            logger.warn(
                    "{} [MEMBER] is not known to the cluster yet: {}",
                    node.config().name(),
                    refusal);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        client.dispatcher().cancelAll();
        client.connectionPool().evictAll();
    }
}
