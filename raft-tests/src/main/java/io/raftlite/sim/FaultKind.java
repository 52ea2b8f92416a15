package io.raftlite.sim;

import java.util.function.Consumer;

/** What a nemesis can do to a cluster, each under the words by which a plan names it. */
enum FaultKind {
    CUT_ONE_WAY("cut one way", NetworkStrikes::cutOneWay),
    PARTITION("partition", NetworkStrikes::partition),
    BRIDGE("bridge", NetworkStrikes::bridge),
    ISOLATE_LEADER("isolate the leader", NetworkStrikes::isolateLeader),
    FLAP("flap", NetworkStrikes::flap),
    BAD_LINK("spoil a link", NetworkStrikes::spoilLink),
    NARROW_LINK("narrow a link", NetworkStrikes::narrowLink),
    RESET("reset a connection", NetworkStrikes::reset),
    FALSE_RESET("report a false reset", NetworkStrikes::falseReset),
    WEATHER("change the weather", NetworkStrikes::changeWeather),
    CRASH("crash", ProcessStrikes::crash),
    CRASH_AT_FLUSH("crash at a flush", ProcessStrikes::crashAtFlush),
    CRASH_AT_EVENT("crash at an event", ProcessStrikes::crashAtEvent),
    CRASH_LEADER("crash the leader", ProcessStrikes::crashLeader),
    CRASH_ALL("crash all", ProcessStrikes::crashAll),
    PAUSE("pause", ProcessStrikes::pause),
    SUSPEND("suspend", ProcessStrikes::suspend),
    CLOCK("disturb a clock", ProcessStrikes::disturbClock),
    CAMPAIGN("campaign", ProcessStrikes::campaign),
    TRANSFER("transfer", ProcessStrikes::transfer),
    PRIORITY("change a priority", ProcessStrikes::changePriority),
    HOLD_DISK("hold a disk", DiskStrikes::hold),
    SLOW_DISK("slow a disk", DiskStrikes::slow),
    FAIL_FLUSH("fail a flush", DiskStrikes::failFlush),
    FAIL_WRITE("fail a write", DiskStrikes::failWrite),
    FILL_DISK("fill a disk", DiskStrikes::fill),
    TAKE_SNAPSHOT("take a snapshot", DiskStrikes::takeSnapshot),
    FAIL_SNAPSHOT("fail a snapshot", DiskStrikes::failSnapshot),
    HOLD_SNAPSHOTS("hold snapshots", DiskStrikes::holdSnapshots),
    CUT_PULLS("cut pulls", DiskStrikes::cutPulls),
    ADD("add", strike -> new MembershipStrike(strike).add()),
    REMOVE("remove", strike -> new MembershipStrike(strike).remove()),
    REMOVE_LEADER("remove the leader", strike -> new MembershipStrike(strike).removeLeader()),
    PROMOTE("promote", strike -> new MembershipStrike(strike).promote()),
    DEMOTE("demote", strike -> new MembershipStrike(strike).demote()),
    REPLACE("replace", strike -> new MembershipStrike(strike).replace()),
    REMOVE_AND_ADD("remove and add again", strike -> new MembershipStrike(strike).removeAndAddAgain()),
    WIPE("wipe", strike -> new MembershipStrike(strike).wipe()),
    FLIP_BIT("flip a bit", strike -> new MembershipStrike(strike).flip()),
    MOVE("move", strike -> new MembershipStrike(strike).move());

    private final String words;

    /** Each is a method without a state. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final Consumer<Strike> action;

    FaultKind(String words, Consumer<Strike> action) {
        this.words = words;
        this.action = action;
    }

    void strike(Strike strike) {
        action.accept(strike);
    }

    @Override
    public String toString() {
        return words;
    }
}
