package io.raftlite.client;

import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Where nodes are: the endpoints that were given, those of the other members once learned, and who leads. */
final class Endpoints {
    private final List<URI> given;
    private final boolean hasEncrypted;
    private List<URI> all;
    private @Nullable URI leader;

    Endpoints(List<URI> given) {
        if (given.isEmpty()) {
            throw new IllegalArgumentException("give at least one endpoint");
        }
        this.given = given.stream().map(Endpoints::require).distinct().toList();
        this.hasEncrypted = this.given.stream().anyMatch(Endpoints::isEncrypted);
        this.all = this.given;
    }

    private static URI require(URI endpoint) {
        return parse(endpoint.toString())
                .orElseThrow(() -> new IllegalArgumentException(
                        "the endpoint '" + endpoint + "' is no address like http://localhost:5000"));
    }

    /** Returns scheme, host and port of an address. */
    static Optional<URI> parse(String text) {
        try {
            URI uri = URI.create(text);
            // Not every URI can be asked: a port may be too large.
            if (uri.getScheme() == null || uri.getHost() == null || HttpUrl.parse(text) == null) {
                return Optional.empty();
            }
            String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
            if (!scheme.equals("http") && !scheme.equals("https")) {
                return Optional.empty();
            }
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            return Optional.of(URI.create(scheme + "://" + uri.getHost() + port));
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }

    /** Tells whether any of those that were given is reached by TLS; where none is, none that is learned is, or it is ignored. */
    boolean hasEncrypted() {
        return hasEncrypted;
    }

    private static boolean isEncrypted(URI endpoint) {
        return endpoint.getScheme().equals("https");
    }

    private boolean canReach(URI endpoint) {
        return hasEncrypted || !isEncrypted(endpoint);
    }

    List<URI> given() {
        return given;
    }

    synchronized List<URI> all() {
        return all;
    }

    synchronized void learn(List<URI> members) {
        Set<URI> known = new LinkedHashSet<>(given);
        members.stream().filter(this::canReach).forEach(known::add);
        all = List.copyOf(known);
    }

    synchronized Optional<URI> leader() {
        return Optional.ofNullable(leader);
    }

    synchronized void lead(URI node) {
        if (canReach(node)) {
            leader = node;
        }
    }

    /** Forgets that {@code node} leads, if that is what was believed. */
    synchronized void forget(URI node) {
        if (node.equals(leader)) {
            leader = null;
        }
    }
}
