package io.raftlite.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Draws operations, a line each, on an axis of time.
 *
 * <p>The axis shows which came first, not how long it took: the next moment at which anything began or ended is so many
 * columns to the right. Milliseconds stand in front; they count from the first call.
 */
final class HistoryPicture {
    private static final int AXIS_COLUMNS = 60;
    private static final int MOST_COLUMNS_A_MOMENT = 6;

    private final List<Operation> operations;
    private final List<Long> moments;
    private final int columnsPerMoment;

    private HistoryPicture(List<Operation> operations) {
        this.operations = operations;
        this.moments = operations.stream()
                .flatMap(operation -> Stream.of(operation.callNanos(), operation.returnNanos()))
                .filter(nanos -> nanos != Operation.NEVER)
                .sorted()
                .distinct()
                .toList();
        int fitting = AXIS_COLUMNS / Math.max(1, moments.size());
        this.columnsPerMoment = Math.max(1, Math.min(MOST_COLUMNS_A_MOMENT, fitting));
    }

    static String of(List<Operation> operations) {
        return new HistoryPicture(operations).draw();
    }

    private String draw() {
        List<String> clients = new ArrayList<>();
        List<String> times = new ArrayList<>();
        List<String> deeds = new ArrayList<>();
        for (Operation operation : operations) {
            clients.add("client " + operation.client());
            times.add(times(operation));
            deeds.add(operation.toString());
        }
        StringBuilder picture = new StringBuilder();
        for (int i = 0; i < operations.size(); i++) {
            String line = "  " + padded(clients, i) + "  " + padded(times, i) + "  " + padded(deeds, i) + "  "
                    + bar(operations.get(i));
            picture.append(i == 0 ? "" : System.lineSeparator()).append(line);
        }
        return picture.toString();
    }

    private static String padded(List<String> column, int row) {
        int width = column.stream().mapToInt(String::length).max().orElse(0);
        return column.get(row) + " ".repeat(width - column.get(row).length());
    }

    private String times(Operation operation) {
        boolean ends = operation.returnNanos() != Operation.NEVER;
        return millis(operation.callNanos()) + " to " + (ends ? millis(operation.returnNanos()) : "?") + " ms";
    }

    private String millis(long nanos) {
        return String.format(Locale.ROOT, "%.3f", (nanos - moments.get(0)) / 1e6);
    }

    private String bar(Operation operation) {
        int begin = column(operation.callNanos());
        if (operation.returnNanos() == Operation.NEVER) {
            int end = moments.size() * columnsPerMoment;
            return " ".repeat(begin) + "|" + ".".repeat(Math.max(1, end - begin - 1)) + "?";
        }
        int end = column(operation.returnNanos());
        return " ".repeat(begin) + "|" + (end == begin ? "" : "-".repeat(end - begin - 1) + "|");
    }

    private int column(long nanos) {
        return moments.indexOf(nanos) * columnsPerMoment;
    }
}
