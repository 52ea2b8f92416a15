package io.raftlite.sim;

/** What can come about in a run and needs care: a run that never gets there proves little about it. */
public enum Situation {
    /** A majority holds an entry of an earlier term than the leader's, which must not commit it yet. Raft paper, Figure 8. */
    FIGURE_8("an older term's entry at a majority, not committed"),
    /** Entries are dropped for the leader's. */
    TRUNCATION("a log truncated"),
    /** Entries are dropped while an earlier write, theirs perhaps, is not yet durable. */
    TRUNCATION_IN_FLIGHT("a log truncated with a write in flight"),
    /** A configuration is taken back because its entry is dropped. */
    CONFIGURATION_TRUNCATED("a configuration truncated"),
    /** A snapshot takes the place of a log whose last writes are not yet durable. */
    INSTALL_IN_FLIGHT("a snapshot installed with a write in flight"),
    /** A snapshot is offered to a server that has as much by itself. */
    SNAPSHOT_NOT_NEEDED("a snapshot offered in vain"),
    /** A server stands for election while a snapshot is being pulled or saved. */
    SNAPSHOT_DURING_ELECTION("a candidate that pulls or saves a snapshot"),
    /** Two servers stand for the same term. */
    RIVAL_CANDIDATES("two candidates for one term"),
    /** An old leader does not know yet that another one leads a later term. */
    TWO_LEADERS("two leaders, of different terms"),
    /** A leader comes to lead by a joint configuration. */
    JOINT_LEADER_CHANGE("a leader elected in a joint configuration"),
    /** A leader leads that does not vote in the configuration in force. */
    LEADER_OUTSIDE("a leader outside of its own configuration"),
    /** A leader gives up in its own term: it hears no majority, its disk hangs, or it was removed. */
    STEP_DOWN_IN_TERM("a leader that gives up by itself"),
    /** A leader ends while reads wait for it. */
    READ_AT_STEP_DOWN("a read pending at step-down"),
    /** A leader ends with entries that are not committed. */
    TAIL_AT_STEP_DOWN("entries uncommitted at step-down"),
    /** A read had to be confirmed by a round, though an earlier one of this term relied on a lease. */
    LEASE_EXPIRED("a lease expired before a read"),
    /** A leader goes on because the target of a transfer did not take over. */
    TRANSFER_GIVEN_UP("a transfer given up"),
    /** Commands that came in several turns, while a round was under way, are proposed in one. */
    PROPOSED_TOGETHER("commands that gathered during a round"),
    /** A leader commits what is durable at a majority, but not yet on its own disk. */
    COMMITTED_BEFORE_OWN_DISK("a commit before the leader's own disk"),
    /** A server would vote for a pre-candidate's log and term, but hears a leader. */
    PRE_VOTE_REFUSED("a pre-vote refused for a leader that is heard"),
    /** A leader of the past goes on sending. */
    PAST_LEADER_HEARD("an append of a leader of the past"),
    /** An answer belongs to an earlier membership of its sender in the same term. */
    STALE_ANSWER("an answer from before a removal and return"),
    /** A server learns that it was removed. */
    REMOVED_TOLD("a removed server that is told so"),
    /** A member gets another address. */
    MEMBER_MOVED("a member moved"),
    /** A command of a session comes again, and its first answer is given. */
    RETRY_ANSWERED("a retry answered by the first answer"),
    /** A client with several commands under way in one session is answered in another order than that of their numbers. */
    SESSION_OVERTAKEN("a command of a session answered before an earlier one"),
    /** A read that may be stale is: something that it does not show was known when it began. */
    READ_BEHIND("a read behind what was known"),
    /** A process ends before a write is durable. */
    WRITE_AT_CRASH("a write outstanding at a crash"),
    /** A process ends before its term or vote is durable. */
    VOTE_AT_CRASH("a term or vote outstanding at a crash"),
    /** A write finds no room. */
    DISK_FULL("a write that waits for room"),
    /** A server refuses to start, for a bit of what was durable on its disk has flipped. */
    DAMAGE_REFUSED("a damaged disk refused"),
    /** A follower is told that its connection to a leader ended, which lives. */
    LIVE_LEADER_LOST("a connection to a live leader reset");

    private final String words;

    Situation(String words) {
        this.words = words;
    }

    /** Returns the situation in a few words. */
    @Override
    public String toString() {
        return words;
    }
}
