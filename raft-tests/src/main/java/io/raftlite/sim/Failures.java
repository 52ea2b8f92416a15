package io.raftlite.sim;

import org.jspecify.annotations.Nullable;

/** Tells of a broken promise, or of an accident, by the seed, the last events, and what each server looks like. */
final class Failures {
    private final long seed;
    private final Agenda agenda;
    private final Trace trace;
    private final Roll roll;
    private @Nullable SimulationException broken;

    Failures(long seed, Agenda agenda, Trace trace, Roll roll) {
        this.seed = seed;
        this.agenda = agenda;
        this.trace = trace;
        this.roll = roll;
    }

    /** Tells of a failure, unless that was done. */
    SimulationException told(RuntimeException failure) {
        return failure instanceof SimulationException known && known.isTold()
                ? known
                : SimulationException.told(story(failure), failure);
    }

    /** Runs a check where an exception would be lost, in the reaction to a future; {@link #require} throws it. */
    void judging(Runnable check) {
        try {
            check.run();
        } catch (SimulationException failure) {
            broken = failure;
        }
    }

    void require() {
        if (broken != null) {
            throw broken;
        }
    }

    /** Runs a check of what has happened, after the last event. */
    void conclude(Runnable check) {
        try {
            check.run();
        } catch (RuntimeException failure) {
            throw told(failure);
        }
    }

    private String story(RuntimeException failure) {
        return failure.getMessage() + System.lineSeparator() + "seed " + seed + ", after " + agenda.happened()
                + " events; the last of them:" + System.lineSeparator() + trace.text() + roll.text();
    }
}
