package io.raftlite.node;

import com.google.gson.stream.JsonWriter;
import io.raftlite.ConfigurationChange;
import io.raftlite.EntryId;
import io.raftlite.NodeId;
import io.raftlite.Status;
import io.raftlite.replica.Applied;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The routes by which operators change the cluster: members, leadership, snapshots. */
final class AdminHandlers {
    private static final String CHANGE_FORM = "the body must be a JSON object like"
            + " {\"change\":\"add\",\"id\":\"D\",\"url\":\"http://localhost:5003\"}; a change is one of"
            + " add, remove, promote, demote, move";
    private static final String TRANSFER_FORM = "the body must be a JSON object like {\"to\":\"B\"}, or {}";

    private final RaftNode node;
    private final Members members;
    private final Gateway gateway;
    private final Duration patience;

    AdminHandlers(RaftNode node, Members members, Gateway gateway) {
        this.node = node;
        this.members = members;
        this.gateway = gateway;
        this.patience = node.config().electionTimeout().multipliedBy(4);
    }

    CompletableFuture<Answer> members(ApiRequest request) {
        return done(configuration());
    }

    private Answer configuration() {
        Status status = node.status();
        return Answer.json(json -> {
            json.name("index").value(status.configurationIndex());
            json.name("joint").value(status.configuration().isJoint());
            json.name("voters").value(status.configuration().voters().size());
            members.writeLeader(json);
            members.writeMembers(json, status);
        });
    }

    CompletableFuture<Answer> changeMembers(ApiRequest request) {
        JsonBody body = JsonBody.parse(
                request.body(),
                CHANGE_FORM,
                Map.of(
                        "change", JsonBody.Kind.TEXT,
                        "id", JsonBody.Kind.TEXT,
                        "url", JsonBody.Kind.TEXT,
                        "voter", JsonBody.Kind.FLAG,
                        "index", JsonBody.Kind.NUMBER,
                        "force", JsonBody.Kind.FLAG));
        ConfigurationChange change =
                new ConfigurationChange(List.of(step(body)), body.number("index", 0), body.flag("force", false));
        return gateway.carryOut(
                        request,
                        new Gateway.Operation(true, false, () -> node.change(change), applied -> configuration()))
                .thenCompose(answer -> answer.status() == 200 && node.status().isLeader() ? settled() : done(answer));
    }

    private ConfigurationChange.Step step(JsonBody body) {
        String id = body.requireText("id");
        return switch (body.requireText("change")) {
            case "add" -> new ConfigurationChange.Add(NodeId.of(id), url(body), body.flag("voter", true));
            case "remove" -> new ConfigurationChange.Remove(known(id));
            case "promote" -> new ConfigurationChange.Promote(known(id));
            case "demote" -> new ConfigurationChange.Demote(known(id));
            case "move" -> new ConfigurationChange.Move(known(id), url(body));
            default -> throw new IllegalArgumentException(CHANGE_FORM);
        };
    }

    private static String url(JsonBody body) {
        return Addresses.parse("the field \"url\"", body.requireText("url")).toString();
    }

    /** An unknown one is left to the core, which says who there is. */
    private NodeId known(String idOrName) {
        return members.find(idOrName).orElse(NodeId.of(idOrName));
    }

    /** Answers once the change is complete: its last configuration is committed, and no longer joint. */
    private CompletableFuture<Answer> settled() {
        return node.awaitStatus(
                        status -> !status.isLeader()
                                || (!status.configuration().isJoint()
                                        && status.configurationIndex() <= status.commitIndex()),
                        patience)
                .thenApply(status -> configuration());
    }

    CompletableFuture<Answer> transfer(ApiRequest request) {
        JsonBody body = JsonBody.parse(request.body(), TRANSFER_FORM, Map.of("to", JsonBody.Kind.TEXT));
        NodeId target = body.text("to").map(this::known).orElse(NodeId.NONE);
        return gateway.carryOut(
                request,
                new Gateway.Operation(
                        true, true, () -> transferred(target), applied -> Answer.json(this::writeLeader)));
    }

    private void writeLeader(JsonWriter json) throws IOException {
        members.writeLeader(json);
        json.name("term").value(node.status().term());
    }

    /** Hands over, and waits until the successor is known. */
    private CompletableFuture<Applied> transferred(NodeId target) {
        return node.transferLeadership(target).thenCompose(applied -> node.awaitStatus(
                        status -> !status.isLeader() && !status.leader().isNone(), patience)
                .thenApply(status -> applied));
    }

    CompletableFuture<Answer> snapshot(ApiRequest request) {
        return node.takeSnapshot().handle((applied, failure) -> {
            if (failure != null) {
                return Problem.answer(failure, members);
            }
            return Answer.json(json -> {
                json.name("index").value(applied.index());
                json.name("term").value(applied.term());
                json.name("bytes").value(node.snapshots().sizeBytes(new EntryId(applied.index(), applied.term())));
            });
        });
    }

    CompletableFuture<Answer> register(ApiRequest request) {
        return gateway.carryOut(
                request,
                new Gateway.Operation(
                        true,
                        true,
                        node::register,
                        applied -> Answer.json(json -> json.name("session").value(applied.index()))));
    }

    CompletableFuture<Answer> backup(ApiRequest request) {
        return gateway.carryOut(request, new Gateway.Operation(false, true, () -> node.readNothing()
                .thenCompose(applied -> node.backup())
                .thenApply(backup -> Answer.stream("application/octet-stream", backup::writeTo))));
    }

    CompletableFuture<Answer> restore(ApiRequest request) {
        Status status = node.status();
        if (!status.isLeader()) {
            return elsewhere(request, status);
        }
        Path file = request.file().orElseThrow(() -> new IllegalArgumentException("the body must be a backup"));
        return new Restore(node, members).from(file, request.has("force"));
    }

    private CompletableFuture<Answer> elsewhere(ApiRequest request, Status status) {
        return done(members.url(status.leader())
                .map(leader -> Problem.NOT_LEADER.redirect(
                        "only the leader restores", members, leader + request.pathAndQuery()))
                .orElseGet(() -> Problem.NO_LEADER.answer("there is no leader; nothing was done", members)));
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
