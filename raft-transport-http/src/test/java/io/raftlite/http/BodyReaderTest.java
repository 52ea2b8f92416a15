package io.raftlite.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that answers with the body of the request, or with 413. */
class BodyReaderTest {
    private static final int MAX_BYTES = 300_000;

    private final HttpClient client = HttpClient.newHttpClient();
    private Undertow server;
    private int port;

    @BeforeEach
    void start() {
        server = Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setHandler(BodyReaderTest::echo)
                .build();
        server.start();
        port = ((InetSocketAddress) server.getListenerInfo().get(0).getAddress()).getPort();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private static void echo(HttpServerExchange exchange) {
        BodyReader reader = new BodyReader(exchange, MAX_BYTES, new BodyReader.Sink() {
            @Override
            public void body(byte[] body) {
                exchange.dispatch(SameThreadExecutor.INSTANCE, () -> exchange.getResponseSender()
                        .send(ByteBuffer.wrap(body)));
            }

            @Override
            public void tooLarge() {
                exchange.setPersistent(false);
                exchange.setStatusCode(413).getResponseSender().send("too large");
            }
        });
        reader.read(30);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 180, 4_095, 4_097, 16_384, 16_385, 100_000, MAX_BYTES})
    void a_body_comes_as_it_was_sent_whether_or_not_its_length_was_told_before(int size) throws Exception {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);

        assertThat(answer(HttpRequest.BodyPublishers.ofByteArray(body)).body()).isEqualTo(body);
        assertThat(answer(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                        .body())
                .isEqualTo(body);
    }

    private HttpResponse<byte[]> answer(HttpRequest.BodyPublisher body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port))
                .version(HttpClient.Version.HTTP_1_1)
                .POST(body)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void a_body_that_comes_in_pieces_is_put_together() throws Exception {
        byte[] body = new byte[100_000];
        new Random(1).nextBytes(body);
        try (Socket socket = connect("Content-Length: " + body.length)) {
            OutputStream out = socket.getOutputStream();
            for (int from = 0, piece = 1; from < body.length; from += piece, piece *= 3) {
                out.write(body, from, Math.min(piece, body.length - from));
                out.flush();
            }

            byte[] all = socket.getInputStream().readAllBytes();
            assertThat(Arrays.copyOfRange(all, all.length - body.length, all.length))
                    .isEqualTo(body);
        }
    }

    @Test
    void a_body_that_is_to_be_too_large_is_refused_before_any_of_it_has_come() throws Exception {
        try (Socket socket = connect("Content-Length: " + (MAX_BYTES + 1))) {
            assertThat(status(socket)).isEqualTo("HTTP/1.1 413");
        }
    }

    @Test
    void a_body_of_untold_length_is_refused_as_soon_as_it_is_too_large() throws Exception {
        try (Socket socket = connect("Transfer-Encoding: chunked")) {
            OutputStream out = socket.getOutputStream();
            out.write((Integer.toHexString(MAX_BYTES + 1) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[MAX_BYTES + 1]);
            out.flush();

            assertThat(status(socket)).isEqualTo("HTTP/1.1 413");
        }
    }

    private static String status(Socket socket) throws IOException {
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    private Socket connect(String header) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        String head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + header + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }
}
