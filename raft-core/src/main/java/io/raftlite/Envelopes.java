package io.raftlite;

/** Addresses what one server sends: each request has a number of its own, which its answer repeats. */
final class Envelopes {
    private final RaftConfig config;
    private long nonce;

    /** @param nonce a random start keeps late answers to questions of an earlier run apart from those to our own */
    Envelopes(RaftConfig config, long nonce) {
        this.config = config;
        this.nonce = nonce;
    }

    Envelopes copy() {
        return new Envelopes(config, nonce);
    }

    void hash(StateHash hash) {
        hash.add(nonce);
    }

    /** Addresses a new request to {@code peer}, which belongs to no membership of it. */
    Envelope request(NodeId peer) {
        return request(peer, 0);
    }

    /** Addresses a new request to {@code peer} in the membership {@code session}. */
    Envelope request(NodeId peer, long session) {
        return new Envelope(config.cluster(), config.self(), peer, config.incarnation(), session, ++nonce);
    }

    /** Addresses the answer to a request. */
    Envelope answer(Envelope request) {
        return new Envelope(
                config.cluster(),
                config.self(),
                request.from(),
                config.incarnation(),
                request.session(),
                request.nonce());
    }

    /** Returns the number that the next request will have at the least. */
    long nextNonce() {
        return nonce + 1;
    }
}
