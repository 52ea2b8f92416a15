package io.raftlite.node;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps foreign web pages out: a browser on an operator's machine must not be talked into sending commands.
 *
 * <p>A page of another site betrays itself by its {@code Origin}; a name that was made to point here (DNS rebinding) by
 * a {@code Host} that is no address and no name of this node. Programs send no {@code Origin}, and are let in.
 */
final class WebGuard {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Set<String> names;
    /** The last {@code Host} that was found good: almost always the one of the next request, too. */
    private volatile String goodHost = "";

    WebGuard(NodeConfig config) {
        this.names = new TreeSet<>(
                List.of(config.advertise().getHost(), hostOf(config.bind()).orElse("")));
    }

    /** Returns why a request is refused, if it is. */
    Optional<String> refusal(String host, String origin) {
        if (!host.equals(goodHost)) {
            Optional<String> called = hostOf(host);
            if (called.isEmpty() || !isOurs(called.get())) {
                return Optional.of("the Host '" + host + "' is no name of this node");
            }
            goodHost = host;
        }
        if (!origin.isEmpty() && !origin.equalsIgnoreCase("http://" + host)) {
            return Optional.of("the Origin '" + origin + "' is another site");
        }
        return Optional.empty();
    }

    private boolean isOurs(String host) {
        // A literal address cannot be made to point elsewhere.
        return LOOPBACK.contains(host) || names.contains(host) || host.startsWith("[") || host.matches("[0-9.]+");
    }

    private static Optional<String> hostOf(String authority) {
        try {
            return Optional.ofNullable(URI.create("http://" + authority).getHost())
                    .map(host -> host.toLowerCase(java.util.Locale.ROOT));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
