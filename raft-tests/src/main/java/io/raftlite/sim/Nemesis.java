package io.raftlite.sim;

import io.raftlite.RaftConfig;
import java.time.Duration;

/** Carries a plan out: strikes when and as it says, and makes an end of it. */
final class Nemesis {
    /** Ten election time-outs; a process that was paused last may stand still for the first four. */
    private static final Duration RECOVERY = Duration.ofSeconds(5);

    private final Simulation world;
    private boolean over;

    /** @param leases whether reads rely on clocks */
    Nemesis(Simulation world, RunPlan plan, boolean leases) {
        this.world = world;
        for (RunPlan.Step step : plan.steps()) {
            Lots lots = new Lots(plan.seed(), "strike " + step.number());
            Strike strike = new Strike(world, lots, plan.lastingPercent(), leases, () -> over);
            strike.in(step.at().toNanos(), () -> {
                world.observers().tell(one -> one.strikes("strike " + step.number() + ": " + step.kind()));
                step.kind().strike(strike);
            });
        }
    }

    /** Ends all faults; those who are down come up again, and everybody stands for election if need be. */
    void end() {
        over = true;
        world.observers().tell(one -> one.strikes("the faults end"));
        for (SimServer server : world.servers()) {
            if (server.leavesElectionsToOthers()) {
                ProcessStrikes.setPriority(server, RaftConfig.MAX_PRIORITY);
            }
        }
        long since = world.now();
        world.awaitCalm();
        long millis = (world.now() - since) / Strike.MILLI;
        Judge.require(
                millis <= RECOVERY.toMillis(),
                "the cluster recovered only " + millis + " ms after the faults had ended");
    }
}
