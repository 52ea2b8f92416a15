package io.raftlite.sim;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.Message;
import io.raftlite.NodeId;
import io.raftlite.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What every {@link Transport} must do where the network is sound, as checks that any test framework can run one by one. The
 * transports of this project pass it: the two of raft-transport-http, and the simulated network.
 *
 * <p>A transport may lose, delay, double and reorder messages; it must not change one, bring it to somebody else, throw, or
 * let the nodes that run wait for one that does not.
 */
public final class TransportContract {
    /**
     * Three nodes that know each other and run, each with a transport and an inbox that remembers. The envelopes of the
     * checks have the incarnation 1.
     */
    public interface Bench extends AutoCloseable {
        /** Returns the id of the cluster. */
        String cluster();

        /** Returns the ids of the three nodes. */
        List<NodeId> nodes();

        /** Returns what a node sends by. */
        Transport transport(NodeId node);

        /** Says what a node is to send, by its own transport, for each message that it receives; nothing at first. */
        void answer(NodeId node, Function<Message, Optional<Message>> how);

        /** Returns what a node has received so far. */
        List<Message> received(NodeId node);

        /** Ends a node's process; it receives nothing until {@link #start}. */
        void stop(NodeId node) throws IOException;

        /** Starts a node again, where it was. */
        void start(NodeId node) throws IOException;

        /** Lets messages travel until {@code condition} holds, or gives up after what is long for it. */
        void await(BooleanSupplier condition);

        @Override
        void close() throws IOException;
    }

    /** Tries one rule. */
    private interface Rule {
        void tryOn(TransportTrial trial) throws IOException;
    }

    private static final int LARGE_BYTES = 256 << 10;
    private static final int MANY = 200;
    private static final long HIGHEST = (1L << 53) - 1;

    private TransportContract() {}

    /**
     * Returns the checks.
     *
     * @param benches makes new nodes, in which nothing was sent yet
     */
    public static List<ContractCheck> checks(Supplier<Bench> benches) {
        List<ContractCheck> checks = new ArrayList<>();
        for (Sample sample : samples()) {
            String name = "a message arrives as it was, and so does its answer: " + sample.name;
            checks.add(check(benches, name, trial -> exchange(trial, sample)));
        }
        checks.add(check(benches, "numbers up to 2^53 - 1 arrive as they were", TransportContract::highNumbers));
        checks.add(check(benches, "large entries arrive whole", TransportContract::largeEntries));
        checks.add(check(benches, "a message comes to the one it is addressed to", TransportContract::addressees));
        checks.add(check(benches, "a node that does not run keeps nobody waiting", TransportContract::absence));
        checks.add(check(benches, "a node that comes back is reached again", TransportContract::comeback));
        checks.add(check(benches, "what is sent to a stranger is dropped", TransportContract::strangers));
        checks.add(check(benches, "an answer that nobody asked for does no harm", TransportContract::unasked));
        return checks;
    }

    private static ContractCheck check(Supplier<Bench> benches, String name, Rule rule) {
        return new ContractCheck(name, () -> {
            try (Bench bench = benches.get()) {
                rule.tryOn(new TransportTrial(bench));
            }
        });
    }

    /** A question that one node may ask another, and its answer, if there is one. */
    private record Sample(
            String name, Function<Envelope, Message> question, Function<Envelope, Optional<Message>> answer) {}

    private static List<Sample> samples() {
        List<Entry> entries = List.of(
                Entry.of(new EntryId(7, 3), 11, Entry.Type.NO_OP, ByteBuffer.allocate(0)),
                Entry.of(new EntryId(8, 3), 12, Entry.Type.COMMAND, ByteBuffer.wrap(new byte[] {-1, 0, 'x'})));
        return List.of(
                new Sample(
                        "pre-vote",
                        ask -> new Message.PreVoteRequest(ask, 4, new EntryId(7, 2)),
                        answer -> Optional.of(new Message.PreVoteResponse(answer, 3, true, new EntryId(2, 1)))),
                new Sample(
                        "vote",
                        ask -> new Message.VoteRequest(ask, 4, new EntryId(7, 2), true),
                        answer -> Optional.of(new Message.VoteResponse(answer, 4, false))),
                new Sample(
                        "append",
                        ask -> new Message.AppendRequest(ask, 3, new EntryId(6, 2), entries, 6, 5),
                        answer -> Optional.of(new Message.AppendResponse(answer, 3, true, 8, EntryId.ZERO, 5))),
                new Sample(
                        "append without entries",
                        ask -> new Message.AppendRequest(ask, 3, new EntryId(6, 2), List.of(), 6, 5),
                        answer -> Optional.of(new Message.AppendResponse(answer, 3, false, 0, new EntryId(4, 1), 5))),
                new Sample(
                        "heartbeat",
                        ask -> new Message.Heartbeat(ask, 3, 6, 5, 400),
                        answer -> Optional.of(new Message.HeartbeatResponse(answer, 3, 6, 5, 400))),
                new Sample(
                        "snapshot",
                        ask -> new Message.InstallSnapshot(ask, 3, TransportTrial.SNAPSHOT, 12, 5),
                        answer -> Optional.of(new Message.InstallSnapshotResponse(answer, 3, 12, 900, false, 5))),
                new Sample(
                        "read index",
                        ask -> new Message.ReadIndexRequest(ask, 3),
                        answer -> Optional.of(new Message.ReadIndexResponse(answer, 3, true, 7, 8))),
                new Sample("timeout now", ask -> new Message.TimeoutNow(ask, 3), answer -> Optional.empty()));
    }

    private static void exchange(TransportTrial trial, Sample sample) {
        Message question = sample.question.apply(trial.envelope(0, 1, 1));
        Optional<Message> answer = sample.answer.apply(trial.envelope(1, 0, 1));
        trial.answer(1, message -> message.equals(question) ? answer : Optional.empty());

        trial.send(question);

        trial.requireArrival(question);
        answer.ifPresent(trial::requireArrival);
    }

    private static void highNumbers(TransportTrial trial) {
        Message high = new Message.Heartbeat(trial.envelope(0, 1, HIGHEST), HIGHEST, HIGHEST, HIGHEST, HIGHEST);

        trial.send(high);

        trial.requireArrival(high);
    }

    private static void largeEntries(TransportTrial trial) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            byte[] payload = new byte[LARGE_BYTES];
            for (int at = 0; at < LARGE_BYTES; at++) {
                payload[at] = (byte) (at * i);
            }
            entries.add(Entry.of(new EntryId(i, 3), 0, Entry.Type.COMMAND, ByteBuffer.wrap(payload)));
        }
        Message append = new Message.AppendRequest(trial.envelope(0, 1, 1), 3, EntryId.ZERO, entries, 0, 0);

        trial.send(append);

        trial.requireArrival(append);
    }

    private static void addressees(TransportTrial trial) {
        List<Message> all = new ArrayList<>();
        for (int from = 0; from < 3; from++) {
            for (int to = 0; to < 3; to++) {
                if (from != to) {
                    all.add(trial.heartbeat(from, to, 10L * from + to));
                }
            }
        }

        all.forEach(trial::send);

        all.forEach(trial::requireArrival);
        trial.requireOnlyOwn();
    }

    private static void absence(TransportTrial trial) throws IOException {
        trial.stop(1);

        for (int nonce = 1; nonce <= MANY; nonce++) {
            trial.send(trial.heartbeat(0, 1, nonce));
            trial.send(new Message.AppendRequest(
                    trial.envelope(0, 1, MANY + nonce), 3, new EntryId(6, 2), List.of(), 6, 0));
        }
        Message other = trial.heartbeat(0, 2, 1);
        trial.send(other);

        trial.requireArrival(other);
    }

    private static void comeback(TransportTrial trial) throws IOException {
        trial.send(trial.heartbeat(0, 1, 1));
        trial.requireArrival(trial.heartbeat(0, 1, 1));
        trial.stop(1);
        trial.send(trial.heartbeat(0, 1, 2));
        trial.start(1);

        trial.requireArrivalOfOne(nonce -> trial.heartbeat(0, 1, 2 + nonce));
    }

    private static void strangers(TransportTrial trial) {
        Envelope toStranger = new Envelope(
                trial.envelope(0, 1, 1).cluster(), trial.envelope(0, 1, 1).from(), NodeId.of("stranger"), 1, 0, 1);

        trial.send(new Message.Heartbeat(toStranger, 3, 6, 0));
        trial.send(trial.heartbeat(0, 1, 2));

        trial.requireArrival(trial.heartbeat(0, 1, 2));
        trial.requireOnlyOwn();
    }

    private static void unasked(TransportTrial trial) {
        trial.send(new Message.VoteResponse(trial.envelope(0, 1, 99), 3, true));
        trial.send(trial.heartbeat(0, 1, 2));

        trial.requireArrival(trial.heartbeat(0, 1, 2));
    }
}
