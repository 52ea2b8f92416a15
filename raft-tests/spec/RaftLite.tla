------------------------------ MODULE RaftLite ------------------------------
(***************************************************************************)
(* The protocol of Raft Lite, to be read beside the package io.raftlite.   *)
(* An action here is a method there, and bears its name; the state of a    *)
(* server is one record, whose fields are those of the classes Server,     *)
(* Follower, Candidate, Leader, PersistQueue and Outbox.                   *)
(*                                                                         *)
(* What is left out, and why it may be: time (whatever a timer may do, may *)
(* be done at any moment), windows and nonces that only save messages,     *)
(* leases, parking, and wiped disks.                                       *)
(*                                                                         *)
(* The network is a set of messages that only grows. A message in it may   *)
(* be received never, late, twice, and in any order.                       *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
    Server,     \* every server that there is, or will be
    Birth,      \* the voters of the cluster's birth
    None,       \* no server
    Value,      \* what commands may say
    Enabled,    \* which parts of the protocol take part: see Next
    MaxTerm, MaxLog, MaxBatch, MaxCrashes, MaxChanges, MaxReads, MaxPending, MaxDepth

VARIABLES
    server,     \* the state of each server
    messages,   \* every message that was ever sent
    history,    \* what is committed: the longest log that any server knew to be
    elected,    \* every pair of a term and a server that led it
    used        \* how much of the bounds is used up

vars == <<server, messages, history, elected, used>>

Max(a, b) == IF a > b THEN a ELSE b
Min(a, b) == IF a < b THEN a ELSE b
Range(q) == {q[i] : i \in 1..Len(q)}

-----------------------------------------------------------------------------
(* Configurations: Configuration, Configurations, Quorum. One is in force  *)
(* from the moment its entry is appended. While it is joint, outgoing is   *)
(* not empty, and everything needs a majority of both sets.                *)

NoConfig == [voters |-> {}, outgoing |-> {}, members |-> {}]
BirthConfig == [voters |-> Birth, outgoing |-> {}, members |-> Birth]

Entry(t, type, value, config) == [term |-> t, type |-> type, value |-> value, config |-> config]

IsConfig(e) == e.type = "configuration"

\* The index of the latest configuration at or below i, 0 for that of the birth.
ConfigIndex(log, i) ==
    LET places == {j \in 1..i : IsConfig(log[j])}
    IN  IF places = {} THEN 0 ELSE CHOOSE j \in places : \A k \in places : k <= j

\* A server that joins knows nobody before its log, or a snapshot, tells it.
ConfigAt(s, me, i) ==
    LET j == ConfigIndex(me.log, i)
    IN  IF j > 0 THEN me.log[j].config
        ELSE IF s \in Birth \/ me.base > 0 THEN BirthConfig ELSE NoConfig

Config(s, me) == ConfigAt(s, me, Len(me.log))
IsVoter(config, s) == s \in config.voters \cup config.outgoing

Majority(set, of) == Cardinality(set \cap of) * 2 > Cardinality(of)

\* Without voters, nothing is held.
IsHeldBy(config, set) ==
    /\ Majority(set, config.voters)
    /\ config.outgoing = {} \/ Majority(set, config.outgoing)

-----------------------------------------------------------------------------
(* The log: RaftLog. It is kept whole here; what lies at or below the base *)
(* is what the snapshot stands for, and no rule looks at it but to read    *)
(* the configuration, which a snapshot carries.                            *)

TermAt(log, i) == IF i = 0 THEN 0 ELSE log[i].term
LastTerm(log) == TermAt(log, Len(log))

IsUpToDate(lastTerm, lastIndex, log) ==
    \/ lastTerm > LastTerm(log)
    \/ lastTerm = LastTerm(log) /\ lastIndex >= Len(log)

Matches(me, i, t) == i >= me.base /\ i <= Len(me.log) /\ TermAt(me.log, i) = t

\* The last place at or below i whose term is not above t, and not below the base.
Floor(me, i, t) ==
    LET places == {j \in (me.base + 1)..Min(i, Len(me.log)) : me.log[j].term <= t}
    IN  IF places = {} THEN me.base ELSE CHOOSE j \in places : \A k \in places : k <= j

SettledIndex(me) == Max(me.commit, me.base)

-----------------------------------------------------------------------------
(* Durable work: PersistQueue and Outbox. Each change is a write of its    *)
(* own; several become durable at once, as the records that carry several  *)
(* changes do. A write names all that the disk holds once it is done, the  *)
(* commit index as a hint, and the first index that does not count as      *)
(* durable before (drop, 0 for none). Fences count the writes to wait for. *)

Written(me, drop) ==
    [me EXCEPT
        !.writes = Append(@, [term |-> me.term, vote |-> me.vote, log |-> me.log, base |-> me.base,
                              hint |-> me.commit, drop |-> drop]),
        !.durable = IF drop > 0 THEN Min(@, drop - 1) ELSE @]

\* Term or vote changed: R1, whatever carries the term waits for this write.
Fenced(me) == LET w == Written(me, 0) IN [w EXCEPT !.fence = Len(w.writes)]

Held(fence, some) == {[fence |-> fence, message |-> m] : m \in some}

\* The server becomes "me" and sends some messages after its term, others after all its writes (R1, R2).
Sends(s, me, afterTerm, afterWrites) ==
    LET late == Len(me.writes)
        held == (IF me.fence > 0 THEN Held(me.fence, afterTerm) ELSE {})
                \cup (IF late > 0 THEN Held(late, afterWrites) ELSE {})
    IN  /\ server' = [server EXCEPT ![s] = [me EXCEPT !.held = @ \cup held]]
        /\ messages' = messages \cup (IF me.fence > 0 THEN {} ELSE afterTerm)
                                \cup (IF late > 0 THEN {} ELSE afterWrites)

Becomes(s, me) == Sends(s, me, {}, {})

Least(set) == CHOOSE x \in set : \A y \in set : x <= y

Less(a, b) == IF a > b THEN a - b ELSE 0

\* The first k writes are durable: Server.persisted, PersistQueue.persisted, Outbox.release.
AfterPersist(s, me, k) ==
    LET w     == me.writes[k]
        later == SubSeq(me.writes, k + 1, Len(me.writes))
        drops == {later[j].drop - 1 : j \in {i \in 1..Len(later) : later[i].drop > 0}}
        based == me.writing > 0 /\ me.writing <= k
    IN  [me EXCEPT
            !.disk = [term |-> w.term, vote |-> w.vote, log |-> w.log, base |-> w.base, hint |-> w.hint],
            !.writes = later,
            !.durable = Least({Len(w.log)} \cup drops),
            !.fence = Less(@, k),
            !.held = {[h EXCEPT !.fence = Less(@, k)] : h \in {g \in me.held : g.fence > k}},
            !.writing = Less(@, k),
            !.commit = IF based THEN Max(@, me.base) ELSE @,
            \* A candidate's own vote counts once it is durable.
            !.granted = IF me.role = "candidate" /\ Less(me.fence, k) = 0 THEN @ \cup {s} ELSE @]

Persisted(s, k) ==
    LET me == server[s]
    IN  /\ k \in 1..Len(me.writes)
        /\ server' = [server EXCEPT ![s] = AfterPersist(s, me, k)]
        /\ messages' = messages \cup {h.message : h \in {g \in me.held : g.fence <= k}}

\* A turn ends: the write that it formed is handed out, with the commit index of that moment.
Issue(s) ==
    LET me == server[s]
        n  == Len(me.writes)
    IN  /\ n > 0
        /\ Becomes(s, [me EXCEPT !.writes[n].hint = me.commit])

-----------------------------------------------------------------------------
(* Roles: what dies with a role is set back when it ends.                  *)

NoPeers == [p \in {} |-> 0]
NoAsked == [reads |-> {}, first |-> 0, last |-> 0]

InRole(me, role, leader) ==
    [me EXCEPT !.role = role, !.leader = leader, !.granted = {}, !.verified = 0, !.peers = NoPeers,
               !.noop = 0, !.sequence = 0, !.reads = {}, !.asked = NoAsked]

\* Server.becomeFollower in a higher term: the vote is free, and what was held back is dropped.
InTerm(me, t, role, leader, vote) ==
    Fenced([InRole(me, role, leader) EXCEPT !.term = t, !.vote = vote, !.held = {}])

Hears(me) == me.role = "leader" \/ (me.role = "follower" /\ me.leader /= None)

\* A server that its latest configuration removes may stand until that is committed. Eligibility.
CanStand(s) ==
    LET me == server[s]
        at == ConfigIndex(me.log, Len(me.log))
    IN  /\ \/ IsVoter(Config(s, me), s)
           \/ at > me.commit /\ IsVoter(ConfigAt(s, me, at - 1), s)
        /\ me.fence = 0
        /\ me.writing = 0

Others(s, me) == (Config(s, me).voters \cup Config(s, me).outgoing) \ {s}

BecomePreCandidate(s) ==
    LET me == server[s]
    IN  /\ me.role \in {"follower", "pre-candidate", "candidate"}
        /\ CanStand(s)
        /\ server' = [server EXCEPT ![s] = [InRole(me, "pre-candidate", None) EXCEPT !.granted = {s}]]
        /\ messages' = messages \cup
               {[kind |-> "PreVoteRequest", from |-> s, to |-> p, term |-> me.term + 1,
                 lastTerm |-> LastTerm(me.log), lastIndex |-> Len(me.log)] : p \in Others(s, me)}

Stands(s, transfer) ==
    LET me == InTerm(server[s], server[s].term + 1, "candidate", None, s)
    IN  Sends(s, me,
              {[kind |-> "VoteRequest", from |-> s, to |-> p, term |-> me.term,
                lastTerm |-> LastTerm(me.log), lastIndex |-> Len(me.log), transfer |-> transfer]
                : p \in Others(s, me)},
              {})

BecomeCandidate(s) ==
    LET me == server[s]
    IN  /\ me.role = "pre-candidate"
        /\ IsHeldBy(Config(s, me), me.granted)
        /\ CanStand(s)
        /\ Stands(s, FALSE)

\* Leader.configurationChanged: begins to know new members, and forgets those that are gone.
Known(s, me) ==
    LET config == Config(s, me)
        fresh  == [match |-> 0, next |-> Len(me.log) + 1, probing |-> TRUE,
                   session |-> ConfigIndex(me.log, Len(me.log)), echo |-> 0]
    IN  [me EXCEPT !.peers = [p \in config.members \ {s} |->
                                 IF p \in DOMAIN me.peers THEN me.peers[p] ELSE fresh]]

Appended(s, me, entries) ==
    LET longer == [me EXCEPT !.log = @ \o entries]
        known  == IF \E e \in Range(entries) : IsConfig(e) THEN Known(s, longer) ELSE longer
    IN  Written(known, 0)

BecomeLeader(s) ==
    LET me == server[s]
        leads == Known(s, [InRole(me, "leader", s) EXCEPT !.noop = Len(me.log) + 1])
    IN  /\ me.role = "candidate"
        /\ me.fence = 0
        /\ IsHeldBy(Config(s, me), me.granted)
        /\ elected' = elected \cup {<<me.term, s>>}
        /\ Becomes(s, Appended(s, leads, <<Entry(me.term, "no_op", "", NoConfig)>>))

\* A leader without a majority, a candidate that may not stand again: back to follower, in the same term.
StepDown(s) ==
    /\ server[s].role \in {"leader", "candidate", "pre-candidate"}
    /\ Becomes(s, InRole(server[s], "follower", None))

\* The connection to the leader ended, or nobody may stand in for it yet.
ForgetLeader(s) ==
    /\ server[s].role = "follower" /\ server[s].leader /= None
    /\ Becomes(s, [server[s] EXCEPT !.leader = None, !.reads = {}, !.asked = NoAsked])

-----------------------------------------------------------------------------
(* The term gate: TermGate. A higher term is adopted first, then the       *)
(* message is handled in it; a lower one is answered with ours.            *)

Leads(m) == m.kind \in {"AppendRequest", "Heartbeat", "InstallSnapshot", "TimeoutNow"}

\* Whether it does depends on how long ago the leader was heard, which is not told here.
MayShun(me, m) == m.kind = "VoteRequest" /\ ~m.transfer /\ Hears(me)

AdoptTerm(s, m) ==
    LET me == server[s]
    IN  /\ m.kind /= "PreVoteRequest"
        /\ m.term > me.term
        /\ Becomes(s, InTerm(me, m.term, "follower", IF Leads(m) THEN m.from ELSE None, None))

VoteResponse(s, me, m, granted) ==
    [kind |-> "VoteResponse", from |-> s, to |-> m.from, term |-> me.term, granted |-> granted]

AppendResponse(s, me, m, success, match, hintTerm, hintIndex) ==
    [kind |-> "AppendResponse", from |-> s, to |-> m.from, term |-> me.term, session |-> m.session,
     success |-> success, match |-> match, hintTerm |-> hintTerm, hintIndex |-> hintIndex,
     sequence |-> m.sequence]

HeartbeatResponse(s, me, m, match) ==
    [kind |-> "HeartbeatResponse", from |-> s, to |-> m.from, term |-> me.term, session |-> m.session,
     match |-> match, sequence |-> m.sequence]

InstallResponse(s, me, m, match, failed) ==
    [kind |-> "InstallSnapshotResponse", from |-> s, to |-> m.from, term |-> me.term,
     session |-> m.session, match |-> match, failed |-> failed, sequence |-> m.sequence]

AnswerStale(s, m) ==
    LET me == server[s]
        answer == CASE m.kind = "AppendRequest" -> AppendResponse(s, me, m, FALSE, 0, 0, 0)
                    [] m.kind = "Heartbeat" -> HeartbeatResponse(s, me, m, 0)
                    [] m.kind = "InstallSnapshot" -> InstallResponse(s, me, m, 0, FALSE)
                    [] OTHER -> VoteResponse(s, me, m, FALSE)
    IN  /\ \/ m.kind \in {"AppendRequest", "Heartbeat", "InstallSnapshot"} /\ m.term < me.term
           \/ m.kind = "VoteRequest" /\ (m.term < me.term \/ MayShun(me, m))
        /\ Sends(s, me, {answer}, {})

-----------------------------------------------------------------------------
(* Votes: Voting, PreCandidate, Candidate.                                 *)

OnPreVoteRequest(s, m) ==
    LET me == server[s]
        may == m.term > me.term /\ IsUpToDate(m.lastTerm, m.lastIndex, me.log)
    IN  /\ m.kind = "PreVoteRequest"
        \* Whoever has heard its leader, or as leader a majority, within an election timeout refuses.
        /\ \E granted \in BOOLEAN :
              /\ granted => may
              /\ ~granted => ~may \/ Hears(me)
              /\ messages' = messages \cup
                     {[kind |-> "PreVoteResponse", from |-> s, to |-> m.from, term |-> me.term,
                       granted |-> granted]}
        /\ UNCHANGED server

OnPreVoteResponse(s, m) ==
    LET me == server[s]
    IN  /\ m.kind = "PreVoteResponse" /\ m.term <= me.term
        /\ me.role = "pre-candidate" /\ m.granted
        /\ Becomes(s, [me EXCEPT !.granted = @ \cup {m.from}])

\* At most one vote a term, first come first served, and only to a log as up to date as ours.
OnVoteRequest(s, m) ==
    LET me == server[s]
        grants == me.vote \in {None, m.from} /\ IsUpToDate(m.lastTerm, m.lastIndex, me.log)
        voted == IF me.vote = None THEN Fenced([me EXCEPT !.vote = m.from]) ELSE me
        after == IF me.role = "follower" THEN voted ELSE InRole(voted, "follower", None)
    IN  /\ m.kind = "VoteRequest" /\ m.term = me.term
        /\ IF grants
           THEN Sends(s, after, {}, {VoteResponse(s, me, m, TRUE)})
           ELSE Sends(s, me, {VoteResponse(s, me, m, FALSE)}, {})

OnVoteResponse(s, m) ==
    LET me == server[s]
    IN  /\ m.kind = "VoteResponse" /\ m.term = me.term
        /\ me.role = "candidate" /\ m.granted
        /\ Becomes(s, [me EXCEPT !.granted = @ \cup {m.from}])

-----------------------------------------------------------------------------
(* A leader: Leader, Replication, Progress, Membership.                    *)

Propose(s, entries) ==
    /\ server[s].role = "leader"
    /\ Becomes(s, Appended(s, server[s], entries))

ToPeer(s, me, p, kind) ==
    [kind |-> kind, from |-> s, to |-> p, term |-> me.term, session |-> me.peers[p].session,
     commit |-> me.commit, sequence |-> me.sequence]

With(m, more) == [f \in DOMAIN m \cup DOMAIN more |-> IF f \in DOMAIN more THEN more[f] ELSE m[f]]

\* A batch of n entries from nextIndex on. In replicate the leader goes on behind it at once; in probe it waits.
SendAppend(s, p, n) ==
    LET me == server[s]
        next == me.peers[p].next
        m == With(ToPeer(s, me, p, "AppendRequest"),
                  [previousIndex |-> next - 1, previousTerm |-> TermAt(me.log, next - 1),
                   entries |-> SubSeq(me.log, next, next + n - 1)])
    IN  /\ me.role = "leader" /\ p \in DOMAIN me.peers
        /\ next > me.base /\ next + n - 1 <= Len(me.log)
        /\ server' = [server EXCEPT ![s].peers[p].next = IF me.peers[p].probing THEN @ ELSE @ + n]
        /\ messages' = messages \cup {m}

SendHeartbeat(s, p) ==
    /\ server[s].role = "leader" /\ p \in DOMAIN server[s].peers
    /\ messages' = messages \cup {ToPeer(s, server[s], p, "Heartbeat")}
    /\ UNCHANGED server

SendTimeoutNow(s, p) ==
    /\ server[s].role = "leader" /\ p \in DOMAIN server[s].peers
    /\ p \in Config(s, server[s]).voters
    /\ messages' = messages \cup
           {[kind |-> "TimeoutNow", from |-> s, to |-> p, term |-> server[s].term]}
    /\ UNCHANGED server

\* The connection to a peer ended, with whatever was on it.
Disconnected(s, p) ==
    LET me == server[s]
    IN  /\ me.role = "leader" /\ p \in DOMAIN me.peers
        /\ ~me.peers[p].probing
        /\ Becomes(s, [me EXCEPT !.peers[p].probing = TRUE, !.peers[p].next = me.peers[p].match + 1])

\* ReadConfirmation.confirm: lets go of the reads of every round that a majority has echoed.
EchoedBy(s, me, n) == {s} \cup {p \in DOMAIN me.peers : me.peers[p].echo >= n}
IsConfirmed(s, me, r) == r.round > 0 /\ IsHeldBy(Config(s, me), EchoedBy(s, me, r.round))

ReadIndexResponse(s, me, r) ==
    [kind |-> "ReadIndexResponse", from |-> s, to |-> r.for, term |-> me.term, nonce |-> r.id,
     success |-> TRUE, index |-> r.index, commit |-> me.commit]

\* Takes what "me" has learned, with the reads that are confirmed thereby.
Confirms(s, me) ==
    LET done == {r \in me.reads : IsConfirmed(s, me, r)}
        own  == {[id |-> r.id, index |-> r.index, floor |-> r.floor] : r \in {q \in done : q.for = s}}
    IN  Sends(s, [me EXCEPT !.reads = @ \ done, !.served = @ \cup own],
              {ReadIndexResponse(s, me, r) : r \in {q \in done : q.for /= s}}, {})

\* An answer counts if it belongs to this term and this membership of the peer (R10).
Expects(me, m) ==
    /\ me.role = "leader" /\ m.term = me.term
    /\ m.from \in DOMAIN me.peers
    /\ m.session = me.peers[m.from].session

Heard(me, m) == [me EXCEPT !.peers[m.from].echo = Max(@, Min(m.sequence, me.sequence))]

\* Replication.accepted: a claim beyond our log is ignored.
Accepted(me, p, i) ==
    IF i > Len(me.log) THEN me
    ELSE [me EXCEPT !.peers[p] = [@ EXCEPT
            !.probing = @ /\ i < me.peers[p].next - 1,
            !.match = Max(@, i),
            !.next = Max(@, Max(me.peers[p].match, i) + 1)]]

\* The last place at which a log with this hint can equal ours: one round trip a term, not one an entry.
AgreedAtMost(me, hintIndex, hintTerm) ==
    LET floor == Floor(me, hintIndex, hintTerm)
    IN  IF floor <= hintIndex /\ TermAt(me.log, floor) <= hintTerm THEN floor
        ELSE Min(hintIndex, Less(me.base, 1))

OnAppendResponse(s, m) ==
    LET me == server[s]
        heard == Heard(me, m)
        peer == me.peers[m.from]
        agreed == AgreedAtMost(me, m.hintIndex, m.hintTerm)
        probes == [heard EXCEPT !.peers[m.from] = [@ EXCEPT
                      !.probing = TRUE, !.next = Max(peer.match + 1, Min(agreed + 1, peer.next))]]
    IN  /\ m.kind = "AppendResponse" /\ Expects(me, m)
        /\ IF m.success THEN Confirms(s, Accepted(heard, m.from, m.match))
           \* A late refusal, of what is settled already, is no news.
           ELSE Confirms(s, probes) \/ Confirms(s, heard)

OnHeartbeatResponse(s, m) ==
    /\ m.kind = "HeartbeatResponse" /\ Expects(server[s], m)
    /\ Confirms(s, Heard(server[s], m))

OnInstallSnapshotResponse(s, m) ==
    LET heard == Heard(server[s], m)
    IN  /\ m.kind = "InstallSnapshotResponse" /\ Expects(server[s], m)
        \* An answer to an offer that is not the latest is heard, and no more.
        /\ \/ m.match > 0 /\ Confirms(s, Accepted(heard, m.from, m.match))
           \/ Confirms(s, heard)

\* Leader.commit. What a majority holds durably, if it is of our own term (Figure 8); our own copy counts when it is
\* durable, and only if we vote (R5).
HeldAt(s, me, i) ==
    (IF me.durable >= i THEN {s} ELSE {}) \cup {p \in DOMAIN me.peers : me.peers[p].match >= i}

AdvanceCommit(s) ==
    LET me == server[s]
        held == {i \in (SettledIndex(me) + 1)..Len(me.log) : IsHeldBy(Config(s, me), HeldAt(s, me, i))}
    IN  /\ me.role = "leader" /\ held /= {}
        /\ LET i == CHOOSE j \in held : \A k \in held : k <= j
           IN  /\ me.log[i].term = me.term
               /\ Becomes(s, [me EXCEPT !.commit = i])

\* Membership. A change begins when our own no-op and the latest configuration are committed. If the voters change, it
\* is joint first; the joint one, once committed, is left.
IsSettled(me) == me.commit >= me.noop /\ ConfigIndex(me.log, Len(me.log)) <= me.commit

Joined(before, voters, members) ==
    IF voters = before.voters THEN [voters |-> voters, outgoing |-> {}, members |-> members]
    ELSE [voters |-> voters, outgoing |-> before.voters, members |-> members \cup before.voters]

Change(s, config) ==
    LET me == server[s]
        before == Config(s, me)
    IN  /\ me.role = "leader" /\ IsSettled(me)
        /\ before.outgoing = {} /\ config.voters /= {}
        /\ config = Joined(before, config.voters, config.members)
        /\ Becomes(s, Appended(s, me, <<Entry(me.term, "configuration", "", config)>>))

LeaveJoint(s, members) ==
    LET me == server[s]
        before == Config(s, me)
        config == [voters |-> before.voters, outgoing |-> {}, members |-> members]
    IN  /\ me.role = "leader" /\ IsSettled(me)
        /\ before.outgoing /= {} /\ before.voters \subseteq members /\ members \subseteq before.members
        /\ Becomes(s, Appended(s, me, <<Entry(me.term, "configuration", "", config)>>))

-----------------------------------------------------------------------------
(* A follower: Follower.                                                   *)

\* Whom a leader of our own term speaks to follows it; never two in a term.
Listens(me, m) ==
    /\ m.term = me.term /\ me.role /= "leader"
    /\ me.role = "follower" => me.leader \in {None, m.from}

Following(me, from) == IF me.role = "follower" THEN [me EXCEPT !.leader = from] ELSE InRole(me, "follower", from)

\* Nothing is committed while the base of the log is being written.
CommitTo(me, i) == IF me.writing > 0 THEN me ELSE [me EXCEPT !.commit = Max(@, i)]

\* What is new in an append: never without a real conflict of terms is anything dropped.
Differs(me, m) ==
    LET places == {i \in 1..Len(m.entries) :
                      LET index == m.previousIndex + i
                      IN  /\ index > SettledIndex(me)
                          /\ index > Len(me.log) \/ me.log[index].term /= m.entries[i].term}
    IN  IF places = {} THEN 0 ELSE Least(places)

OnAppendRequest(s, m) ==
    LET me == Following(server[s], m.from)
        refused == m.previousIndex > SettledIndex(me) /\ ~Matches(me, m.previousIndex, m.previousTerm)
        hint == Floor(me, m.previousIndex, m.previousTerm)
        match == m.previousIndex + Len(m.entries)
        first == Differs(me, m)
        from == m.previousIndex + first
        log == SubSeq(me.log, 1, from - 1) \o SubSeq(m.entries, first, Len(m.entries))
        \* R7: commit follows only as far as this very message proves the logs equal.
        verified == [me EXCEPT !.verified = Max(@, match)]
        after == IF first = 0 THEN CommitTo(verified, Min(m.commit, match))
                 ELSE Written(CommitTo([verified EXCEPT !.log = log], Min(m.commit, match)),
                              IF from <= Len(me.log) THEN from ELSE 0)
    IN  /\ m.kind = "AppendRequest" /\ Listens(server[s], m)
        /\ IF refused
           THEN Sends(s, me, {AppendResponse(s, me, m, FALSE, 0, TermAt(me.log, hint), hint)}, {})
           ELSE Sends(s, after, {}, {AppendResponse(s, me, m, TRUE, match, 0, 0)})

OnHeartbeat(s, m) ==
    LET me == Following(server[s], m.from)
    IN  /\ m.kind = "Heartbeat" /\ Listens(server[s], m)
        /\ Sends(s, CommitTo(me, Min(m.commit, me.verified)), {HeartbeatResponse(s, me, m, me.verified)}, {})

OnTimeoutNow(s, m) ==
    LET me == Following(server[s], m.from)
    IN  /\ m.kind = "TimeoutNow" /\ Listens(server[s], m)
        /\ IF CanStand(s) THEN Stands(s, TRUE) ELSE Becomes(s, me)

-----------------------------------------------------------------------------
(* Snapshots: Snapshots. A snapshot is the part of the log that it stands  *)
(* for; what a state machine makes of that does not matter here.           *)

\* R6: only what is committed and durable here.
Apply(s, i) ==
    LET me == server[s]
    IN  /\ i > me.applied /\ i <= Min(me.commit, me.durable) /\ me.writing = 0
        /\ Becomes(s, [me EXCEPT !.applied = i])

Compact(s, i) ==
    LET me == server[s]
    IN  /\ i > me.base /\ i <= me.applied
        /\ Becomes(s, [me EXCEPT !.base = i])

OfferSnapshot(s, p, i) ==
    LET me == server[s]
        m == With(ToPeer(s, me, p, "InstallSnapshot"), [snapshot |-> SubSeq(me.log, 1, i)])
    IN  /\ me.role = "leader" /\ p \in DOMAIN me.peers
        /\ i > 0 /\ i \in me.base..me.applied
        /\ \E probing \in {TRUE, me.peers[p].probing} :
              server' = [server EXCEPT ![s].peers[p].probing = probing]
        /\ messages' = messages \cup {[f \in DOMAIN m \ {"commit"} |-> m[f]]}

OnInstallSnapshot(s, m) ==
    LET me == Following(server[s], m.from)
        i == Len(m.snapshot)
        after == IF Matches(me, i, LastTerm(m.snapshot)) THEN CommitTo(me, i) ELSE me
    IN  /\ m.kind = "InstallSnapshot" /\ Listens(server[s], m)
        /\ IF i <= after.commit
           THEN Sends(s, [after EXCEPT !.verified = Max(@, after.commit)], {},
                      {InstallResponse(s, me, m, after.commit, FALSE)})
           ELSE \E failed \in BOOLEAN : Sends(s, after, {InstallResponse(s, me, m, 0, failed)}, {})

\* A snapshot that was offered is here: unless the log has come as far by itself, it begins anew behind it.
SnapshotReceived(s, m) ==
    LET me == server[s]
        i == Len(m.snapshot)
        reset == Written([me EXCEPT !.log = m.snapshot, !.base = i], me.commit + 1)
    IN  /\ m.kind = "InstallSnapshot" /\ m.term <= me.term
        /\ i > me.commit /\ ~Matches(me, i, LastTerm(m.snapshot)) /\ me.writing = 0
        /\ me.role /= "leader"
        /\ Becomes(s, [reset EXCEPT !.writing = Len(reset.writes)])

-----------------------------------------------------------------------------
(* Reads: ReadQueue, ReadConfirmation, FollowerReads. "floor" is what was  *)
(* committed when the read began; no rule looks at it.                     *)

Read(s, id) ==
    LET me == server[s]
        index == Max(me.commit, me.noop)
    IN  /\ \/ me.role = "leader"
           \/ me.role = "follower" /\ me.leader /= None
        /\ Becomes(s, [me EXCEPT !.reads = @ \cup
               {[id |-> id, for |-> s, round |-> 0, index |-> index, floor |-> Len(history)]}])

\* The gathered reads get a sequence of their own, which travels in heartbeats and appends and is echoed.
BeginRound(s) ==
    LET me == server[s]
        gathered == {r \in me.reads : r.round = 0}
        begun == [me EXCEPT !.sequence = @ + 1,
                            !.reads = (@ \ gathered) \cup {[r EXCEPT !.round = me.sequence + 1] : r \in gathered}]
    IN  /\ me.role = "leader" /\ gathered /= {}
        /\ Confirms(s, begun)

\* A follower asks for all the reads that have gathered; one question at a time, which may be repeated.
AskReadIndex(s, nonce) ==
    LET me == server[s]
        repeats == me.asked.reads /= {}
    IN  /\ me.role = "follower" /\ me.leader /= None
        /\ nonce > me.nonce
        /\ Sends(s, [me EXCEPT
                        !.nonce = nonce,
                        !.reads = IF repeats THEN @ ELSE {},
                        !.asked = IF repeats THEN [@ EXCEPT !.last = nonce]
                                  ELSE [reads |-> me.reads, first |-> nonce, last |-> nonce]],
                 {[kind |-> "ReadIndexRequest", from |-> s, to |-> me.leader, term |-> me.term,
                   nonce |-> nonce]}, {})

\* A later question of the same follower takes the place of one that has no round yet.
OnReadIndexRequest(s, m) ==
    LET me == server[s]
        kept == {r \in me.reads : ~(r.for = m.from /\ r.round = 0)}
    IN  /\ m.kind = "ReadIndexRequest" /\ m.term <= me.term
        /\ IF me.role = "leader"
           THEN Becomes(s, [me EXCEPT !.reads = kept \cup
                    {[id |-> m.nonce, for |-> m.from, round |-> 0, index |-> Max(me.commit, me.noop),
                      floor |-> 0]}])
           ELSE Sends(s, me, {[kind |-> "ReadIndexResponse", from |-> s, to |-> m.from, term |-> me.term,
                               nonce |-> m.nonce, success |-> FALSE, index |-> 0, commit |-> 0]}, {})

OnReadIndexResponse(s, m) ==
    LET me == server[s]
        done == {[id |-> r.id, index |-> m.index, floor |-> r.floor] : r \in me.asked.reads}
        answered == [me EXCEPT !.asked = NoAsked]
    IN  /\ m.kind = "ReadIndexResponse" /\ m.term = me.term
        /\ me.role = "follower" /\ me.asked.reads /= {}
        /\ m.nonce \in me.asked.first..me.asked.last
        /\ Becomes(s, IF m.success
                      THEN CommitTo([answered EXCEPT !.served = @ \cup done], Min(m.commit, me.verified))
                      ELSE answered)

-----------------------------------------------------------------------------
(* The life of a process. A crash takes back what was not flushed; of the  *)
(* writes under way any prefix survives. Recovery clamps the commit hint   *)
(* to the log (R8), and may begin behind a later snapshot.                 *)

Fresh(disk, base) ==
    [role |-> "follower", leader |-> None, term |-> disk.term, vote |-> disk.vote, log |-> disk.log,
     base |-> base, commit |-> Max(base, Min(disk.hint, Len(disk.log))), applied |-> base,
     durable |-> Len(disk.log), verified |-> 0, granted |-> {}, writes |-> <<>>, fence |-> 0, held |-> {},
     writing |-> 0, peers |-> NoPeers, noop |-> 0, sequence |-> 0, reads |-> {}, asked |-> NoAsked,
     served |-> {}, nonce |-> 0, disk |-> disk]

Crash(s, k) ==
    LET me == server[s]
        kept == IF k = 0 THEN me.disk ELSE AfterPersist(s, me, k).disk
    IN  /\ me.role /= "down" /\ k \in 0..Len(me.writes)
        \* What was applied is remembered to bound the snapshots that may be on disk.
        /\ Becomes(s, [Fresh(kept, kept.base) EXCEPT !.role = "down", !.nonce = me.nonce, !.applied = me.applied])

Restart(s, base) ==
    LET me == server[s]
    IN  /\ me.role = "down"
        /\ base \in me.disk.base..Max(me.disk.base, me.applied) /\ base <= Len(me.disk.log)
        /\ Becomes(s, [Fresh([me.disk EXCEPT !.base = base], base) EXCEPT !.nonce = me.nonce])

-----------------------------------------------------------------------------
(* What may happen next.                                                   *)

Disk == [term |-> 0, vote |-> None, log |-> <<>>, base |-> 0, hint |-> 0]

Init ==
    /\ server = [s \in Server |-> Fresh(Disk, 0)]
    /\ messages = {}
    /\ history = <<>>
    /\ elected = {}
    /\ used = [crashes |-> 0, changes |-> 0, reads |-> 0]

\* A message that changes nothing when it is handled needs no step.
Receive(s, m) ==
    \/ OnPreVoteRequest(s, m)
    \/ OnPreVoteResponse(s, m)
    \/ OnVoteRequest(s, m)
    \/ OnVoteResponse(s, m)
    \/ OnAppendRequest(s, m)
    \/ OnAppendResponse(s, m)
    \/ OnHeartbeat(s, m)
    \/ OnHeartbeatResponse(s, m)
    \/ OnInstallSnapshot(s, m)
    \/ OnInstallSnapshotResponse(s, m)
    \/ OnTimeoutNow(s, m)
    \/ OnReadIndexRequest(s, m)
    \/ OnReadIndexResponse(s, m)
    \/ AnswerStale(s, m)

\* After each step: what is committed by now.
Records ==
    history' = LET most == CHOOSE s \in Server : \A t \in Server : server'[s].commit >= server'[t].commit
                   me == server'[most]
               IN  IF me.commit > Len(history) THEN SubSeq(me.log, 1, me.commit) ELSE history

Uses(what, max) == used[what] < max /\ used' = [used EXCEPT ![what] = @ + 1]

Stand(s) ==
    /\ server[s].term < MaxTerm
    /\ IF "pre-vote" \in Enabled
       THEN BecomePreCandidate(s) \/ BecomeCandidate(s)
       \* Without it: whoever may ask for pre-votes stands at once.
       ELSE server[s].role \in {"follower", "candidate"} /\ CanStand(s) /\ Stands(s, FALSE)

Lead(s) ==
    LET me == server[s]
    IN  \/ /\ Len(me.log) < MaxLog
           /\ \E v \in Value : Propose(s, <<Entry(me.term, "command", v, NoConfig)>>)
        \/ \E p \in DOMAIN me.peers :
              \/ \E n \in 0..MaxBatch :
                    (n > 0 \/ me.peers[p].probing \/ me.peers[p].next > Len(me.log)) /\ SendAppend(s, p, n)
              \/ "heartbeat" \in Enabled /\ SendHeartbeat(s, p)
              \/ "transfer" \in Enabled /\ server[p].term < MaxTerm /\ SendTimeoutNow(s, p)
              \/ "disconnect" \in Enabled /\ Disconnected(s, p)
              \/ "snapshot" \in Enabled /\ me.peers[p].next <= me.base /\ OfferSnapshot(s, p, me.base)
        \/ AdvanceCommit(s)

Steps ==
    \/ /\ \/ \E s \in Server :
             \/ Stand(s)
             \/ Lead(s)
             \/ "step down" \in Enabled /\ (StepDown(s) \/ ForgetLeader(s))
             \/ \E k \in 1..Len(server[s].writes) : Persisted(s, k)
             \/ Apply(s, Min(server[s].commit, server[s].durable)) /\ "snapshot" \in Enabled
             \/ Compact(s, server[s].applied) /\ "snapshot" \in Enabled
             \/ BeginRound(s)
             \/ Restart(s, server[s].disk.base)
          \/ \E m \in messages :
             /\ server[m.to].role /= "down"
             /\ Len(server[m.to].writes) <= MaxPending
             /\ AdoptTerm(m.to, m) \/ Receive(m.to, m) \/ SnapshotReceived(m.to, m)
       /\ UNCHANGED <<elected, used>>
    \/ \E s \in Server : Len(server[s].log) < MaxLog /\ BecomeLeader(s) /\ UNCHANGED used
    \/ \E s \in Server : /\ Uses("crashes", MaxCrashes)
                         /\ \E k \in 0..Len(server[s].writes) : Crash(s, k)
                         /\ UNCHANGED elected
    \/ \E s \in Server : /\ Uses("changes", MaxChanges)
                         /\ Len(server[s].log) + 1 < MaxLog
                         /\ \E voters \in SUBSET Server \ {{}} :
                               /\ voters /= Config(s, server[s]).voters
                               /\ Change(s, Joined(Config(s, server[s]), voters, voters))
                         /\ UNCHANGED elected
    \/ \E s \in Server : LeaveJoint(s, Config(s, server[s]).voters) /\ UNCHANGED <<elected, used>>
    \/ \E s \in Server : /\ Uses("reads", MaxReads)
                         /\ Read(s, used.reads) \/ AskReadIndex(s, server[s].nonce + 1)
                         /\ UNCHANGED elected

Next == Steps /\ Records

Spec == Init /\ [][Next]_vars

\* Behaviours of at most so many steps; TLC, with one worker, finds the shortest way to each state first.
Within == TLCGet("level") <= MaxDepth

\* No server differs from another but by what has happened to it.
Symmetry == Permutations(Server)

-----------------------------------------------------------------------------
(* What must always hold.                                                  *)

\* At most one leader a term.
ElectionSafety == \A a, b \in elected : a[1] = b[1] => a[2] = b[2]

\* Two logs that hold the same entry hold the same before it.
LogMatching ==
    \A s, t \in Server : \A i \in 1..Min(Len(server[s].log), Len(server[t].log)) :
        server[s].log[i].term = server[t].log[i].term =>
            SubSeq(server[s].log, 1, i) = SubSeq(server[t].log, 1, i)

IsPrefix(a, b) == Len(a) <= Len(b) /\ SubSeq(b, 1, Len(a)) = a

\* Who leads the latest term holds all that was ever committed.
LeaderCompleteness ==
    \A s \in Server :
        server[s].role = "leader" /\ (\A t \in Server : server[t].term <= server[s].term) =>
            IsPrefix(history, server[s].log)

\* What a server takes for committed is what is committed; so what it applies is what all apply.
StateMachineSafety ==
    \A s \in Server : IsPrefix(SubSeq(server[s].log, 1, server[s].commit), history)

\* What a leader has committed is durable at a majority of the configuration in force, which may be the one before.
CommittedIsDurable ==
    \A s \in Server :
        LET me == server[s]
            committed == SubSeq(me.log, 1, me.commit)
            holders == {t \in Server : IsPrefix(committed, server[t].disk.log)}
        IN  me.role = "leader" /\ me.commit >= me.noop =>
                \/ IsHeldBy(Config(s, me), holders)
                \/ IsHeldBy(ConfigAt(s, me, me.commit), holders)

\* A read is never older than what was committed, anywhere, before it began.
ReadsAreFresh == \A s \in Server : \A r \in server[s].served : r.index >= r.floor

\* A vote, once given in a term, is never another in it: what disk and memory say of one term agrees.
VotesAreKept ==
    \A s \in Server : LET me == server[s]
                      IN  me.disk.term = me.term /\ me.disk.vote /= None => me.vote = me.disk.vote

\* The local invariants of the core, as Invariants, Leader.check and Candidate.check have them.
Local ==
    \A s \in Server :
        LET me == server[s]
        IN  \/ me.role = "down"
            \/ /\ me.commit <= Len(me.log) /\ me.durable <= Len(me.log)
               /\ me.applied <= me.commit /\ me.applied <= me.durable
               /\ LastTerm(me.log) <= me.term
               /\ me.verified <= Len(me.log)
               /\ me.role = "leader" => /\ me.fence = 0 /\ me.vote = s /\ LastTerm(me.log) = me.term
                                        /\ me.writing = 0
                                        /\ \A p \in DOMAIN me.peers :
                                              /\ me.peers[p].match < me.peers[p].next
                                              /\ me.peers[p].match <= Len(me.log)
               /\ me.role = "candidate" => me.vote = s

=============================================================================
