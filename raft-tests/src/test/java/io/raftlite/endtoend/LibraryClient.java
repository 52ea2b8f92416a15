package io.raftlite.endtoend;

import io.raftlite.client.RaftClient;
import io.raftlite.client.RaftClientException;
import io.raftlite.sim.Operation.Action;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;

/** The Java client, with its session or without. */
final class LibraryClient implements RecordedClient {
    private final RaftClient client;

    LibraryClient(List<URI> endpoints, boolean sessions) {
        this.client = RaftClient.builder()
                .endpoints(endpoints)
                .timeout(Duration.ofSeconds(4))
                .sessions(sessions)
                .build();
    }

    @Override
    public Answer carryOut(String key, Action action) {
        try {
            return Answer.of(
                    action,
                    client.submit(RecordedClient.command(key, action)).join().result());
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof RaftClientException.No) {
                return Answer.no(action);
            }
            if (failure.getCause() instanceof RaftClientException.OutcomeUnknown) {
                return Answer.unknown();
            }
            if (failure.getCause() instanceof RaftClientException.Unavailable
                    || failure.getCause() instanceof RaftClientException.Refused) {
                return Answer.notDone();
            }
            throw failure;
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
