package io.raftlite.http;

import static io.raftlite.http.Messages.append;
import static io.raftlite.http.Messages.command;
import static io.raftlite.http.Messages.heartbeat;
import static io.raftlite.http.Messages.offer;
import static io.raftlite.http.Messages.preVoteRequest;
import static io.raftlite.http.Messages.readIndex;
import static io.raftlite.http.Messages.timeoutNow;
import static io.raftlite.http.Messages.voteRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Message;
import io.raftlite.NodeId;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds for a transport, however its requests travel. */
abstract class HttpTransportContract {
    final Wire wire;
    TestNode a;
    TestNode b;

    HttpTransportContract(Wire wire) {
        this.wire = wire;
    }

    @BeforeEach
    void start() {
        a = new TestNode("A");
        b = new TestNode("B");
        a.wire = wire;
        b.wire = wire;
        a.join(b);
        b.join(a);
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
    }

    @Test
    void each_request_is_delivered_as_it_was_and_brings_its_answer_home() throws InterruptedException {
        b.core = Messages::yes;
        Entry noOp = Entry.of(new EntryId(7, 3), 11, Entry.Type.NO_OP, ByteBuffer.allocate(0));
        List<Message> requests = List.of(
                heartbeat(a, b, 1),
                voteRequest(a, b, 2),
                preVoteRequest(a, b, 3),
                offer(a, b, 6),
                readIndex(a, b, 7),
                append(a, b, 4),
                append(a, b, 5, noOp, command(8, "SET x=100"), command(9, new byte[] {-1, 0, 1})));

        for (Message request : requests) {
            a.send(request);

            assertThat(Await.next(b.received)).isEqualTo(request);
            assertThat(Optional.of(Await.next(a.received))).isEqualTo(Messages.yes(request));
        }
    }

    @Test
    void an_order_to_stand_for_election_is_delivered_and_has_no_answer() throws InterruptedException {
        a.send(timeoutNow(a, b, 1));

        assertThat(Await.next(b.received)).isEqualTo(timeoutNow(a, b, 1));
        Await.until("B is known to have taken it", () -> a.peer().reachable());
        assertThat(a.received).isEmpty();
    }

    @Test
    void heartbeats_and_votes_overtake_read_indexes_that_wait_for_a_quorum() throws InterruptedException {
        b.core = message -> message instanceof Message.ReadIndexRequest ? Optional.empty() : Messages.yes(message);
        for (int i = 1; i <= 50; i++) {
            a.send(readIndex(a, b, i));
        }

        a.send(heartbeat(a, b, 100));
        assertThat(Await.next(a.received)).isInstanceOf(Message.HeartbeatResponse.class);
        a.send(voteRequest(a, b, 101));
        assertThat(Await.next(a.received)).isInstanceOf(Message.VoteResponse.class);
        a.send(timeoutNow(a, b, 102));
        a.send(offer(a, b, 103));
        assertThat(Await.next(a.received)).isInstanceOf(Message.InstallSnapshotResponse.class);
    }

    @Test
    void ids_names_and_clusters_may_hold_any_character() throws InterruptedException {
        TestNode c = new TestNode("Zürich 100%");
        c.cluster = "größte, 東京";
        a.cluster = c.cluster;
        try (c) {
            c.join(Map.of(NodeId.of("naïve id %41"), a.url()));
            a.join(c);
            a.send(heartbeat(a, c, 1));

            assertThat(Await.next(c.received).envelope().cluster()).isEqualTo(c.cluster);
        }
    }

    @Test
    void thousands_of_concurrent_appends_arrive_in_the_order_in_which_they_were_sent() throws InterruptedException {
        int count = 5_000;
        Semaphore window = new Semaphore(64);
        b.core = Messages::yes;
        a.core = answer -> {
            window.release();
            return Optional.empty();
        };

        for (int i = 1; i <= count; i++) {
            assertThat(window.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            a.send(append(a, b, i, command(i, "command " + i)));
        }
        Await.until("all appends have arrived", () -> b.received.size() == count);

        List<Long> nonces =
                b.drain().stream().map(message -> message.envelope().nonce()).toList();
        assertThat(nonces).isEqualTo(LongStream.rangeClosed(1, count).boxed().toList());
    }

    @Test
    void heartbeats_and_votes_overtake_appends_that_wait_for_a_slow_disk() throws InterruptedException {
        // No append is ever answered, as if the disk of B hung.
        b.core = message -> message instanceof Message.AppendRequest ? Optional.empty() : Messages.yes(message);
        byte[] large = new byte[256 << 10];
        for (int i = 1; i <= 64; i++) {
            a.send(append(a, b, i, command(i, large)));
        }

        a.send(heartbeat(a, b, 100));
        assertThat(Await.next(a.received)).isInstanceOf(Message.HeartbeatResponse.class);
        a.send(voteRequest(a, b, 101));
        assertThat(Await.next(a.received)).isInstanceOf(Message.VoteResponse.class);

        Await.until("all appends have arrived", () -> b.received.size() == 66);
    }

    @Test
    void a_crash_of_the_receiver_is_told_at_once_and_once() throws InterruptedException {
        b.core = Messages::yes;
        a.send(heartbeat(a, b, 1));
        Await.next(a.received);
        assertThat(a.peer().reachable()).isTrue();

        b.stopServer();
        a.send(heartbeat(a, b, 2));

        assertThat(Await.next(a.disconnected)).isEqualTo(b.id());
        assertThat(a.peer().reachable()).isFalse();
        for (int i = 3; i < 10; i++) {
            a.send(heartbeat(a, b, i));
        }
        assertThat(a.disconnected).isEmpty();
    }

    @Test
    void a_crash_of_the_sender_is_told_at_once() throws InterruptedException {
        b.core = Messages::yes;
        a.send(heartbeat(a, b, 1));
        Await.next(a.received);

        a.transport().close();

        assertThat(Await.next(b.disconnected)).isEqualTo(a.id());
    }

    @Test
    void connections_that_carry_appends_alone_tell_nothing_when_they_end() throws InterruptedException {
        b.core = Messages::yes;
        a.send(append(a, b, 1));
        Await.next(a.received);
        a.transport().close();
        TestNode c = new TestNode("C");
        try (c) {
            c.join(b);
            b.join(c);
            c.send(heartbeat(c, b, 1));
            Await.next(b.received);

            assertThat(b.disconnected).isEmpty();
        }
    }

    @Test
    void a_peer_that_returns_is_reached_at_once_however_long_it_was_away() throws InterruptedException {
        b.core = Messages::yes;
        b.stopServer();
        long nonce = 0;
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(2)) {
            a.send(heartbeat(a, b, ++nonce));
            TimeUnit.MILLISECONDS.sleep(5);
        }
        b.restartServer();
        // Its first word ends the back-off, which may have most of a second to go.
        b.send(preVoteRequest(b, a, 1));
        Await.next(a.received);

        a.send(append(a, b, 50));

        // Answers to heartbeats that knocked in the meantime come first.
        Await.next(a.received, Message.AppendResponse.class::isInstance);
    }

    @Test
    void a_waiting_heartbeat_knocks_by_itself_until_a_silent_peer_is_there() throws InterruptedException {
        b.core = Messages::yes;
        b.stopServer();
        a.send(heartbeat(a, b, 1));
        Await.until("B is known to be away", () -> a.peer().reachable() || !a.disconnected.isEmpty() || knocked());
        b.restartServer();
        a.send(heartbeat(a, b, 2));
        a.send(heartbeat(a, b, 3));

        // The first may have waited to be delivered, and be answered too.
        Message answer = Await.next(a.received, message -> message.envelope().nonce() >= 2);
        assertThat(answer.envelope().nonce()).isGreaterThanOrEqualTo(2);
    }

    private boolean knocked() {
        a.send(heartbeat(a, b, 9));
        return true;
    }

    @Test
    void a_dead_process_that_is_replaced_by_a_new_one_costs_no_more_than_what_was_under_way() throws Exception {
        b.core = Messages::yes;
        for (int i = 1; i <= 40; i++) {
            a.send(append(a, b, i));
        }
        Await.until("all are answered", () -> a.received.size() == 40);
        a.drain();
        b.stopServer();
        b.restartServer();

        List<Message> answers = new ArrayList<>();
        long nonce = 100;
        while (answers.isEmpty()) {
            a.send(append(a, b, nonce++));
            TimeUnit.MILLISECONDS.sleep(20);
            a.received.drainTo(answers);
            assertThat(nonce)
                    .as("each append met a connection of the old process")
                    .isLessThan(110);
        }
    }

    @Test
    void an_address_is_reached_by_whichever_family_its_host_name_answers() throws InterruptedException {
        b.core = Messages::yes;
        a.join(Map.of(b.id(), URI.create("http://localhost:" + b.url().getPort())));

        a.send(heartbeat(a, b, 1));

        assertThat(Await.next(b.received)).isEqualTo(heartbeat(a, b, 1));
    }

    @Test
    void peers_tell_their_names_in_requests_and_in_answers() throws InterruptedException {
        b.core = Messages::yes;
        assertThat(a.peer()).isEqualTo(new PeerStatus(b.id(), b.url(), "", false, ""));

        a.send(heartbeat(a, b, 1));
        Await.next(a.received);

        assertThat(a.peer()).isEqualTo(new PeerStatus(b.id(), b.url(), "B", true, ""));
        assertThat(b.peer()).isEqualTo(new PeerStatus(a.id(), a.url(), "A", true, ""));
    }

    @Test
    void a_second_node_of_one_name_is_refused_though_it_only_answers() throws InterruptedException {
        TestNode other = new TestNode("B");
        try (other) {
            other.join(a);
            a.join(b, other);
            b.core = Messages::yes;
            other.core = Messages::yes;
            a.send(heartbeat(a, b, 1));
            Await.next(a.received);

            a.send(heartbeat(a, other, 2));

            Await.until("it is refused", () -> !status(a, other).lastRefusal().isEmpty());
            assertThat(status(a, other).lastRefusal())
                    .isEqualTo("two nodes are named \"B\": \"" + b.id() + "\" and \"" + other.id()
                            + "\": start one of them with another --id");
            assertThat(status(a, b).lastRefusal()).isEmpty();
            assertThat(a.received).isEmpty();
        }
    }

    @Test
    void a_node_that_answers_by_the_name_of_this_one_is_refused() {
        TestNode namesake = new TestNode("A");
        try (namesake) {
            namesake.join(b);
            namesake.core = Messages::yes;
            a.join(namesake);

            a.send(heartbeat(a, namesake, 1));

            Await.until("it is refused", () -> !a.peer().lastRefusal().isEmpty());
            assertThat(a.peer().lastRefusal())
                    .startsWith("two nodes are named \"A\"")
                    .endsWith("another --id");
            assertThat(a.received).isEmpty();
        }
    }

    private static PeerStatus status(TestNode node, TestNode peer) {
        return node.transport().peers().stream()
                .filter(status -> status.id().equals(peer.id()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_refusal_is_shown_until_the_peer_accepts() throws InterruptedException {
        b.core = Messages::yes;
        a.cluster = "c2";
        a.join(b);
        a.send(heartbeat(a, b, 1));
        Await.until("a refusal has come", () -> !a.peer().lastRefusal().isEmpty());

        assertThat(a.peer().lastRefusal())
                .isEqualTo("the message is of cluster \"c2\", this node is of cluster \"c1\": start all nodes of one"
                        + " cluster with the same --cluster name and the same members in --peers,"
                        + " all as URLs or all as ID=URL");
        assertThat(a.peer().reachable()).isTrue();
        assertThat(b.received).isEmpty();
    }

    @Test
    void close_ends_every_thread_and_every_exchange() throws InterruptedException {
        for (int i = 1; i <= 20; i++) {
            a.send(append(a, b, i));
            a.send(heartbeat(a, b, 100 + i));
        }
        Await.until("B holds open exchanges", () -> b.received.size() >= 21);

        a.transport().close();
        b.transport().close();

        Await.until("no thread of the transports is left", () -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("raft-http")
                        || thread.getName().startsWith("OkHttp http:")));
        a.send(heartbeat(a, b, 200));
        assertThat(a.received).isEmpty();
    }

    @Test
    void messages_for_strangers_are_dropped() {
        TestNode stranger = new TestNode("S");
        try (stranger) {
            a.send(heartbeat(a, stranger, 1));
            a.send(append(a, stranger, 2));
            a.send(Messages.yes(heartbeat(stranger, a, 3)).orElseThrow());

            assertThat(a.transport().peers()).hasSize(1);
        }
    }
}
