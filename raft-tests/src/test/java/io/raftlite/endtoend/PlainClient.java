package io.raftlite.endtoend;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/**
 * A client that speaks plain HTTP to whichever node it draws, and believes what the answer says of the outcome. It either
 * asks once, or gives each write an idempotency key and asks again elsewhere until it knows.
 */
final class PlainClient implements RecordedClient {
    private static final int MOST_TRIES = 4;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
    private final List<String> urls;
    private final Random random;
    private final boolean asksAgain;

    PlainClient(List<String> urls, Random random, boolean asksAgain) {
        this.urls = urls;
        this.random = random;
        this.asksAgain = asksAgain;
    }

    @Override
    public Answer carryOut(String key, Action action) throws InterruptedException {
        if (!asksAgain) {
            return ask(request(key, action), action);
        }
        String id = new UUID(random.nextLong(), random.nextLong()).toString();
        boolean doubtful = false;
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Answer answer = ask(request(key, action).header("Idempotency-Key", id), action);
            if (answer.outcome() == Outcome.OK) {
                return answer;
            }
            doubtful |= answer.outcome() == Outcome.UNKNOWN;
        }
        return doubtful ? Answer.unknown() : Answer.notDone();
    }

    private HttpRequest.Builder request(String key, Action action) {
        String url = urls.get(random.nextInt(urls.size()));
        if (action instanceof Action.Read) {
            return HttpRequest.newBuilder(URI.create(url + "/api/v1/kv/" + key + "?raw"));
        }
        JsonObject body = new JsonObject();
        body.addProperty("command", RecordedClient.command(key, action));
        return HttpRequest.newBuilder(URI.create(url + "/submit"))
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
    }

    private Answer ask(HttpRequest.Builder request, Action action) throws InterruptedException {
        try {
            HttpResponse<String> response =
                    http.send(request.timeout(Duration.ofSeconds(3)).build(), HttpResponse.BodyHandlers.ofString());
            return read(response, action);
        } catch (ConnectException | HttpConnectTimeoutException neverSent) {
            return Answer.notDone();
        } catch (IOException noAnswer) {
            return Answer.unknown();
        }
    }

    private static Answer read(HttpResponse<String> response, Action action) {
        if (response.statusCode() == 200 && action instanceof Action.Read) {
            return Answer.of(action, response.body());
        }
        JsonObject body = JsonParser.parseString(response.body()).getAsJsonObject();
        if (response.statusCode() == 200) {
            return Answer.of(action, body.get("result").getAsString());
        }
        return switch (body.get("outcome").getAsString()) {
            case "applied" -> Answer.no(action);
            case "not-applied" -> Answer.notDone();
            default -> Answer.unknown();
        };
    }

    @Override
    public void close() {
        // The JDK's client needs no end before JDK 21.
    }
}
