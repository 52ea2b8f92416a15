package io.raftlite;

import static io.raftlite.TestServer.A;
import static io.raftlite.TestServer.B;
import static io.raftlite.TestServer.C;
import static io.raftlite.TestServer.leader;
import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.Message.Heartbeat;
import io.raftlite.Message.ReadIndexRequest;
import io.raftlite.Message.ReadIndexResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Read indexes: those that a leader gives away, and those that a follower asks for. */
class ReadTest {
    @Test
    void a_follower_asks_the_leader_and_confirms_what_it_answers() {
        TestServer follower = follower();

        follower.raft.read(7);
        follower.turn();
        ReadIndexRequest question = follower.sent(ReadIndexRequest.class).get(0);
        assertThat(question.envelope().to()).isEqualTo(B);
        follower.receive(new ReadIndexResponse(follower.replyTo(question), 1, true, 5, 5));

        assertThat(follower.results).containsExactly(new Ready.ReadConfirmed(7, 5));
    }

    @Test
    void a_read_that_comes_while_a_question_is_under_way_joins_the_next_one() {
        TestServer follower = follower();
        follower.raft.read(7);
        follower.turn();
        ReadIndexRequest first = follower.sent(ReadIndexRequest.class).get(0);
        follower.raft.read(8);
        follower.turn();
        assertThat(follower.sent()).isEmpty();

        follower.receive(new ReadIndexResponse(follower.replyTo(first), 1, true, 5, 5));
        assertThat(follower.results).containsExactly(new Ready.ReadConfirmed(7, 5));
        ReadIndexRequest second = follower.sent(ReadIndexRequest.class).get(0);
        follower.receive(new ReadIndexResponse(follower.replyTo(first), 1, true, 5, 5));
        assertThat(follower.results).as("a duplicate answers nothing").hasSize(1);
        follower.receive(new ReadIndexResponse(follower.replyTo(second), 1, true, 6, 6));

        assertThat(follower.results).last().isEqualTo(new Ready.ReadConfirmed(8, 6));
    }

    @Test
    void a_question_without_an_answer_is_asked_again_when_the_leader_is_heard() {
        TestServer follower = follower();
        follower.raft.read(7);
        follower.turn();
        follower.sent();
        follower.advance(Duration.ofMillis(100));

        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));

        assertThat(follower.sent(ReadIndexRequest.class)).hasSize(1);
    }

    @Test
    void an_answer_that_takes_longer_than_a_heartbeat_still_confirms() {
        TestServer follower = follower();
        follower.raft.read(7);
        follower.turn();
        TreeMap<Integer, List<Message>> line = new TreeMap<>();
        for (int i = 0; i < 20 && follower.results.isEmpty(); i++) {
            int arrival = i + 3;
            follower.sent(ReadIndexRequest.class)
                    .forEach(question -> line.computeIfAbsent(arrival, at -> new ArrayList<>())
                            .add(new ReadIndexResponse(follower.replyTo(question), 1, true, 5, 5)));
            follower.advance(Duration.ofMillis(100));
            follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));
            line.getOrDefault(i, List.of()).forEach(follower::receive);
        }

        assertThat(follower.results).containsExactly(new Ready.ReadConfirmed(7, 5));
    }

    @Test
    void a_read_that_came_after_a_question_is_not_served_by_a_late_answer_to_it() {
        TestServer follower = follower();
        follower.raft.read(7);
        follower.turn();
        ReadIndexRequest first = follower.sent(ReadIndexRequest.class).get(0);
        follower.raft.read(8);
        follower.advance(Duration.ofMillis(100));
        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));

        follower.receive(new ReadIndexResponse(follower.replyTo(first), 1, true, 5, 5));

        assertThat(follower.results).containsExactly(new Ready.ReadConfirmed(7, 5));
    }

    @Test
    void an_answer_carries_the_commit_index_as_far_as_the_log_is_verified() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1, 1, 1);
        follower.receive(new Message.AppendRequest(follower.from(B), 1, new EntryId(2, 1), List.of(), 0, 0));
        follower.raft.read(7);
        follower.turn();
        ReadIndexRequest question = follower.sent(ReadIndexRequest.class).get(0);

        follower.receive(new ReadIndexResponse(follower.replyTo(question), 1, true, 3, 3));

        assertThat(follower.status().commitIndex()).isEqualTo(2);
    }

    @Test
    void reads_of_a_follower_end_with_its_leader_and_without_one() {
        TestServer follower = follower();
        follower.raft.read(7);
        follower.turn();
        follower.raft.disconnected(B);
        follower.raft.read(8);
        follower.turn();
        assertThat(follower.failure(7)).isInstanceOf(RaftException.NotLeader.class);
        assertThat(follower.failure(8)).isInstanceOf(RaftException.NotLeader.class);

        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));
        follower.raft.read(9);
        follower.turn();
        follower.receive(new Heartbeat(follower.from(C), 2, 0, 0));

        assertThat(follower.failure(9)).isInstanceOf(RaftException.NotLeader.class);
    }

    @Test
    void a_learner_forgets_a_leader_that_is_silent_and_ends_its_reads() {
        TestServer learner = TestServer.of(
                TestServer.settings().build(),
                new HardState(1, NodeId.NONE),
                SnapshotMeta.birth(Configuration.ofVoters(List.of(B, C))),
                List.of());
        learner.receive(new Heartbeat(learner.from(B), 1, 0, 0));
        learner.raft.read(7);
        learner.turn();

        learner.sleep();

        assertThat(learner.status().leader()).isEqualTo(NodeId.NONE);
        assertThat(learner.failure(7)).isInstanceOf(RaftException.NotLeader.class);
        learner.receive(new Heartbeat(learner.from(B), 1, 0, 0));
        assertThat(learner.status().leader()).isEqualTo(B);
    }

    @Test
    void a_refused_question_ends_its_reads() {
        TestServer follower = follower();
        follower.raft.read(7);
        follower.turn();
        ReadIndexRequest question = follower.sent(ReadIndexRequest.class).get(0);

        follower.receive(new ReadIndexResponse(follower.replyTo(question), 1, false, 0, 0));

        assertThat(follower.failure(7)).isInstanceOf(RaftException.NotLeader.class);
    }

    @Test
    void an_expired_read_of_a_follower_is_told_once() {
        TestServer follower = follower();
        follower.raft.read(7);
        follower.turn();
        ReadIndexRequest question = follower.sent(ReadIndexRequest.class).get(0);

        follower.raft.expire(7);
        follower.receive(new ReadIndexResponse(follower.replyTo(question), 1, true, 5, 5));

        assertThat(follower.failure(7)).isInstanceOf(RaftException.OutcomeUnknown.class);
        assertThat(follower.results).hasSize(1);
    }

    @Test
    void a_leader_answers_a_question_once_a_majority_echoes_a_later_sequence() {
        TestServer leader = leader(3);
        leader.propose(1, "x");
        leader.settle(B, C);

        leader.receive(new ReadIndexRequest(leader.from(B), 1));
        List<Message> round = leader.sent();
        assertThat(round).hasSize(2).allMatch(Heartbeat.class::isInstance);
        round.subList(1, 2).forEach(leader::answer);

        assertThat(leader.sent(ReadIndexResponse.class))
                .containsExactly(new ReadIndexResponse(new Envelope(TestServer.CLUSTER, A, B, 0, 0, 1), 1, true, 2, 2));
    }

    @Test
    void a_question_that_is_repeated_does_not_put_off_the_answer_to_the_first() {
        TestServer leader = leader(3);
        leader.receive(new ReadIndexRequest(leader.from(B), 1));
        Message round = leader.sent().get(0);

        leader.receive(new ReadIndexRequest(new Envelope(TestServer.CLUSTER, B, A, 0, 0, 2), 1));
        leader.answer(round);

        assertThat(leader.sent(ReadIndexResponse.class))
                .extracting(answer -> answer.envelope().nonce())
                .containsExactly(1L);
    }

    @Test
    void questions_that_have_not_left_yet_are_replaced_by_the_next_of_the_same_follower() {
        TestServer leader = leader(3);
        for (long nonce = 1; nonce <= 5; nonce++) {
            leader.receive(new ReadIndexRequest(new Envelope(TestServer.CLUSTER, B, A, 0, 0, nonce), 1));
        }

        leader.live(Duration.ofMillis(100), C).stream()
                .filter(ReadIndexResponse.class::isInstance)
                .forEach(answer -> assertThat(answer.envelope().nonce()).isIn(1L, 5L));
    }

    @Test
    void a_server_that_does_not_lead_says_so() {
        TestServer follower = follower();

        follower.receive(new ReadIndexRequest(follower.from(C), 1));

        assertThat(follower.sent(ReadIndexResponse.class))
                .extracting(ReadIndexResponse::success)
                .containsExactly(false);
    }

    private static TestServer follower() {
        TestServer follower = TestServer.of(3, 1, NodeId.NONE, 1);
        follower.receive(new Heartbeat(follower.from(B), 1, 0, 0));
        follower.sent();
        return follower;
    }
}
