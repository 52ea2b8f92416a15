package io.raftlite.client;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What a subcommand works with: a client, where to write, and how.
 *
 * @param coloured whether the output goes to a terminal that shows colours
 */
record Session(RaftClient client, PrintWriter out, PrintWriter err, Format format, boolean coloured)
        implements AutoCloseable {
    /** How results are written. */
    enum Format {
        text,
        table,
        json
    }

    /** Waits for a result, and throws the {@link RaftClientException} if there is none. */
    static <T> T await(CompletableFuture<T> future) {
        try {
            return Objects.requireNonNull(future.join());
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof RaftClientException reason) {
                throw reason;
            }
            throw failure;
        }
    }

    boolean isJson() {
        return format == Format.json;
    }

    /** Writes a line; false if nobody reads any more. */
    boolean print(String line) {
        out.print(line);
        out.print('\n');
        return !out.checkError();
    }

    void complain(RaftClientException error) {
        Main.complain(err, String.valueOf(error.getMessage()), error.hint());
    }

    @Override
    public void close() {
        out.flush();
        err.flush();
        client.close();
    }
}
