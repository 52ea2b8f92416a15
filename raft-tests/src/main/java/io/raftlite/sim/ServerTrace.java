package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Ready;
import io.raftlite.SnapshotMeta;
import io.raftlite.Status;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Finds out which actions of the specification one server took, from what is seen of it before and after each piece. */
final class ServerTrace {
    /** Gives a question about an index to read at, and its answer, a small number in place of its nonce. */
    interface Questions {
        /**
         * Returns the number, 0 for any other message.
         *
         * @param isNew whether the message is being sent
         */
        long number(Message message, boolean isNew);
    }

    private final NodeId id;
    private final ArrayDeque<Long> facts = new ArrayDeque<>();
    private final Questions questions;
    private final List<Message> sent = new ArrayList<>();

    // What a leader appended is seen when it is written, at the end of the turn; till then the turn's lines wait.
    private final List<Function<Optional<Ready.Persist>, List<String>>> turn = new ArrayList<>();
    private Optional<Ready.Persist> written = Optional.empty();
    private Status before;
    private boolean starting = true;
    private Optional<Message> received = Optional.empty();
    private Optional<NodeId> disconnected = Optional.empty();
    private long flushed;
    private long reading;
    private long lastRead;
    private long firstPreVote;
    private long round;
    private long run;
    private String said = "";

    ServerTrace(NodeId id, Questions questions) {
        this.id = id;
        this.questions = questions;
        this.before = Status.of(id);
    }

    /** Returns a number that is another one after the end of a run. */
    long run() {
        return run;
    }

    void receives(Message message) {
        received = Optional.of(message);
    }

    void disconnects(NodeId peer) {
        disconnected = Optional.of(peer);
    }

    /** Notes a read, and returns the number by which its answer is known. */
    long reads() {
        reading = ++lastRead;
        return reading;
    }

    void flushed(long sequence) {
        flushed = sequence;
    }

    void comes() {
        facts.add(flushed);
        flushed = 0;
    }

    void sent(Message message) {
        sent.add(message);
    }

    void wrote(Ready.Persist persist) {
        written = Optional.of(persist);
    }

    String ended() {
        run++;
        starting = true;
        turn.clear();
        facts.clear();
        sent.clear();
        written = Optional.empty();
        said = "";
        return line("crash").end();
    }

    private ProtocolLine line(String action) {
        return ProtocolLine.of(action, id);
    }

    private void add(ProtocolLine line) {
        String text = line.end();
        turn.add(nothing -> List.of(text));
    }

    /** Takes the end of a piece, and returns the lines of the turn if it is the turn's last. */
    List<String> did(Observer.Piece piece, Status now) {
        int lines = turn.size();
        if (starting) {
            add(line("start").with("base", now.firstIndex() - 1));
        } else {
            tell(piece, now);
        }
        written.ifPresent(this::issue);
        String says = line("state").with(now).end();
        if (turn.size() > lines || !says.equals(said)) {
            turn.add(nothing -> List.of(says));
            said = says;
        }
        before = now;
        starting = false;
        received = Optional.empty();
        disconnected = Optional.empty();
        reading = 0;
        return piece == Observer.Piece.FLUSH ? endOfTurn() : List.of();
    }

    private List<String> endOfTurn() {
        List<String> lines = new ArrayList<>();
        turn.forEach(step -> lines.addAll(step.apply(written)));
        turn.clear();
        written = Optional.empty();
        return lines;
    }

    private void tell(Observer.Piece piece, Status now) {
        long term = received.map(message -> receipt(message, now)).orElse(before.term());
        long persisted = piece == Observer.Piece.FACT ? facts.remove() : 0;
        if (persisted > 0) {
            add(line("persist").with("sequence", persisted));
        }
        disconnected.ifPresent(this::disconnection);
        if (reading > 0 && !before.leader().isNone()) {
            add(line("read").with("id", reading));
        }
        boolean led = before.isLeader() && before.term() == now.term();
        if (led && !now.isLeader()) {
            // What it sent, it sent as the leader.
            sends();
        }
        elections(now, term);
        if (now.isLeader()) {
            leadership(now);
        } else if (received.isEmpty() && disconnected.isEmpty() && forgot(now)) {
            add(line("forget"));
        }
        places(piece, now);
        sends();
    }

    /** Tells of a message, and returns the term in which it was handled. */
    private long receipt(Message message, Status now) {
        boolean adopted = message.term() > before.term()
                && now.term() >= message.term()
                && !(message instanceof Message.PreVoteRequest);
        if (adopted) {
            add(line("term").with(message, questions.number(message, false)));
        }
        boolean late =
                message instanceof Message.PreVoteResponse && message.envelope().nonce() < firstPreVote;
        add(line("receive").with(message, questions.number(message, false)).with("late", late));
        return adopted ? message.term() : before.term();
    }

    private void disconnection(NodeId peer) {
        Optional<Status.Peer> known = before.peers().stream()
                .filter(member -> member.id().equals(peer))
                .findFirst();
        if (known.isPresent()) {
            add(line("disconnected")
                    .with("peer", peer)
                    .with("installing", known.get().installing()));
        } else if (before.leader().equals(peer)) {
            add(line("forget"));
        }
    }

    private boolean forgot(Status now) {
        return isFollower(before)
                && isFollower(now)
                && !before.leader().isNone()
                && now.leader().isNone();
    }

    private static boolean isFollower(Status status) {
        return status.role() == Status.RoleName.FOLLOWER || status.role() == Status.RoleName.LEARNER;
    }

    private void elections(Status now, long term) {
        boolean stands = now.term() > term
                && received.filter(Message.TimeoutNow.class::isInstance).isEmpty();
        boolean asks = sent.stream().anyMatch(Message.PreVoteRequest.class::isInstance);
        if (asks || (stands && received.isEmpty() && before.role() != Status.RoleName.PRE_CANDIDATE)) {
            add(line("pre-candidate"));
            firstPreVote = sent.stream()
                    .filter(Message.PreVoteRequest.class::isInstance)
                    .mapToLong(request -> request.envelope().nonce())
                    .min()
                    .orElse(0);
        }
        if (stands) {
            add(line("candidate"));
        }
        boolean led = before.isLeader() && before.term() == now.term();
        if (now.isLeader() && !led) {
            round = 0;
            add(line("leader"));
        } else if (received.isEmpty() && !isFollower(before) && isFollower(now) && before.term() == now.term()) {
            add(line("step down"));
        }
    }

    private void leadership(Status now) {
        boolean led = before.isLeader() && before.term() == now.term();
        long first = led ? before.lastIndex() + 1 : now.lastIndex() + 1;
        boolean joint = before.configuration().isJoint();
        if (first <= now.lastIndex()) {
            turn.add(persist -> appended(
                    persist.orElseThrow().entries().stream()
                            .filter(entry -> entry.index() >= first && entry.index() <= now.lastIndex())
                            .toList(),
                    joint));
        }
        if (now.commitIndex() > before.commitIndex()) {
            add(line("commit").with("index", now.commitIndex()));
        }
    }

    private List<String> appended(List<Entry> entries, boolean joint) {
        List<String> lines = new ArrayList<>();
        List<Entry> proposed = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.type() == Entry.Type.CONFIGURATION) {
                propose(proposed, lines);
                lines.add(line(joint ? "leave" : "change").with(List.of(entry)).end());
            } else {
                proposed.add(entry);
            }
        }
        propose(proposed, lines);
        return lines;
    }

    private void propose(List<Entry> proposed, List<String> lines) {
        if (!proposed.isEmpty()) {
            lines.add(line("propose").with(proposed).end());
            proposed.clear();
        }
    }

    /** Tells of what was applied, compacted, or replaced by a snapshot of the leader. */
    private void places(Observer.Piece piece, Status now) {
        if (now.appliedIndex() > before.appliedIndex()) {
            add(line("apply").with("index", now.appliedIndex()));
        }
        if (now.firstIndex() > before.firstIndex()) {
            if (piece == Observer.Piece.FACT) {
                add(line("compact").with("index", now.firstIndex() - 1));
            } else {
                turn.add(persist ->
                        List.of(install(persist.orElseThrow().install().orElseThrow())));
            }
        }
    }

    private String install(SnapshotMeta snapshot) {
        return line("install")
                .with("index", snapshot.index())
                .with("term", snapshot.last().term())
                .end();
    }

    private void sends() {
        for (Message message : sent) {
            if (message instanceof Message.Heartbeat heartbeat && heartbeat.readSequence() > round) {
                round = heartbeat.readSequence();
                add(line("round"));
            }
            add(line("send").with(message, questions.number(message, true)));
        }
        sent.clear();
    }

    private void issue(Ready.Persist persist) {
        List<Entry> entries = persist.entries();
        add(line("issue")
                .with("sequence", persist.sequence())
                .with("term", persist.hardState().term())
                .with("vote", persist.hardState().votedFor())
                .with("from", entries.isEmpty() ? 0 : entries.get(0).index())
                .with(entries));
    }
}
