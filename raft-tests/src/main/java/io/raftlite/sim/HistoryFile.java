package io.raftlite.sim;

import io.raftlite.sim.JsonLine.Kind;
import io.raftlite.sim.JsonLine.Value;
import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads and writes histories as text, one JSON object a line and operation, in any order. The format is described in
 * {@code raft-tests/docs/histories.md}.
 */
public final class HistoryFile {
    private static final Set<String> FIELDS = new LinkedHashSet<>(
            List.of("client", "operation", "key", "value", "expected", "output", "call", "return", "outcome"));

    private final Map<String, Value> fields;

    private HistoryFile(Map<String, Value> fields) {
        this.fields = fields;
    }

    /**
     * Reads a history to its end; empty lines are skipped.
     *
     * @throws HistoryException naming the line that is no operation, or that cannot be beside another, and why
     */
    public static History read(Reader reader) throws IOException {
        BufferedReader lines = new BufferedReader(reader);
        List<Operation> operations = new ArrayList<>();
        List<Integer> numbers = new ArrayList<>();
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                operations.add(new HistoryFile(JsonLine.read(line)).operation());
                numbers.add(number);
            } catch (IllegalArgumentException wrong) {
                throw new HistoryException(number, String.valueOf(wrong.getMessage()), wrong);
            }
        }
        Optional<History.Flaw> flaw = History.flaw(operations);
        if (flaw.isPresent()) {
            Operation operation = operations.get(flaw.get().index());
            throw new HistoryException(
                    numbers.get(flaw.get().index()),
                    operation + " of client " + operation.client() + " "
                            + flaw.get().reason() + " line "
                            + numbers.get(flaw.get().other()));
        }
        return new History(operations);
    }

    private Operation operation() {
        for (String name : fields.keySet()) {
            require(FIELDS.contains(name), "an unknown field \"" + name + "\"; known are " + String.join(", ", FIELDS));
        }
        Outcome outcome = outcome();
        Action action = action();
        require(fields.containsKey("call") || !fields.containsKey("return"), "a return without a call");
        long call = number("call");
        boolean returned = fields.containsKey("return") && field("return").kind() != Kind.NULL;
        require(returned || outcome == Outcome.UNKNOWN, "it never returned, so its outcome must be unknown");
        return new Operation(
                word("client"),
                word("key"),
                action,
                outcome,
                output(action, outcome),
                call,
                returned ? number("return") : Operation.NEVER);
    }

    private Outcome outcome() {
        String name = word("outcome");
        for (Outcome outcome : Outcome.values()) {
            if (nameOf(outcome).equals(name)) {
                return outcome;
            }
        }
        throw new IllegalArgumentException("an unknown outcome \"" + name + "\"; known are ok, failed, unknown");
    }

    private static String nameOf(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    private Action action() {
        String name = word("operation");
        require(name.equals("cas") || !fields.containsKey("expected"), "\"expected\" belongs to cas alone");
        boolean takesValue = name.equals("write") || name.equals("cas") || name.equals("increment");
        require(takesValue || !fields.containsKey("value"), name + " takes no \"value\"");
        return switch (name) {
            case "read" -> new Action.Read();
            case "write" -> new Action.Write(word("value"));
            case "delete" -> new Action.Delete();
            case "cas" -> new Action.Cas(word("expected"), word("value"));
            case "increment" -> new Action.Increment(number("value"));
            default ->
                throw new IllegalArgumentException(
                        "an unknown operation \"" + name + "\"; known are read, write, delete, cas, increment");
        };
    }

    private Optional<String> output(Action action, Outcome outcome) {
        boolean shown = outcome == Outcome.OK && !(action instanceof Action.Write);
        require(shown || !fields.containsKey("output"), "it has no output to show, for it is a write or not ok");
        return shown && field("output").kind() != Kind.NULL
                ? Optional.of(field("output").text())
                : Optional.empty();
    }

    /** Returns a text, or a number as a text. */
    private String word(String name) {
        Value value = field(name);
        require(
                value.kind() == Kind.TEXT || value.kind() == Kind.NUMBER,
                "the field \"" + name + "\" is neither a text nor a whole number");
        return value.text();
    }

    private long number(String name) {
        Long number = OneKey.number(field(name).text());
        if (number == null) {
            throw new IllegalArgumentException("the field \"" + name + "\" is no whole number of 64 bits");
        }
        return number;
    }

    private Value field(String name) {
        Value value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the field \"" + name + "\" is missing");
        }
        return value;
    }

    private static void require(boolean fits, String reason) {
        if (!fits) {
            throw new IllegalArgumentException(reason);
        }
    }

    /** Writes a history, a line an operation. */
    public static void write(History history, Appendable out) throws IOException {
        for (Operation operation : history.operations()) {
            out.append(line(operation)).append('\n');
        }
    }

    private static String line(Operation operation) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("client", JsonLine.quoted(operation.client()));
        fields.put("operation", "");
        fields.put("key", JsonLine.quoted(operation.key()));
        fields.put("operation", JsonLine.quoted(putAction(operation.action(), fields)));
        boolean shown = operation.isDefinite() && !(operation.action() instanceof Action.Write);
        if (shown) {
            fields.put("output", operation.output().map(JsonLine::quoted).orElse("null"));
        }
        fields.put("call", String.valueOf(operation.callNanos()));
        if (operation.returnNanos() != Operation.NEVER) {
            fields.put("return", String.valueOf(operation.returnNanos()));
        }
        fields.put("outcome", JsonLine.quoted(nameOf(operation.outcome())));
        return fields.entrySet().stream()
                .map(field -> JsonLine.quoted(field.getKey()) + ":" + field.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** Writes what an action takes, and returns its name. */
    private static String putAction(Action action, Map<String, String> fields) {
        if (action instanceof Action.Write write) {
            fields.put("value", JsonLine.quoted(write.value()));
            return "write";
        }
        if (action instanceof Action.Cas cas) {
            fields.put("expected", JsonLine.quoted(cas.expected()));
            fields.put("value", JsonLine.quoted(cas.update()));
            return "cas";
        }
        if (action instanceof Action.Increment increment) {
            fields.put("value", String.valueOf(increment.by()));
            return "increment";
        }
        return action instanceof Action.Read ? "read" : "delete";
    }
}
