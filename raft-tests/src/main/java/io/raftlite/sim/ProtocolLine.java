package io.raftlite.sim;

import io.raftlite.Configuration;
import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Member;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Status;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes one line of a {@link ProtocolTrace}, as a JSON object whose names are those of the specification. */
final class ProtocolLine {
    private final StringBuilder text = new StringBuilder("{");

    private ProtocolLine() {}

    static ProtocolLine of(String action, NodeId server) {
        return new ProtocolLine().with("a", action).with("s", server);
    }

    /** Begins a trace: who there is, and who voted at the cluster's birth. */
    static String world(Collection<NodeId> servers, Collection<NodeId> birth) {
        return new ProtocolLine()
                .with("a", "world")
                .raw("servers", ids(servers))
                .raw("birth", ids(birth))
                .end();
    }

    ProtocolLine with(String name, String value) {
        return raw(name, quoted(value));
    }

    ProtocolLine with(String name, NodeId value) {
        return with(name, value.isNone() ? "none" : value.value());
    }

    ProtocolLine with(String name, long value) {
        return raw(name, String.valueOf(value));
    }

    ProtocolLine with(String name, boolean value) {
        return raw(name, String.valueOf(value));
    }

    /** @param question a small number in place of the nonce of a question about an index to read at */
    ProtocolLine with(Message message, long question) {
        return raw("m", text(message, question));
    }

    ProtocolLine with(List<Entry> entries) {
        return raw("entries", text(entries));
    }

    ProtocolLine with(Status now) {
        String peers = now.peers().stream()
                .map(peer -> quoted(peer.id().value()) + ":"
                        + new ProtocolLine()
                                .with("match", peer.matchIndex())
                                .with("next", peer.nextIndex())
                                .end())
                .collect(Collectors.joining(",", "{", "}"));
        return with("term", now.term())
                .with("vote", now.votedFor())
                .with("role", role(now))
                .with("leader", now.leader())
                .with("commit", now.commitIndex())
                .with("applied", now.appliedIndex())
                .with("durable", now.durableIndex())
                .with("base", now.firstIndex() - 1)
                .with("last", now.lastIndex())
                .raw("peers", peers);
    }

    /** A learner is a follower that is not a voter. */
    private static String role(Status now) {
        return now.role() == Status.RoleName.LEARNER
                ? Status.RoleName.FOLLOWER.toString()
                : now.role().toString();
    }

    String end() {
        return text + "}";
    }

    private ProtocolLine raw(String name, String json) {
        if (text.length() > 1) {
            text.append(',');
        }
        text.append(quoted(name)).append(':').append(json);
        return this;
    }

    /** Ids, kinds and numbers need no escapes. */
    private static String quoted(String plain) {
        return '"' + plain + '"';
    }

    private static String ids(Collection<NodeId> ids) {
        return ids.stream().map(id -> quoted(id.value())).collect(Collectors.joining(",", "[", "]"));
    }

    private static String text(List<Entry> entries) {
        return entries.stream().map(ProtocolLine::text).collect(Collectors.joining(",", "[", "]"));
    }

    /** What a command says does not matter, only that it is the same. */
    private static String text(Entry entry) {
        boolean configures = entry.type() == Entry.Type.CONFIGURATION;
        Configuration config = configures ? Configuration.decode(entry.payload()) : Configuration.EMPTY;
        String configured = new ProtocolLine()
                .raw("voters", ids(config.voters()))
                .raw("outgoing", ids(config.outgoing()))
                .raw("members", ids(config.members().stream().map(Member::id).toList()))
                .end();
        boolean command = !configures && entry.type() != Entry.Type.NO_OP;
        return new ProtocolLine()
                .with("term", entry.term())
                .with("type", entry.type().name().toLowerCase(Locale.ROOT))
                .with("value", command ? Integer.toHexString(entry.payload().hashCode()) : "")
                .raw("config", configured)
                .end();
    }

    private static String text(Message message, long question) {
        ProtocolLine line = new ProtocolLine()
                .with("kind", message.getClass().getSimpleName())
                .with("from", message.envelope().from())
                .with("to", message.envelope().to())
                .with("term", message.term());
        message.dispatch(line.new Content(question));
        return line.end();
    }

    private ProtocolLine last(EntryId last) {
        return with("lastTerm", last.term()).with("lastIndex", last.index());
    }

    private ProtocolLine session(Message message) {
        return with("session", message.envelope().session());
    }

    private final class Content implements Message.Handler {
        private final long question;

        private Content(long question) {
            this.question = question;
        }

        @Override
        public void on(Message.PreVoteRequest request) {
            last(request.lastLog());
        }

        @Override
        public void on(Message.PreVoteResponse response) {
            with("granted", response.granted());
        }

        @Override
        public void on(Message.VoteRequest request) {
            last(request.lastLog()).with("transfer", request.transfer());
        }

        @Override
        public void on(Message.VoteResponse response) {
            with("granted", response.granted());
        }

        @Override
        public void on(Message.AppendRequest request) {
            session(request)
                    .with("commit", request.leaderCommit())
                    .with("sequence", request.readSequence())
                    .with("previousIndex", request.previous().index())
                    .with("previousTerm", request.previous().term())
                    .with(request.entries());
        }

        @Override
        public void on(Message.AppendResponse response) {
            session(response)
                    .with("success", response.success())
                    .with("match", response.matchIndex())
                    .with("hintTerm", response.hint().term())
                    .with("hintIndex", response.hint().index())
                    .with("sequence", response.readSequence());
        }

        @Override
        public void on(Message.Heartbeat heartbeat) {
            session(heartbeat).with("commit", heartbeat.leaderCommit()).with("sequence", heartbeat.readSequence());
        }

        @Override
        public void on(Message.HeartbeatResponse response) {
            session(response).with("match", response.matchIndex()).with("sequence", response.readSequence());
        }

        @Override
        public void on(Message.InstallSnapshot offer) {
            session(offer)
                    .with("index", offer.snapshot().index())
                    .with("lastTerm", offer.snapshot().last().term())
                    .with("sequence", offer.readSequence());
        }

        @Override
        public void on(Message.InstallSnapshotResponse response) {
            session(response)
                    .with("match", response.matchIndex())
                    .with("failed", response.failed())
                    .with("sequence", response.readSequence());
        }

        @Override
        public void on(Message.TimeoutNow order) {}

        @Override
        public void on(Message.ReadIndexRequest request) {
            with("nonce", question);
        }

        @Override
        public void on(Message.ReadIndexResponse response) {
            with("nonce", question)
                    .with("success", response.success())
                    .with("index", response.readIndex())
                    .with("commit", response.leaderCommit());
        }
    }
}
