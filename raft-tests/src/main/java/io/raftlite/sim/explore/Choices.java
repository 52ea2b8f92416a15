package io.raftlite.sim.explore;

import io.raftlite.Configuration;
import io.raftlite.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says what can happen next. */
final class Choices {
    private final Scope scope;
    private final Post post;
    private final List<Action> choices = new ArrayList<>();

    Choices(Scope scope, Post post) {
        this.scope = scope;
        this.post = post;
    }

    /** Returns every action that is possible in a state; the list is this object's own, and good until the next call. */
    List<Action> of(World world) {
        choices.clear();
        for (int place = 0; place < scope.servers(); place++) {
            if (world.mayAct(place)) {
                addFor(place, world);
            }
        }
        int[] messages = world.messages();
        for (int i = 0; i < messages.length; i++) {
            int to = scope.place(post.message(messages[i]).envelope().to());
            boolean isNew = i == 0 || messages[i] != messages[i - 1];
            if (isNew && world.mayAct(to)) {
                choices.add(new Action(ActionKind.DELIVER, to, messages[i]));
                add(world, new Action(ActionKind.DUPLICATE, to, messages[i]));
            }
        }
        return choices;
    }

    /** Returns something that is under way and may come to its end. */
    Optional<Action> unbounded(World world) {
        return of(world).stream().filter(action -> !action.kind().isBounded()).findFirst();
    }

    private void add(World world, Action action) {
        if (world.bounds().allows(action.kind())) {
            choices.add(action);
        }
    }

    private void addFor(int place, World world) {
        Node node = world.nodes().get(place);
        int pending = node.disk().pending().size();
        if (pending > 0) {
            choices.add(new Action(ActionKind.PERSIST, place, 1));
        }
        if (pending > 1) {
            choices.add(new Action(ActionKind.PERSIST, place, pending));
        }
        for (int survivors = 0; survivors <= pending; survivors++) {
            add(world, new Action(ActionKind.CRASH, place, survivors));
        }
        if (node.status().isLeader()) {
            addForLeader(place, world);
        } else if (!node.status().configuration().equals(Configuration.EMPTY)) {
            add(world, Action.of(ActionKind.TIMEOUT, place));
            if (hearsLeader(node.status())) {
                add(world, Action.of(ActionKind.LAPSE, place));
            }
        }
        add(world, Action.of(ActionKind.TOGETHER, place));
        if (!node.status().leader().isNone()) {
            add(world, Action.of(ActionKind.READ, place));
        }
    }

    /** Tells whether a leader was heard within an election timeout; of a leader itself, whether a majority was. */
    static boolean hearsLeader(Status status) {
        return !status.leader().isNone() && status.leaderSilenceNanos() < Scope.ELECTION_TIMEOUT_NANOS;
    }

    private void addForLeader(int place, World world) {
        add(world, Action.of(ActionKind.HEARTBEAT, place));
        add(world, Action.of(ActionKind.PROPOSE, place));
        add(world, Action.of(ActionKind.CHANGE, place));
        for (int target = 0; target < scope.servers(); target++) {
            if (target != place) {
                add(world, new Action(ActionKind.TRANSFER, place, target));
            }
        }
    }
}
