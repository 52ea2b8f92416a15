package io.raftlite.sim;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sees what each server does, piece by piece, at the moment when it happens, and changes nothing; it may end the run by an
 * exception.
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

    /** Something begins to happen at a server; the text is to be made only if someone reads it. */
    default void happens(SimServer server, Supplier<String> text) {}

    /** A fault begins or ends, in the words of a plan. */
    default void strikes(String words) {}

    /** From now on this ails the links of the network; empty if nothing does. */
    default void ails(String words) {}

    /** A message does not arrive, and why. */
    default void loses(Message message, String why) {}

    /** The next piece is the receipt of a message. */
    default void receives(SimServer server, Message message) {}

    /** The next piece is the news that a connection ended. */
    default void disconnects(SimServer server, NodeId peer) {}

    /** The next piece is a read, whose answer is to come. */
    default void reads(SimServer server, Consistency consistency, CompletableFuture<Applied> answer) {}

    /** The next fact that comes is that writes are durable. */
    default void flushed(NodeId server, long sequence) {}

    /** A fact comes, which the server is told in a later piece. */
    default void comes(SimServer server) {}

    /** A message leaves the server, in the piece under way. */
    default void sends(SimServer server, Message message) {}

    /** A record is issued to the disk, in the piece under way; the storage does not count it yet among what is written. */
    default void writes(NodeId server, SimStorage storage, Ready.Persist persist) {}

    /** A snapshot is about to be written, or to take the place of the log. */
    default void saves(SnapshotMeta snapshot) {}

    /** A piece of work is done. */
    default void did(SimServer server, Piece piece, Supplier<Status> status) {}

    /** A turn is done. */
    default void turned(SimServer server, Status before, Status now) {}

    /** A process ends; its disk has not forgotten anything yet. */
    default void ends(SimServer server) {}
}
