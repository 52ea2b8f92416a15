package io.raftlite.sim;

import java.util.function.Supplier;
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
        if (failure instanceof SimulationException known && known.isTold()) {
            return known;
        }
        String story = String.format(
                "%s%nseed %d, after %d events; the last of them:%n%s%s",
                failure.getMessage(), seed, agenda.happened(), trace.text(), roll.text());
        return SimulationException.told(story, failure);
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

    /** Does something, and tells of its failure, wherever in it that comes from. */
    <T> T telling(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException failure) {
            throw told(failure);
        }
    }
}
