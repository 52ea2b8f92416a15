package io.raftlite.sim.scenario;

import java.util.ArrayList;
import java.util.List;

/** Gathers the lines that one step of a scenario is told by. */
final class Narration {
    /** How much is told. */
    enum Detail {
        /** Also what is sent, before it arrives. */
        STEPS,
        /** Messages as they arrive, and what they do. */
        ARRIVALS,
        /** What happens at the servers, not what they say to each other. */
        OUTCOMES,
        /** Nothing. */
        NOTHING
    }

    private final List<String> lines = new ArrayList<>();
    private Detail detail = Detail.STEPS;
    private String indent = "";

    void detail(Detail detail) {
        this.detail = detail;
    }

    /** Tells something that happens at a server. */
    void tell(String line) {
        if (detail != Detail.NOTHING) {
            lines.add(indent + line);
        }
    }

    /** Tells what was sent and is on its way. */
    void sent(String line) {
        if (detail == Detail.STEPS) {
            lines.add(indent + line);
        }
    }

    /** Tells why a message that should arrive does not. */
    void lost(String line) {
        if (tellsArrivals()) {
            lines.add(indent + line);
        }
    }

    private boolean tellsArrivals() {
        return detail == Detail.STEPS || detail == Detail.ARRIVALS;
    }

    /** Tells that a message arrives; what it does is told further in, until {@link #endOfArrival}. */
    void arrival(String line) {
        if (tellsArrivals()) {
            lines.add(indent + line);
            indent = "  ";
        }
    }

    void endOfArrival() {
        indent = "";
    }

    /** Returns the lines since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        detail = Detail.STEPS;
        indent = "";
        return taken;
    }
}
