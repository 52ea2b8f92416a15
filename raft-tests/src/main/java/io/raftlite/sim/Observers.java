package io.raftlite.sim;

import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Shows everything to several observers, in their order. */
final class Observers implements Observer {
    private final List<Observer> all;

    /** @param all those that see nothing are left out */
    Observers(Observer... all) {
        this.all = Stream.of(all).filter(one -> one != NONE).toList();
    }

    private void each(Consumer<Observer> tell) {
        all.forEach(tell);
    }

    @Override
    public void happens(SimServer server, Supplier<String> text) {
        each(one -> one.happens(server, text));
    }

    @Override
    public void receives(SimServer server, Message message) {
        each(one -> one.receives(server, message));
    }

    @Override
    public void disconnects(SimServer server, NodeId peer) {
        each(one -> one.disconnects(server, peer));
    }

    @Override
    public void reads(SimServer server, Consistency consistency, CompletableFuture<Applied> answer) {
        each(one -> one.reads(server, consistency, answer));
    }

    @Override
    public void flushed(NodeId server, long sequence) {
        each(one -> one.flushed(server, sequence));
    }

    @Override
    public Runnable told(SimServer server, Runnable fact) {
        Runnable told = fact;
        for (Observer one : all) {
            told = one.told(server, told);
        }
        return told;
    }

    @Override
    public void sends(SimServer server, Message message) {
        each(one -> one.sends(server, message));
    }

    @Override
    public void writes(NodeId server, SimStorage storage, Ready.Persist persist) {
        each(one -> one.writes(server, storage, persist));
    }

    @Override
    public void saves(SnapshotMeta snapshot) {
        each(one -> one.saves(snapshot));
    }

    @Override
    public void did(SimServer server, Piece piece, Supplier<Status> status) {
        each(one -> one.did(server, piece, status));
    }

    @Override
    public void turned(SimServer server, Status before, Status now) {
        each(one -> one.turned(server, before, now));
    }

    @Override
    public void ends(SimServer server) {
        each(one -> one.ends(server));
    }
}
