package io.raftlite.client;

import java.io.IOException;

/** A node could not be asked, or did not answer. */
final class HttpFailure extends IOException {
    private final boolean sent;

    HttpFailure(IOException cause, boolean sent) {
        super(reason(cause, sent), cause);
        this.sent = sent;
    }

    private static String reason(IOException cause, boolean sent) {
        if (cause instanceof java.net.ConnectException) {
            return "connection refused";
        }
        if (cause instanceof java.net.UnknownHostException) {
            return "no such host";
        }
        if (cause instanceof java.io.InterruptedIOException) {
            return sent ? "no answer in time" : "no connection in time";
        }
        return sent ? "the connection broke: " + cause.getMessage() : String.valueOf(cause.getMessage());
    }

    /** Tells whether any of the request may have reached the node. */
    boolean sent() {
        return sent;
    }
}
