package io.raftlite.node;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;

/** Reads the addresses of nodes, {@code http://HOST:PORT}, into one form each, so that equal ones are equal. */
final class Addresses {
    private static final int HTTP_PORT = 80;
    private static final int MAX_PORT = 65_535;

    private Addresses() {}

    /**
     * Reads an address that a flag was given.
     *
     * @throws IllegalArgumentException saying what is wrong with it, and how it should look
     */
    static URI parse(String flag, String text) {
        try {
            URI url = new URI(text.strip());
            if (!"http".equalsIgnoreCase(url.getScheme()) || url.getHost() == null) {
                throw malformed(flag, text, "it does not begin with http:// and a host");
            }
            boolean bare = url.getPath() == null
                    || url.getPath().isEmpty()
                    || url.getPath().equals("/");
            if (!bare || url.getQuery() != null || url.getFragment() != null || url.getUserInfo() != null) {
                throw malformed(flag, text, "there is more than host and port");
            }
            int port = url.getPort() < 0 ? HTTP_PORT : url.getPort();
            if (port == 0 || port > MAX_PORT) {
                throw malformed(flag, text, "the port is not in 1.." + MAX_PORT);
            }
            return URI.create("http://" + url.getHost().toLowerCase(Locale.ROOT) + ":" + port);
        } catch (URISyntaxException wrong) {
            throw malformed(flag, text, wrong.getReason());
        }
    }

    private static IllegalArgumentException malformed(String flag, String text, String reason) {
        return new IllegalArgumentException(
                flag + ": '" + text + "' is not an address like http://localhost:5001: " + reason);
    }

    /** Tells whether an address means this machine alone. */
    static boolean isLoopback(URI url) {
        String host = url.getHost();
        if (host.equals("localhost")) {
            return true;
        }
        // Only literal addresses are looked at: a name may mean something else tomorrow.
        if (!host.startsWith("[") && !host.matches("[0-9.]+")) {
            return false;
        }
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException none) {
            return false;
        }
    }
}
