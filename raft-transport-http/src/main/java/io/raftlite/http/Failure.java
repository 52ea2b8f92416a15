package io.raftlite.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;

/** What a failed call tells about the peer. */
enum Failure {
    /** Nothing: it may be slow, or the network may. */
    TIMEOUT,
    /** Nothing listens at its address. */
    UNREACHABLE,
    /** Its end of the connection is gone. */
    BROKEN,
    /** Nothing: we ended the call ourselves. */
    CANCELED;

    static Failure of(IOException cause, boolean isCanceled) {
        // OkHttp ends a call that takes too long by canceling it, hence the time-out is asked for first.
        if (cause instanceof InterruptedIOException) {
            return TIMEOUT;
        }
        if (isCanceled) {
            return CANCELED;
        }
        boolean isUnreachable = cause instanceof ConnectException
                || cause instanceof NoRouteToHostException
                || cause instanceof UnknownHostException;
        return isUnreachable ? UNREACHABLE : BROKEN;
    }
}
