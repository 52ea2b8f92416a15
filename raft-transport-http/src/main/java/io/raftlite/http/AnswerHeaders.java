package io.raftlite.http;

import io.raftlite.Envelope;
import java.util.List;
import okhttp3.Response;

/** Reads the headers of answers, and refuses those that no node of ours can have given to what was asked. */
final class AnswerHeaders {
    private AnswerHeaders() {}

    static WireHeaders read(Envelope sent, Response response) throws MalformedException {
        long version = WireHeaders.version(response::header);
        if (version > WireHeaders.PROTOCOL_VERSION) {
            throw new MalformedException("its answer is of protocol version " + version + ", this node speaks version "
                    + WireHeaders.PROTOCOL_VERSION + " at most");
        }
        List<String> missing = WireHeaders.missing(response::header);
        if (!missing.isEmpty()) {
            throw new MalformedException("its answer lacks the headers " + String.join(", ", missing));
        }
        WireHeaders headers = WireHeaders.read(response::header);
        Envelope answered = headers.envelope();
        if (!answered.cluster().equals(sent.cluster())
                || !answered.from().equals(sent.to())
                || !answered.to().equals(sent.from())) {
            throw new MalformedException(
                    "its answer comes from " + Quote.of(answered.from().value()) + " to "
                            + Quote.of(answered.to().value()) + " in cluster " + Quote.of(answered.cluster()));
        }
        return headers;
    }
}
