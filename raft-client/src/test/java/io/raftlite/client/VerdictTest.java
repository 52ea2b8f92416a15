package io.raftlite.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static NodeStatus up(String name, String role, long applied) {
        return new NodeStatus(
                URI.create("http://" + name.toLowerCase(java.util.Locale.ROOT) + ":5000"),
                name,
                name,
                true,
                true,
                "",
                role,
                3,
                applied,
                applied,
                "A",
                "",
                false,
                "");
    }

    private static NodeStatus following(String name, String role, String leaderId) {
        NodeStatus up = up(name, role, 9);
        return new NodeStatus(up.url(), name, name, true, true, "", role, 3, 9, 9, leaderId, "", false, "");
    }

    private static NodeStatus down(String name) {
        return NodeStatus.unreachable(
                        URI.create("http://" + name.toLowerCase(java.util.Locale.ROOT) + ":5000"), "connection refused")
                .known(name, name, true);
    }

    private static String verdict(NodeStatus... nodes) {
        return new ClusterStatus(List.of(nodes)).verdict();
    }

    @Test
    void cluster_with_a_leader_and_no_delay_is_healthy() {
        assertThat(verdict(up("A", "leader", 9), up("B", "follower", 9), up("C", "follower", 8)))
                .isEqualTo("healthy: A leads in term 3, all 3 nodes are up to date");
    }

    @Test
    void single_node_is_healthy() {
        assertThat(verdict(up("A", "leader", 9))).isEqualTo("healthy: A leads in term 3, the only node is up to date");
    }

    @Test
    void cluster_without_a_majority_says_what_to_start() {
        assertThat(verdict(up("A", "candidate", 9), down("B"), down("C")))
                .isEqualTo(
                        "no leader: 1 of 3 nodes answers, 2 are needed: start B (http://b:5000) or C (http://c:5000)");
    }

    @Test
    void leader_without_a_majority_is_no_comfort() {
        assertThat(verdict(up("A", "leader", 9), down("B"), down("C")))
                .startsWith("no quorum: A leads in term 3, but only 1 of 3 nodes answers, 2 are needed");
    }

    @Test
    void election_is_waited_for() {
        assertThat(verdict(up("A", "candidate", 9), up("B", "follower", 9), down("C")))
                .startsWith("no leader: 2 of 3 nodes answer, which is enough");
    }

    @Test
    void missing_node_is_degraded() {
        assertThat(verdict(up("A", "leader", 9), up("B", "follower", 9), down("C")))
                .isEqualTo("degraded: A leads in term 3, but C does not answer: connection refused; "
                        + "one more failure stops the cluster");
    }

    @Test
    void slow_node_is_degraded() {
        assertThat(verdict(up("A", "leader", 2_000), up("B", "follower", 2_000), up("C", "follower", 766)))
                .isEqualTo("degraded: A leads in term 3, but C is 1,234 entries behind");
    }

    @Test
    void node_that_does_not_follow_the_leader_is_degraded() {
        NodeStatus leader = up("A", "leader", 9);
        NodeStatus follower = up("B", "follower", 9);

        assertThat(verdict(leader, follower, following("C", "pre-candidate", "")))
                .isEqualTo("degraded: A leads in term 3, but C does not follow A, it is a pre-candidate in term 3: "
                        + "see whether it reaches A, and look at its log");
        assertThat(verdict(leader, follower, following("C", "candidate", ""))).startsWith("degraded: ");
        assertThat(verdict(leader, follower, following("C", "leader", "C")))
                .contains("C believes that it still leads, in term 3");
        assertThat(verdict(leader, follower, following("C", "follower", ""))).contains("C does not know that A leads");
        assertThat(verdict(leader, follower, following("C", "learner", "A"))).startsWith("healthy: ");
        assertThat(verdict(leader, follower, up("C", "follower", 9).refused("two nodes are named \"C\"")))
                .isEqualTo("degraded: A leads in term 3, but messages between A and http://c:5000 are refused: "
                        + "two nodes are named \"C\"");
    }

    @Test
    void nobody_answers() {
        assertThat(verdict(down("A"))).startsWith("no node answers: start A (http://a:5000)");
    }
}
