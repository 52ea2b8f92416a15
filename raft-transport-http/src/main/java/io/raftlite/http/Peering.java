package io.raftlite.http;

import io.raftlite.EntryId;
import java.net.URI;
import okhttp3.HttpUrl;

/**
 * How another member is reached, and how it is known again.
 *
 * @param address {@code http://HOST:PORT}
 * @param incarnation the one that its membership is bound to, so that a wiped disk under its id is refused; 0 if none is known
 */
public record Peering(URI address, long incarnation) {
    /** Stands for a membership that is bound to no incarnation yet. */
    static final long UNBOUND = 0;

    /** @throws IllegalArgumentException naming the address that is not one */
    public Peering {
        boolean isHostAndPort = "http".equals(address.getScheme())
                && address.getHost() != null
                && address.getUserInfo() == null
                && (address.getPath().isEmpty() || address.getPath().equals("/"))
                && address.getQuery() == null
                && address.getFragment() == null
                && HttpUrl.parse(address.toString()) != null;
        if (!isHostAndPort) {
            throw new IllegalArgumentException(
                    "peer address " + Quote.of(address.toString()) + " must be http://HOST:PORT");
        }
        EntryId.requireInRange("incarnation", incarnation);
    }

    /** Returns a peering with a member of which only the address is known. */
    public static Peering at(URI address) {
        return new Peering(address, UNBOUND);
    }

    /** Tells whether a message of this incarnation may come from this member. */
    boolean admits(long other) {
        return incarnation == UNBOUND || incarnation == other;
    }
}
