package io.raftlite.sim;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sees what each server does, piece by piece, at the moment when it happens, and changes nothing.
 *
 * <p>A turn of a server consists of pieces: what it was called for, each fact that had come, a tick, and a flush.
 */
interface Observer {
    /** Sees nothing. */
    Observer NONE = new Observer() {};

    /** What kind of work a piece is. */
    enum Piece {
        ACTION,
        FACT,
        TICK,
        FLUSH
    }

    /** The next piece begins the run of a process. */
    default void starts(NodeId server) {}

    /** The next piece is the receipt of a message. */
    default void receives(NodeId server, Message message) {}

    /** The next piece is the news that a connection ended. */
    default void disconnects(NodeId server, NodeId peer) {}

    /** The next piece is a linearizable read, whose answer is to come. */
    default void reads(NodeId server, CompletableFuture<Applied> answer) {}

    /** The next fact that this server is told is that writes are durable. */
    default void flushed(NodeId server, long sequence) {}

    /** Takes the place of a fact that is to be told in a later piece. */
    default Runnable told(NodeId server, Runnable fact) {
        return fact;
    }

    /** A message left the server, in the piece under way. */
    default void sent(NodeId server, Message message) {}

    /** A record went to the disk, in the piece under way. */
    default void wrote(NodeId server, Ready.Persist persist) {}

    /** A piece of work is done. */
    default void did(NodeId server, Piece piece, Supplier<Status> status) {}

    /** A process ended. */
    default void ended(NodeId server) {}

    /** Returns a witness that sees what {@code judge} sees, and tells this observer of it. */
    default SimStorage.Witness over(SimStorage.Witness judge, NodeId server) {
        return judge;
    }
}
