package io.raftlite.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Stands in front of one node, under the address that the node advertises: what the others say to it on a connection, and
 * what it answers there, passes when the {@link Links} let it. Who is no node is called {@code client}.
 */
final class NodeProxy implements AutoCloseable {
    static final String CLIENT = "client";

    private static final int BACKLOG = 200;

    private record Connection(String caller, Socket near, Socket far) {
        /** Ends both ways at once, so that both ends see a reset. */
        void reset() {
            for (Socket socket : List.of(near, far)) {
                try {
                    socket.setSoLinger(true, 0);
                    socket.close();
                } catch (IOException closed) {
                    // It is what was wanted.
                }
            }
        }
    }

    private final String node;
    private final int nodePort;
    private final Links links;
    private final Supplier<Map<String, Long>> pids;
    private final ServerSocket server;
    private final List<Connection> connections = new ArrayList<>();
    private final SortedSet<String> callers = new TreeSet<>();

    /** @param pids the processes of the nodes that run, by name */
    NodeProxy(String node, int nodePort, Links links, Supplier<Map<String, Long>> pids) {
        this.node = node;
        this.nodePort = nodePort;
        this.links = links;
        this.pids = pids;
        try {
            this.server = new ServerSocket(0, BACKLOG, InetAddress.getByName("localhost"));
        } catch (IOException cause) {
            throw new UncheckedIOException(cause);
        }
        start("calls to " + node, this::accept);
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    String url() {
        return "http://localhost:" + server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                start("a call to " + node, () -> connect(near));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void connect(Socket near) {
        Connection connection = new Connection(caller(near), near, new Socket());
        synchronized (this) {
            connections.add(connection);
            callers.add(connection.caller);
        }
        try {
            connection.near.setTcpNoDelay(true);
            connection.far.setTcpNoDelay(true);
            pass(connection.caller, node);
            connection.far.connect(new InetSocketAddress(InetAddress.getByName("localhost"), nodePort));
            start("answers of " + node, () -> pump(connection, connection.far, near, node, connection.caller));
            pump(connection, near, connection.far, connection.caller, node);
        } catch (IOException refused) {
            connection.reset();
            forget(connection);
        }
    }

    private String caller(Socket near) {
        try {
            return SocketOwners.find(near.getPort(), near.getLocalPort(), pids.get())
                    .orElse(CLIENT);
        } catch (IOException untold) {
            throw new UncheckedIOException(untold);
        }
    }

    private void pass(String from, String to) throws IOException {
        try {
            links.pass(from, to);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    /** Carries one way of a connection; its end, too, arrives no earlier than the link lets it. */
    private void pump(Connection connection, Socket in, Socket out, String from, String to) {
        byte[] buffer = new byte[64 << 10];
        try {
            while (true) {
                int length = read(in, buffer, links.pieceBytes(from, to));
                pass(from, to);
                if (length < 0) {
                    // What was reset here does not end in order at the other side.
                    if (!in.isClosed()) {
                        out.shutdownOutput();
                    }
                    return;
                }
                out.getOutputStream().write(buffer, 0, length);
            }
        } catch (IOException broken) {
            connection.reset();
        } finally {
            forget(connection);
        }
    }

    /** Returns what {@link java.io.InputStream#read} does, and -1 for a broken connection, too. */
    private static int read(Socket in, byte[] buffer, int most) {
        try {
            return in.getInputStream().read(buffer, 0, most);
        } catch (IOException broken) {
            return -1;
        }
    }

    /** Both ways have to end before nobody can be hurt any more. */
    private synchronized void forget(Connection connection) {
        if (connection.near.isClosed() || (connection.near.isOutputShutdown() && connection.far.isOutputShutdown())) {
            connection.reset();
            connections.remove(connection);
        }
    }

    /** Returns who has ever called. */
    synchronized SortedSet<String> callers() {
        return new TreeSet<>(callers);
    }

    /** Breaks all connections that {@code caller} has opened to the node. */
    synchronized void reset(String caller) {
        connections.stream()
                .filter(connection -> connection.caller.equals(caller))
                .forEach(Connection::reset);
        connections.removeIf(connection -> connection.caller.equals(caller));
    }

    @Override
    public synchronized void close() throws IOException {
        server.close();
        connections.forEach(Connection::reset);
        connections.clear();
    }
}
