package io.raftlite.http;

import static io.raftlite.http.Messages.append;
import static io.raftlite.http.Messages.heartbeat;
import static io.raftlite.http.Messages.preVoteRequest;
import static io.raftlite.http.Messages.voteRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message;
import io.raftlite.NodeId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpTransportMembersTest {
    private static final NodeId MOVER = NodeId.of("mover");

    private TestNode a;
    private TestNode b;
    private TestNode c;

    @BeforeEach
    void start() {
        a = new TestNode("A");
        b = new TestNode("B");
        c = new TestNode("C");
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
        c.close();
    }

    @Test
    void a_member_that_is_added_is_spoken_to() throws InterruptedException {
        a.join(b);
        c.join(a);

        members(a, b, c);
        a.send(heartbeat(a, c, 1));

        assertThat(Await.next(c.received)).isEqualTo(heartbeat(a, c, 1));
        assertThat(a.transport().peers()).extracting(PeerStatus::id).containsExactlyInAnyOrder(b.id(), c.id());
    }

    @Test
    void nothing_goes_to_a_member_that_was_removed() throws InterruptedException {
        a.join(b, c);
        b.join(a);
        c.join(a);
        a.send(heartbeat(a, c, 1));
        Await.next(c.received);

        members(a, b);
        a.send(heartbeat(a, c, 2));
        a.send(append(a, c, 3));
        a.send(heartbeat(a, b, 4));

        Await.next(b.received);
        assertThat(c.received).isEmpty();
        assertThat(a.transport().peers()).extracting(PeerStatus::id).containsExactly(b.id());
    }

    @Test
    void a_node_without_members_answers_the_leader_that_calls_it() throws InterruptedException {
        a.join(b);
        b.join();
        b.core = Messages::yes;
        List<Message> requests = List.of(heartbeat(a, b, 1), Messages.offer(a, b, 2), append(a, b, 3));

        for (Message request : requests) {
            a.send(request);

            assertThat(Await.next(b.received)).isEqualTo(request);
            assertThat(Await.next(a.received)).isEqualTo(Messages.yes(request).orElseThrow());
        }
    }

    @Test
    void a_request_is_answered_although_its_sender_has_become_a_member_meanwhile() throws InterruptedException {
        a.join(b);
        b.join();
        a.send(append(a, b, 1));
        Message request = Await.next(b.received);

        members(b, a);
        b.send(Messages.yes(request).orElseThrow());

        assertThat(Await.next(a.received)).isEqualTo(Messages.yes(request).orElseThrow());
    }

    @Test
    void a_request_is_answered_although_its_sender_was_removed_meanwhile() throws InterruptedException {
        a.join(b);
        b.join(a);
        a.send(append(a, b, 1));
        a.send(voteRequest(a, b, 2));
        List<Message> requests = List.of(Await.next(b.received), Await.next(b.received));

        members(b);
        for (Message request : requests) {
            b.send(Messages.yes(request).orElseThrow());

            assertThat(Await.next(a.received)).isEqualTo(Messages.yes(request).orElseThrow());
        }
        b.core = Messages::yes;
        a.send(preVoteRequest(a, b, 3));
        assertThat(Await.next(a.received)).isInstanceOf(Message.PreVoteResponse.class);
    }

    @Test
    void a_member_that_moved_is_found_and_others_notice_nothing() throws InterruptedException {
        TestNode before = new TestNode("M", MOVER);
        TestNode after = new TestNode("M", MOVER);
        try (before;
                after) {
            a.join(Map.of(MOVER, before.url(), b.id(), b.url()));
            before.join(a);
            after.join(a);
            b.join(a);
            after.core = Messages::yes;
            a.send(append(a, before, 1));
            Await.next(before.received);
            a.send(append(a, b, 2));
            Message open = Await.next(b.received);

            a.transport().members(Map.of(MOVER, Peering.at(after.url()), b.id(), Peering.at(b.url())));
            a.send(append(a, after, 3));
            a.send(heartbeat(a, after, 4));
            b.send(Messages.yes(open).orElseThrow());

            assertThat(List.of(Await.next(after.received), Await.next(after.received)))
                    .containsExactlyInAnyOrder(append(a, after, 3), heartbeat(a, after, 4));
            assertThat(List.of(Await.next(a.received), Await.next(a.received), Await.next(a.received)))
                    .extracting(message -> message.envelope().nonce())
                    .containsExactlyInAnyOrder(2L, 3L, 4L);
            assertThat(before.received).isEmpty();
            assertThat(a.transport().peers())
                    .extracting(PeerStatus::url)
                    .containsExactlyInAnyOrder(after.url(), b.url());
        }
    }

    @Test
    void the_crash_of_a_member_that_left_and_came_back_is_told() throws InterruptedException {
        a.join(b);
        b.join(a);
        b.core = Messages::yes;
        a.send(heartbeat(a, b, 1));
        Await.next(a.received);
        members(b);
        members(b, a);
        a.send(heartbeat(a, b, 2));
        Await.next(a.received);

        a.transport().close();

        assertThat(Await.next(b.disconnected)).isEqualTo(a.id());
    }

    @Test
    void to_bind_a_member_to_the_disk_that_it_has_ends_no_connection() throws InterruptedException {
        a.join(b);
        b.join(a);
        b.core = Messages::yes;
        a.send(heartbeat(a, b, 1));
        Await.next(a.received);

        a.transport().members(Map.of(b.id(), new Peering(b.url(), b.incarnation)));
        a.send(heartbeat(a, b, 2));

        assertThat(Await.next(a.received).envelope().nonce()).isEqualTo(2);
        assertThat(b.disconnected).isEmpty();
    }

    @Test
    void members_may_change_while_messages_fly() throws InterruptedException {
        a.join(b);
        b.join(a);
        b.core = Messages::yes;
        Thread changes = new Thread(() -> {
            for (int i = 0; i < 200; i++) {
                members(a, b, c);
                members(a, b);
            }
        });
        changes.start();
        for (int i = 1; i <= 500; i++) {
            a.send(append(a, b, i));
            Await.next(a.received);
        }
        changes.join();

        assertThat(b.drain())
                .extracting(message -> message.envelope().nonce())
                .isSorted()
                .hasSize(500);
    }

    @Test
    void what_comes_from_a_wiped_disk_is_refused_until_the_member_was_added_anew() throws InterruptedException {
        a.join(b);
        b.join(a);
        a.core = Messages::yes;
        a.transport().members(Map.of(b.id(), new Peering(b.url(), 7)));
        b.send(preVoteRequest(b, a, 1));
        Await.until("B is refused", () -> !b.peer().lastRefusal().isEmpty());

        assertThat(b.peer().lastRefusal()).isEqualTo(wiped(b, 7, 1));
        assertThat(a.received).isEmpty();

        members(a);
        members(a, b);
        b.send(preVoteRequest(b, a, 2));
        assertThat(Await.next(b.received)).isInstanceOf(Message.PreVoteResponse.class);
    }

    @Test
    void a_wiped_node_takes_nothing_that_is_meant_for_what_it_was() {
        a.join(b);
        b.join(a);
        b.core = Messages::yes;
        a.transport().members(Map.of(b.id(), new Peering(b.url(), 7)));
        a.send(heartbeat(a, b, 1));
        Await.until("A is refused", () -> !a.peer().lastRefusal().isEmpty());

        assertThat(a.peer().lastRefusal()).isEqualTo(wiped(b, 7, 1));
        assertThat(b.received).isEmpty();
    }

    @Test
    void an_answer_of_another_incarnation_is_dropped() {
        a.wire = Wire.JSON;
        b.incarnation = 7;
        a.join(b);
        b.join(a);
        // It says that its incarnation is 1.
        b.core = Messages::yes;
        a.transport().members(Map.of(b.id(), new Peering(b.url(), 7)));
        a.send(heartbeat(a, b, 1));
        Await.until("A knows why", () -> !a.peer().lastRefusal().isEmpty());

        assertThat(a.peer().lastRefusal()).isEqualTo(wiped(b, 7, 1));
        assertThat(a.received).isEmpty();
    }

    private static String wiped(TestNode node, long bound, long other) {
        return "member \"" + node.id() + "\" has incarnation " + bound + ", but the node there now has " + other
                + ": its data directory was wiped or replaced, and it has forgotten what it promised:"
                + " start it with its old data, or remove the member and add it again";
    }

    private static void members(TestNode node, TestNode... peers) {
        Map<NodeId, Peering> members = new TreeMap<>();
        members.put(node.id(), Peering.at(node.url()));
        for (TestNode peer : peers) {
            members.put(peer.id(), Peering.at(peer.url()));
        }
        node.transport().members(members);
    }
}
