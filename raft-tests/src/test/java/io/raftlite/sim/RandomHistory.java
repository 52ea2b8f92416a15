package io.raftlite.sim;

import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Draws histories from a seed. */
final class RandomHistory {
    private final Lots lots;
    private final int clients;
    private final int keys;
    private final int size;

    RandomHistory(long seed, int clients, int keys, int size) {
        this.lots = new Lots(seed, "history");
        this.clients = clients;
        this.keys = keys;
        this.size = size;
    }

    /** Draws operations that a store did, each at some moment between its call and its return. */
    List<Operation> linearizable() {
        Map<String, String> store = new HashMap<>();
        long[] free = new long[clients];
        List<Operation> history = new ArrayList<>();
        for (long moment = 0; history.size() < size; moment += 10) {
            int client = (int) lots.between(0, clients - 1L);
            if (free[client] >= moment) {
                continue;
            }
            long call = lots.between(Math.max(free[client], moment - 200), moment);
            long end = moment + lots.between(0, 200);
            free[client] = end;
            String key = "k" + lots.between(0, keys - 1L);
            Action action = action();
            boolean unknown = lots.happens(0.02);
            Optional<String> output = Optional.ofNullable(OneKey.output(store.get(key), action));
            if (!unknown || lots.happens(0.5)) {
                store.put(key, OneKey.after(store.get(key), action));
            }
            history.add(new Operation(
                    String.valueOf(client),
                    key,
                    action,
                    unknown ? Outcome.UNKNOWN : Outcome.OK,
                    unknown ? Optional.empty() : output,
                    call,
                    end));
        }
        return history;
    }

    /** Lets a read in the middle see what nobody wrote; returns its place. */
    int spoil(List<Operation> history) {
        for (int i = history.size() / 2; ; i++) {
            Operation operation = history.get(i);
            if (operation.action() instanceof Action.Read && operation.isDefinite()) {
                history.set(i, answered(operation, Optional.of("from nowhere")));
                return i;
            }
        }
    }

    private static Operation answered(Operation operation, Optional<String> output) {
        return new Operation(
                operation.client(),
                operation.key(),
                operation.action(),
                operation.outcome(),
                output,
                operation.callNanos(),
                operation.returnNanos());
    }

    /** Draws operations whose outputs are as likely wrong as right. */
    List<Operation> anything() {
        long[] free = new long[clients];
        List<Operation> history = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            int client = (int) lots.between(0, clients - 1L);
            long call = free[client] + lots.between(0, 3);
            long end = call + lots.between(0, 6);
            free[client] = end + 1;
            Action action = action();
            Outcome outcome = lots.happens(0.2) ? Outcome.UNKNOWN : lots.happens(0.05) ? Outcome.FAILED : Outcome.OK;
            Optional<String> before = lots.happens(0.4) ? Optional.empty() : Optional.of(value());
            Optional<String> output = Optional.ofNullable(OneKey.output(before.orElse(null), action));
            history.add(new Operation(
                    String.valueOf(client),
                    "k",
                    action,
                    outcome,
                    outcome == Outcome.OK ? output : Optional.empty(),
                    call,
                    end));
        }
        return history;
    }

    private Action action() {
        return switch ((int) lots.between(0, 7)) {
            case 0, 1, 2 -> new Action.Read();
            case 3, 4 -> new Action.Write(value());
            case 5 -> new Action.Delete();
            case 6 -> new Action.Cas(value(), value());
            default -> new Action.Increment(1);
        };
    }

    private String value() {
        return String.valueOf(lots.between(1, 3));
    }
}
