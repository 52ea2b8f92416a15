package io.raftlite.client;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

class HttpCallerTest {
    @Test
    void an_encrypted_address_is_spoken_to_by_tls() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                HttpCaller caller = new HttpCaller(Duration.ofSeconds(30), true)) {
            server.setSoTimeout(30_000);
            URI node = URI.create("https://localhost:" + server.getLocalPort());
            CompletableFuture<HttpAnswer> answer = caller.get(node, "/", Duration.ofSeconds(30));
            try (Socket socket = server.accept()) {
                OutputStream out = socket.getOutputStream();
                out.write("this is no answer to the greeting of TLS\n".getBytes(StandardCharsets.US_ASCII));
                out.flush();

                assertThatThrownBy(answer::join).hasRootCauseInstanceOf(SSLException.class);
            }
        }
    }
}
