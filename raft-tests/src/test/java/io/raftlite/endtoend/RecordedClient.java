package io.raftlite.endtoend;

import io.raftlite.sim.Operation;
import io.raftlite.sim.Operation.Action;
import io.raftlite.sim.Operation.Outcome;
import java.util.Optional;

/** A client of the key-value store whose every request is known by what came of it. */
interface RecordedClient extends AutoCloseable {
    /** What a client knows of a request when it ends. */
    record Answer(Outcome outcome, Optional<String> output) {
        static Answer notDone() {
            return new Answer(Outcome.FAILED, Optional.empty());
        }

        static Answer unknown() {
            return new Answer(Outcome.UNKNOWN, Optional.empty());
        }

        /** Takes the result of a command that was carried out. */
        static Answer of(Action action, String result) {
            if (action instanceof Action.Write) {
                return new Answer(Outcome.OK, Optional.empty());
            }
            if (action instanceof Action.Cas) {
                return new Answer(Outcome.OK, Optional.of(Operation.TRUE));
            }
            if (action instanceof Action.Delete) {
                return new Answer(Outcome.OK, Optional.of(String.valueOf(result.equals("1"))));
            }
            return new Answer(Outcome.OK, Optional.of(result));
        }

        /** Takes a no to a command that was carried out. */
        static Answer no(Action action) {
            return new Answer(
                    Outcome.OK, action instanceof Action.Cas ? Optional.of(Operation.FALSE) : Optional.empty());
        }
    }

    /** Carries out one action, and returns when it is done or given up. */
    Answer carryOut(String key, Action action) throws InterruptedException;

    /** Returns the text of a command. */
    static String command(String key, Action action) {
        if (action instanceof Action.Write write) {
            return "SET " + key + "=" + write.value();
        }
        if (action instanceof Action.Delete) {
            return "DEL " + key;
        }
        if (action instanceof Action.Cas cas) {
            return "CAS " + key + " " + cas.expected() + " " + cas.update();
        }
        if (action instanceof Action.Increment increment) {
            return "INCR " + key + " " + increment.by();
        }
        return "GET " + key;
    }

    @Override
    void close();
}
