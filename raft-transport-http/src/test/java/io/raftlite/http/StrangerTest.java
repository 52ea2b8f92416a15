package io.raftlite.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.raftlite.Message;
import io.raftlite.NodeId;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a node answers to somebody who speaks plain HTTP to it, as curl does. */
class StrangerTest {
    private static final String HEARTBEAT = "{\"term\":3,\"leaderId\":\"S\",\"leaderCommit\":6}";

    private final Map<String, String> headers = new LinkedHashMap<>();
    private TestNode node;

    @BeforeEach
    void start() {
        node = new TestNode("N");
        node.join();
        headers.put("X-Raft-Cluster", TestNode.CLUSTER);
        headers.put("X-Raft-From", "S");
        headers.put("X-Raft-To", node.id().value());
        headers.put("X-Raft-Incarnation", "5");
        headers.put("X-Raft-Session", "0");
        headers.put("X-Raft-Nonce", "1");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void an_order_to_stand_is_taken_with_202_at_once() throws Exception {
        HttpResponse<String> answer = post("/timeout_now", "{\"term\":3,\"leaderId\":\"S\"}");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(Await.next(node.received)).isInstanceOf(Message.TimeoutNow.class);
    }

    @Test
    void a_stranger_is_heard_and_answered() throws Exception {
        node.core = Messages::yes;

        HttpResponse<String> answer = post("/read_index", "{\"term\":3}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"term\":3,\"success\":true,\"readIndex\":7,\"leaderCommit\":8}");
    }

    @Test
    void a_newer_protocol_is_refused_before_anything_else_is_looked_at() throws Exception {
        headers.clear();
        headers.put("X-Raft-Version", "2");

        HttpResponse<String> answer = post("/append_entries", "whatever comes then");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("\"code\":\"unsupported-version\"")
                .contains("\"detail\":\"the message is of protocol version 2, this node speaks version 1 at most\"")
                .contains("\"hint\":\"update this node too\"");
        assertThat(node.received).isEmpty();
    }

    @Test
    void a_message_without_headers_is_told_which() throws Exception {
        headers.remove("X-Raft-Nonce");

        HttpResponse<String> answer = post("/append_entries", HEARTBEAT);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("X-Raft-Nonce is missing");
    }

    @Test
    void a_bound_member_with_another_incarnation_is_refused_with_409() throws Exception {
        NodeId sender = NodeId.of("S");
        node.transport().members(Map.of(sender, new Peering(node.url(), 4)));

        HttpResponse<String> answer = post("/append_entries", HEARTBEAT);

        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.body())
                .contains("\"code\":\"wiped\"")
                .contains("member \\\"S\\\" has incarnation 4, but the node there now has 5")
                .contains("\"hint\":\"start it with its old data, or remove the member and add it again\"");
        assertThat(node.received).isEmpty();
    }

    @Test
    void a_wiped_node_says_so_once_in_its_log() throws Exception {
        headers.put("X-Raft-To-Incarnation", "7");
        Logger logger = (Logger) LoggerFactory.getLogger(HttpTransport.class);
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.addAppender(events);
        logger.setLevel(Level.WARN);
        try {
            assertThat(post("/append_entries", HEARTBEAT).statusCode()).isEqualTo(409);
            assertThat(post("/append_entries", HEARTBEAT).statusCode()).isEqualTo(409);
        } finally {
            logger.setLevel(null);
            logger.detachAppender(events);
        }

        assertThat(List.copyOf(events.list))
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .contains("has incarnation 7, but the node there now has 1")
                .contains("remove the member and add it again");
    }

    @Test
    void another_method_is_refused_with_the_right_one() throws Exception {
        HttpResponse<String> answer = send(request("/read_index").GET());

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("Allow")).contains("POST");
    }

    @Test
    void a_stream_that_is_no_upgrade_is_refused_and_told_what_it_needs() throws Exception {
        HttpResponse<String> answer = send(request("/stream/bulk").GET());

        assertThat(answer.statusCode()).isEqualTo(426);
        assertThat(answer.headers().firstValue("Upgrade")).contains("raft-lite");
        assertThat(answer.body()).contains("\"code\":\"upgrade-required\"").contains("Connection: upgrade");
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(node.url().resolve(path)).version(HttpClient.Version.HTTP_1_1);
        headers.forEach(request::header);
        return request;
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
