package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Requests that are unusual in form, as they arrive on the wire. */
@Timeout(60)
class ApiRequestsTest {
    private static OneNode cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = OneNode.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @CsvSource({"a;b,a;b", "a%3Bb2,a;b2", "c%2Fd,c/d", "e%252Ff,e%2Ff", "g+h,g+h", "%C3%BC,\u00fc", "i;j?raw,i;j"})
    void a_key_in_the_path_is_the_key_of_the_command(String part, String key) throws Exception {
        assertThat(cluster.send("PUT", "/api/v1/kv/" + part, "v").statusCode()).isEqualTo(200);

        assertThat(cluster.submit("GET " + key).body()).contains("\"result\":\"v\"");
        assertThat(cluster.send("GET", "/api/v1/kv/" + part, "").statusCode()).isEqualTo(200);
    }

    @Test
    void a_parameter_of_the_query_is_no_key() throws Exception {
        cluster.submit("SET one=1");

        assertThat(cluster.send("GET", "/api/v1/kv/one?key=two", "").body()).contains("\"key\":\"one\"");
    }

    @Test
    void a_body_that_does_not_tell_its_length_is_refused_when_it_gets_too_long() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        cluster.node().config().advertise().resolve("/submit"))
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[9 << 20])))
                .build();

        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("the body has more than 8388608 bytes");
    }

    @Test
    void a_request_that_is_answered_before_its_body_has_come_is_no_failure_of_the_server() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger undertow = (Logger) LoggerFactory.getLogger("io.undertow");
        undertow.addAppender(log);
        try {
            String rest = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
            assertThat(raw("POST /nothing" + rest)).startsWith("HTTP/1.1 404 ");
            // Whatever the threads of the server had still to do with it, they have done when these are answered.
            for (int i = 0; i < 8; i++) {
                raw("GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            }
        } finally {
            undertow.detachAppender(log);
        }

        assertThat(log.list).isEmpty();
    }

    @Test
    void a_target_with_scheme_and_host_is_passed_on_as_a_path() throws Exception {
        String url = cluster.node().config().advertise() + "/api/v1/kv/absolute?raw";
        cluster.submit("SET absolute=yes");

        assertThat(raw("GET " + url + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK")
                .endsWith("yes");
    }

    @ParameterizedTest
    @CsvSource({
        "TRACE,/submit,POST",
        "FOO,/api/v1/kv/k,'GET, PUT, DELETE'",
        "PATCH,/api/v1/status,GET",
        "TRACE,/append_entries,POST",
        "FOO,/request_vote,POST",
        "FOO,/snapshot/1-1,GET"
    })
    void a_method_that_a_path_does_not_have_is_a_problem_that_names_those_it_has(
            String method, String path, String allowed) throws Exception {
        assertThat(raw(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ")
                .contains("\r\nAllow: " + allowed + "\r\n")
                .contains("\r\nContent-Type: application/problem+json")
                .contains("\"code\":\"method-not-allowed\"");
    }

    @ParameterizedTest
    @CsvSource({"GET,/nothing", "TRACE,/api/v1", "FOO,/api/v2/kv/k", "POST,/append_entries/more"})
    void a_path_that_is_not_there_is_a_problem(String method, String path) throws Exception {
        assertThat(raw(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 404 ")
                .contains("\r\nContent-Type: application/problem+json")
                .contains("\"code\":");
    }

    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), cluster.node().config().port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
