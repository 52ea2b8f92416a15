package io.raftlite.sim.explore;

import io.raftlite.Status;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Looks at every state that a small cluster can reach, breadth first, so that the first violation found has one of the
 * shortest stories.
 *
 * <p>The servers are the production core, unchanged: to see what an action does, a copy of the core does it. Equal states
 * are looked at once. A message that never arrives is lost, so that losses need no action of their own; an action that
 * only takes a message away leads nowhere new and is passed over, and so is what servers that are still alike would do in
 * each other's place.
 *
 * <p>Time stands still at each server until an action lets it pass. Hence servers are as far apart in time as they can be,
 * and leases, which rely on clocks, are not explored; nor are snapshots.
 */
public final class Exploration {
    /**
     * What was seen.
     *
     * @param scope the name of the scope
     * @param states how many different states
     * @param steps how many actions led to them, or to one of them again
     * @param depth how many actions lead to the last of them, at the least
     * @param complete whether there are no more states in the scope; else it was left off at this depth
     * @param terms how many terms had a leader in one state, at most
     * @param committed how many entries were committed in one state, at most
     * @param truncations how many actions dropped entries of a log
     * @param ahead how many actions left a leader that had committed what it did not hold durably itself yet
     */
    public record Report(
            String scope,
            long states,
            long steps,
            int depth,
            boolean complete,
            int terms,
            long committed,
            long truncations,
            long ahead) {}

    private record Reached(World world, int number) {}

    private final Scope scope;
    private final Post post = new Post();
    private final Turn turn;
    private final Choices choices;
    private final Visited visited = new Visited();
    private ArrayDeque<Reached> layer = new ArrayDeque<>();
    private ArrayDeque<Reached> next = new ArrayDeque<>();
    private long steps;
    private int terms;
    private long committed;
    private long truncations;
    private long ahead;

    private Exploration(Scope scope) {
        this.scope = scope;
        this.turn = new Turn(scope, post);
        this.choices = new Choices(scope, post);
    }

    /**
     * Explores a scope.
     *
     * @throws ExplorationException if a state breaks a promise; its message tells the story
     */
    public static Report of(Scope scope) {
        return new Exploration(scope).run();
    }

    private Report run() {
        World first = first();
        visited.add(first.fingerprint(), 0, 0);
        next.add(new Reached(first, 0));
        int depth = 0;
        while (!next.isEmpty() && depth < scope.mostActions()) {
            ArrayDeque<Reached> emptied = layer;
            layer = next;
            next = emptied;
            while (!layer.isEmpty()) {
                expand(layer.remove());
            }
            depth += next.isEmpty() ? 0 : 1;
        }
        return new Report(
                scope.name(), visited.size(), steps, depth, next.isEmpty(), terms, committed, truncations, ahead);
    }

    private void expand(Reached from) {
        for (Action action : choices.of(from.world)) {
            Optional<World> to = take(from, action);
            if (to.isPresent()) {
                steps++;
                note(to.get(), action);
                if (visited.add(to.get().fingerprint(), from.number, action.code())) {
                    next.add(new Reached(to.get(), visited.size() - 1));
                }
            }
        }
    }

    private Optional<World> take(Reached from, Action action) {
        try {
            return turn.take(from.world, action);
        } catch (RuntimeException broken) {
            throw new ExplorationException(story(from.number, action, String.valueOf(broken.getMessage())), broken);
        }
    }

    private void note(World world, Action action) {
        Status status = world.nodes().get(action.server()).status();
        ahead += status.isLeader() && status.commitIndex() > status.durableIndex() ? 1 : 0;
        terms = Math.max(terms, world.history().termsLed());
        committed = Math.max(committed, world.history().lastIndex());
        truncations += turn.hasTruncated() ? 1 : 0;
    }

    private World first() {
        try {
            return begin();
        } catch (RuntimeException broken) {
            throw new ExplorationException(
                    broken.getMessage() + System.lineSeparator() + place() + "while A was elected", broken);
        }
    }

    private String place() {
        return "in the scope \"" + scope.name() + "\", after " + visited.size() + " states, ";
    }

    /** Returns the first state: at birth, or after A was elected and everything has arrived and become durable. */
    private World begin() {
        World birth = turn.birth();
        if (!scope.isAfterElection()) {
            return birth;
        }
        Bounds enough = Bounds.NONE.with(ActionKind.TIMEOUT, 1).with(ActionKind.HEARTBEAT, 1);
        World world = settle(take(birth.with(enough, 0), Action.of(ActionKind.TIMEOUT, 0)));
        world = settle(take(world, Action.of(ActionKind.HEARTBEAT, 0)));
        return world.with(scope.bounds(), birth.twinsWithout(0));
    }

    private World settle(World begun) {
        World world = begun;
        Optional<Action> open = choices.unbounded(world);
        while (open.isPresent()) {
            world = take(world, open.get());
            open = choices.unbounded(world);
        }
        return world;
    }

    /** Does an action, which may be that a message arrives and changes nothing. */
    private World take(World world, Action action) {
        return turn.take(world, action).orElseGet(() -> world.without(action.argument()));
    }

    private String story(int state, Action last, String promise) {
        Story story = new Story(scope, post);
        World world = begin();
        story.begin(world);
        for (int code : visited.path(state)) {
            Action action = Action.of(code);
            world = turn.take(world, action).orElseThrow();
            story.tell(action, world);
        }
        story.tell(last);
        return promise + System.lineSeparator() + place() + "it came to that so:" + System.lineSeparator() + story;
    }
}
