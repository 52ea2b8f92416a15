package io.raftlite.sim;

import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.util.Optional;

/** Operations on a key x, each with the number of its client, what it saw if anything, and its call and return. */
final class Histories {
    private Histories() {}

    static Operation read(int client, String value, long call, long end) {
        return ok(client, new Action.Read(), Optional.of(value), call, end);
    }

    static Operation readNothing(int client, long call, long end) {
        return ok(client, new Action.Read(), Optional.empty(), call, end);
    }

    static Operation write(int client, String value, long call, long end) {
        return ok(client, new Action.Write(value), Optional.empty(), call, end);
    }

    static Operation delete(int client, boolean was, long call, long end) {
        return ok(client, new Action.Delete(), Optional.of(String.valueOf(was)), call, end);
    }

    static Operation cas(int client, String expected, String update, boolean done, long call, long end) {
        return ok(client, new Action.Cas(expected, update), Optional.of(String.valueOf(done)), call, end);
    }

    static Operation increment(int client, String sum, long call, long end) {
        return ok(client, new Action.Increment(1), Optional.of(sum), call, end);
    }

    static Operation refusedIncrement(int client, long call, long end) {
        return ok(client, new Action.Increment(1), Optional.empty(), call, end);
    }

    private static Operation ok(int client, Action action, Optional<String> output, long call, long end) {
        return new Operation(String.valueOf(client), "x", action, Outcome.OK, output, call, end);
    }

    static Operation ended(Operation operation, Outcome outcome) {
        return new Operation(
                operation.client(),
                operation.key(),
                operation.action(),
                outcome,
                Optional.empty(),
                operation.callNanos(),
                operation.returnNanos());
    }

    static Operation onKey(String key, Operation operation) {
        return new Operation(
                operation.client(),
                key,
                operation.action(),
                operation.outcome(),
                operation.output(),
                operation.callNanos(),
                operation.returnNanos());
    }
}
