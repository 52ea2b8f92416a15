package io.raftlite;

import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.ReadIndexRequest;
import io.raftlite.Message.ReadIndexResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Linearizable reads at a follower, and what the leader answers it. */
class FollowerReadsTest {
    @Test
    void follower_asks_its_leader_for_the_index() {
        TestServer follower = followsB();

        read(follower, 1);
        ReadIndexRequest asked = question(follower);
        follower.receive(answer(follower, asked, 7));

        assertThat(asked.envelope().to()).isEqualTo(B);
        assertThat(follower.results).containsExactly(new Ready.ReadConfirmed(1, 7));
    }

    @Test
    void reads_that_come_while_a_question_is_under_way_share_the_next_one() {
        TestServer follower = followsB();
        read(follower, 1);
        ReadIndexRequest first = question(follower);
        read(follower, 2);
        read(follower, 3);
        assertThat(follower.sent()).isEmpty();

        follower.receive(answer(follower, first, 7));
        assertThat(follower.results).containsExactly(new Ready.ReadConfirmed(1, 7));
        follower.receive(answer(follower, question(follower), 8));

        assertThat(follower.results)
                .containsExactly(
                        new Ready.ReadConfirmed(1, 7), new Ready.ReadConfirmed(2, 8), new Ready.ReadConfirmed(3, 8));
    }

    @Test
    void question_without_an_answer_is_asked_again_when_the_leader_is_heard() {
        TestServer follower = followsB();
        read(follower, 1);
        question(follower);
        follower.advance(Duration.ofMillis(100));

        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));
        ReadIndexRequest again = question(follower);
        follower.receive(answer(follower, again, 7));

        assertThat(follower.results).containsExactly(new Ready.ReadConfirmed(1, 7));
    }

    @Test
    void reads_fail_when_another_leader_is_followed() {
        TestServer follower = followsB();
        read(follower, 1);
        read(follower, 2);

        follower.receive(new Heartbeat(follower.from(C), 2, 0, 0));

        assertThat(follower.results).hasSize(2).allSatisfy(FollowerReadsTest::failsWithNotLeader);
    }

    @Test
    void reads_fail_when_who_was_asked_leads_no_more() {
        TestServer follower = followsB();
        read(follower, 1);
        ReadIndexRequest asked = question(follower);

        follower.receive(new ReadIndexResponse(follower.replyTo(asked), 1, false, 0, 0));

        assertThat(follower.results).singleElement().satisfies(FollowerReadsTest::failsWithNotLeader);
    }

    @Test
    void read_that_expired_is_confirmed_no_more() {
        TestServer follower = followsB();
        read(follower, 1);
        ReadIndexRequest asked = question(follower);
        follower.raft.expire(1);
        follower.turn();
        follower.results.clear();

        follower.receive(answer(follower, asked, 7));

        assertThat(follower.results).isEmpty();
    }

    @Test
    void leader_names_an_index_after_a_round_that_began_after_the_question() {
        TestServer leader = TestServer.of(3, 0, NodeId.NONE).elected();
        leader.persistAll();
        leader.matched(B, 0, 1);
        leader.sent();

        leader.receive(new ReadIndexRequest(leader.from(C), 1));
        List<Message> round = leader.sent();
        assertThat(round).noneMatch(ReadIndexResponse.class::isInstance);
        leader.answerHeartbeats(round, B);

        assertThat(leader.sent(ReadIndexResponse.class)).singleElement().satisfies(answer -> {
            assertThat(answer.success()).isTrue();
            assertThat(answer.readIndex()).isEqualTo(1);
            assertThat(answer.envelope().to()).isEqualTo(C);
        });
    }

    @Test
    void follower_that_is_asked_says_that_it_does_not_lead() {
        TestServer follower = followsB();

        follower.receive(new ReadIndexRequest(follower.from(C), 1));

        assertThat(follower.sent(ReadIndexResponse.class))
                .extracting(ReadIndexResponse::success)
                .containsExactly(false);
    }

    private static TestServer followsB() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE);
        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));
        follower.sent();
        return follower;
    }

    private static void read(TestServer server, long request) {
        server.raft.read(request);
        server.turn();
    }

    private static ReadIndexRequest question(TestServer follower) {
        List<ReadIndexRequest> asked = follower.sent(ReadIndexRequest.class);
        assertThat(asked).hasSize(1);
        return asked.get(0);
    }

    private static ReadIndexResponse answer(TestServer follower, ReadIndexRequest request, long index) {
        return new ReadIndexResponse(follower.replyTo(request), 1, true, index, index);
    }

    private static void failsWithNotLeader(Ready.Result result) {
        assertThat(((Ready.Failed) result).cause()).isInstanceOf(RaftException.NotLeader.class);
    }
}
