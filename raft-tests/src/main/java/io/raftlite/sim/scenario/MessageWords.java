package io.raftlite.sim.scenario;

import io.raftlite.EntryId;
import io.raftlite.Message;

/** Says a message in one line: its name in the paper's words, or the answer to it, and what matters in it. */
final class MessageWords implements Message.Handler {
    private String name = "";
    private String detail = "";

    private MessageWords() {}

    private static MessageWords of(Message message) {
        MessageWords words = new MessageWords();
        message.dispatch(words);
        return words;
    }

    /** Returns the whole line. */
    static String whole(Message message) {
        MessageWords words = of(message);
        return words.name + words.detail;
    }

    /** Returns the name alone, with the yes or no of an answer. */
    static String brief(Message message) {
        return of(message).name;
    }

    private void say(String name, String detail) {
        this.name = name;
        this.detail = detail;
    }

    private static String log(EntryId last) {
        return last.index() == 0 ? ", log empty" : ", log ends at " + Words.id(last);
    }

    private static String reads(long sequence) {
        return sequence > 0 ? ", read round " + sequence : "";
    }

    private static String lease(long millis) {
        return millis > 0 ? ", lease " + millis + " ms" : "";
    }

    private static String verdict(boolean positive, String yes, String no) {
        return positive ? yes : no;
    }

    @Override
    public void on(Message.PreVoteRequest request) {
        say("PreVote", " for term " + request.term() + log(request.lastLog()));
    }

    @Override
    public void on(Message.PreVoteResponse response) {
        long removed = response.removedAt().index();
        say(
                "PreVote " + verdict(response.granted(), "yes", "no"),
                ", term " + response.term() + (removed > 0 ? ", you were removed at " + removed : ""));
    }

    @Override
    public void on(Message.VoteRequest request) {
        say(
                "RequestVote",
                " term " + request.term() + log(request.lastLog())
                        + verdict(request.transfer(), ", told to by the leader", ""));
    }

    @Override
    public void on(Message.VoteResponse response) {
        say("RequestVote " + verdict(response.granted(), "yes", "no"), ", term " + response.term());
    }

    @Override
    public void on(Message.AppendRequest request) {
        String entries = request.entries().isEmpty() ? "no entries" : Words.entries(request.entries());
        say(
                "AppendEntries",
                " term " + request.term() + ", after " + Words.id(request.previous()) + ": " + entries + "; commit "
                        + request.leaderCommit() + reads(request.readSequence()));
    }

    @Override
    public void on(Message.AppendResponse response) {
        String found = response.success() ? ", match " + response.matchIndex() : ", hint " + Words.id(response.hint());
        say(
                "AppendEntries " + verdict(response.success(), "ok", "no"),
                ", term " + response.term() + found + reads(response.readSequence()));
    }

    @Override
    public void on(Message.Heartbeat heartbeat) {
        say(
                "Heartbeat",
                " term " + heartbeat.term() + ", commit " + heartbeat.leaderCommit() + reads(heartbeat.readSequence())
                        + lease(heartbeat.leaseMillis()));
    }

    @Override
    public void on(Message.HeartbeatResponse response) {
        say(
                "Heartbeat answer",
                ", term " + response.term() + ", verified up to " + response.matchIndex()
                        + reads(response.readSequence()) + lease(response.leaseMillis()));
    }

    @Override
    public void on(Message.InstallSnapshot offer) {
        say(
                "InstallSnapshot",
                " term " + offer.term() + ", up to " + Words.id(offer.snapshot().last()));
    }

    @Override
    public void on(Message.InstallSnapshotResponse response) {
        String state = response.failed() ? "failed" : verdict(response.matchIndex() > 0, "ok", "pulls it");
        String match = response.matchIndex() > 0 ? ", match " + response.matchIndex() : "";
        say("InstallSnapshot " + state, ", term " + response.term() + match);
    }

    @Override
    public void on(Message.TimeoutNow order) {
        say("TimeoutNow", " term " + order.term());
    }

    @Override
    public void on(Message.ReadIndexRequest request) {
        say("ReadIndex", " term " + request.term());
    }

    @Override
    public void on(Message.ReadIndexResponse response) {
        say(
                "ReadIndex " + verdict(response.success(), "ok", "no"),
                ", term " + response.term() + verdict(response.success(), ", index " + response.readIndex(), ""));
    }
}
