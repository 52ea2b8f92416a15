--------------------------- MODULE TraceRaftLite ----------------------------
(***************************************************************************)
(* Is what the production code did in a simulation a behaviour of          *)
(* RaftLite? Each line of a trace is one step: it names the action and     *)
(* what of it could be seen. After each piece of work, a line of kind      *)
(* "state" says what the server says of itself; it is a step that changes  *)
(* nothing, and is possible only if the specification says the same.       *)
(*                                                                         *)
(* A trace is accepted if its end can be reached, that is if the invariant *)
(* NotAtEnd is violated. If none of the behaviours reaches it, the depth   *)
(* of the search tells the line that could not be explained.               *)
(***************************************************************************)
EXTENDS RaftLite, TraceLines

VARIABLES
    line,   \* the next line to explain
    issued, \* of each server, the records that were handed out: their number, and how many writes there were by then
    done    \* of each server, how many writes are durable

\* Read once: TLC keeps the value of a constant.
Trace == Lines

TraceServer == Trace[1].servers
TraceBirth == Trace[1].birth

Unchanged == UNCHANGED <<server, messages>>
Keeps == UNCHANGED <<issued, done>>

\* A snapshot is named by its last entry in a trace, and is a part of a log here.
IsOffer(m, offer) ==
    /\ m.kind = "InstallSnapshot" /\ m.from = offer.from /\ m.to = offer.to /\ m.term = offer.term
    /\ m.session = offer.session /\ m.sequence = offer.sequence
    /\ Len(m.snapshot) = offer.index /\ LastTerm(m.snapshot) = offer.lastTerm

Named(m) == IF m.kind = "InstallSnapshot" THEN {x \in messages : IsOffer(x, m)} ELSE {m} \cap messages

\* Only what was sent can be received. What a server has no use for changes nothing.
Receives(s, l) ==
    \E m \in Named(l.m) :
        IF ~l.late /\ ENABLED Receive(s, m) THEN Receive(s, m) ELSE Unchanged

SendsNow(s, m) ==
    CASE m.kind = "AppendRequest" ->
            SendAppend(s, m.to, Len(m.entries)) /\ messages' = messages \cup {m}
      [] m.kind = "Heartbeat" -> SendHeartbeat(s, m.to) /\ messages' = messages \cup {m}
      [] m.kind = "TimeoutNow" -> SendTimeoutNow(s, m.to) /\ messages' = messages \cup {m}
      [] m.kind = "InstallSnapshot" ->
            OfferSnapshot(s, m.to, m.index) /\ \E x \in messages' : IsOffer(x, m)
      [] m.kind = "ReadIndexRequest" -> AskReadIndex(s, m.nonce) /\ messages' = messages \cup {m}
      [] OTHER -> m \in messages /\ Unchanged

Says(me, now) ==
    /\ me.term = now.term /\ me.vote = now.vote /\ me.role = now.role /\ me.leader = now.leader
    /\ me.commit = now.commit /\ me.applied = now.applied /\ me.durable = now.durable
    /\ me.base = now.base /\ Len(me.log) = now.last
    /\ DOMAIN me.peers = DOMAIN now.peers
    /\ \A p \in DOMAIN me.peers : me.peers[p].match = now.peers[p].match /\ me.peers[p].next = now.peers[p].next

\* A record goes to the disk: it holds the entries of the log, the term and the vote.
Issues(s, l) ==
    LET me == server[s]
    IN  /\ Issue(s)
        /\ me.term = l.term /\ me.vote = l.vote
        /\ \A i \in 1..Len(l.entries) : me.log[l.from + i - 1] = l.entries[i]
        /\ issued' = [issued EXCEPT ![s] = @ \cup {<<l.sequence, done[s] + Len(me.writes)>>}]
        /\ UNCHANGED done

Persists(s, l) ==
    \E x \in issued[s] :
        /\ x[1] = l.sequence
        /\ Persisted(s, x[2] - done[s])
        /\ done' = [done EXCEPT ![s] = x[2]]
        /\ UNCHANGED issued

Crashes(s) ==
    /\ \E k \in 0..Len(server[s].writes) : Crash(s, k)
    /\ issued' = [issued EXCEPT ![s] = {}]
    /\ done' = [done EXCEPT ![s] = 0]

\* The answer to a read was made at an index that is applied, and not below the one that was confirmed for it.
Answers(s, l) ==
    /\ \E r \in server[s].served : r.id = l.id /\ r.index <= l.index
    /\ l.index <= server[s].applied
    /\ Unchanged

Explains(s, l) ==
    CASE l.a = "start" -> Restart(s, l.base) /\ UNCHANGED elected /\ Keeps
      [] l.a = "crash" -> Crashes(s) /\ UNCHANGED elected
      [] l.a = "issue" -> Issues(s, l) /\ UNCHANGED elected
      [] l.a = "persist" -> Persists(s, l) /\ UNCHANGED elected
      [] l.a = "leader" -> BecomeLeader(s) /\ Keeps
      [] OTHER ->
            /\ UNCHANGED elected /\ Keeps
            /\ CASE l.a = "state" -> Says(server[s], l) /\ Unchanged
                 [] l.a = "send" -> SendsNow(s, l.m)
                 [] l.a = "receive" -> Receives(s, l)
                 [] l.a = "term" -> \E m \in Named(l.m) : AdoptTerm(s, m)
                 [] l.a = "pre-candidate" -> BecomePreCandidate(s)
                 [] l.a = "candidate" -> BecomeCandidate(s)
                 [] l.a = "step down" -> StepDown(s)
                 [] l.a = "forget" -> ForgetLeader(s)
                 [] l.a = "disconnected" ->
                       /\ l.peer \in DOMAIN server[s].peers
                       /\ IF l.installing \/ server[s].peers[l.peer].probing THEN Unchanged
                          ELSE Disconnected(s, l.peer)
                 [] l.a = "propose" -> Propose(s, l.entries)
                 [] l.a = "change" -> Change(s, l.entries[1].config) /\ server'[s].log = server[s].log \o l.entries
                 [] l.a = "leave" ->
                       LeaveJoint(s, l.entries[1].config.members) /\ server'[s].log = server[s].log \o l.entries
                 [] l.a = "commit" -> AdvanceCommit(s) /\ server'[s].commit = l.index
                 [] l.a = "apply" -> Apply(s, l.index)
                 [] l.a = "compact" -> Compact(s, l.index)
                 [] l.a = "install" ->
                       \E m \in messages : /\ m.to = s /\ m.kind = "InstallSnapshot"
                                           /\ Len(m.snapshot) = l.index /\ LastTerm(m.snapshot) = l.term
                                           /\ SnapshotReceived(s, m)
                 [] l.a = "read" -> Read(s, l.id)
                 [] l.a = "round" -> BeginRound(s)
                 [] l.a = "answer" -> Answers(s, l)

\* Nobody runs before its first line.
TraceInit ==
    /\ server = [s \in Server |-> [Fresh(Disk, 0) EXCEPT !.role = "down"]]
    /\ messages = {} /\ history = <<>> /\ elected = {}
    /\ used = [crashes |-> 0, changes |-> 0, reads |-> 0]
    /\ line = 2
    /\ issued = [s \in Server |-> {}]
    /\ done = [s \in Server |-> 0]

TraceNext ==
    /\ line <= Len(Trace)
    /\ line' = line + 1
    /\ Explains(Trace[line].s, Trace[line])
    /\ Records
    /\ UNCHANGED used

NotAtEnd == line <= Len(Trace)
=============================================================================
