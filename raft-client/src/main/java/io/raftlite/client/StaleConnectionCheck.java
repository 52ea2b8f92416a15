package io.raftlite.client;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.WeakHashMap;
import okhttp3.Connection;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Looks whether the node has closed an idle connection before a request goes out on it.
 *
 * <p>OkHttp looks only after ten idle seconds. A write that is sent into a connection which a crashed leader left behind
 * would have an unknown outcome, though it is certain here that nobody takes it.
 */
final class StaleConnectionCheck implements Interceptor {
    private static final long IDLE_NANOS = 50_000_000;

    private final Map<Connection, Long> lastUses = new WeakHashMap<>();

    @Override
    public Response intercept(Chain chain) throws IOException {
        Connection connection = chain.connection();
        if (connection == null) {
            return chain.proceed(chain.request());
        }
        if (isIdle(connection) && connection.handshake() == null) {
            requireOpen(connection.socket());
        }
        try {
            return chain.proceed(chain.request());
        } finally {
            use(connection);
        }
    }

    private synchronized boolean isIdle(Connection connection) {
        Long lastUse = lastUses.get(connection);
        return lastUse != null && System.nanoTime() - lastUse > IDLE_NANOS;
    }

    private synchronized void use(Connection connection) {
        lastUses.put(connection, System.nanoTime());
    }

    /** Nothing may come before a request: a byte would be as wrong as the end. */
    private static void requireOpen(Socket socket) throws IOException {
        int timeout = socket.getSoTimeout();
        socket.setSoTimeout(1);
        try {
            int read = socket.getInputStream().read();
            throw new IOException(read < 0 ? "the node has closed the connection" : "the node spoke out of turn");
        } catch (SocketTimeoutException open) {
            socket.setSoTimeout(timeout);
        }
    }
}
