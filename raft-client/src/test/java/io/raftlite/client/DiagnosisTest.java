package io.raftlite.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DiagnosisTest {
    private static final String ABC = member("A", "voter") + "," + member("B", "voter") + "," + member("C", "voter");

    private static String member(String id, String kind) {
        return "{\"id\":\"" + id + "\",\"name\":\"" + id + "\",\"url\":\"http://" + id + ":1\",\"kind\":\"" + kind
                + "\"}";
    }

    private static Examined node(String id, String role, String members, String more) {
        String status = "{\"id\":\"" + id + "\",\"name\":\"" + id + "\",\"clusterId\":\"c\",\"role\":\"" + role
                + "\",\"term\":3,\"commitIndex\":900,\"appliedIndex\":900,\"leader\":{\"id\":\"A\"},\"members\":["
                + members + "]" + more + "}";
        return new Examined(
                URI.create("http://" + id + ":1"), Json.object(status).orElseThrow(), "", false, "", "");
    }

    private static Examined silent(String id) {
        return Examined.silent(URI.create("http://" + id + ":1"), "connection refused");
    }

    private static String findings(Examined... nodes) {
        StringBuilder text = new StringBuilder();
        Diagnosis.of(List.of(nodes)).forEach(finding -> text.append(finding.isProblem() ? "" : "remark: ")
                .append(finding.what())
                .append(" -> ")
                .append(finding.advice())
                .append("\n"));
        return text.toString();
    }

    @Test
    void nothing_is_wrong_with_three_that_answer() {
        assertThat(findings(
                        node("A", "LEADER", ABC, ""), node("B", "follower", ABC, ""), node("C", "follower", ABC, "")))
                .isEmpty();
    }

    @Test
    void one_that_is_silent_puts_the_quorum_at_risk() {
        assertThat(findings(node("A", "leader", ABC, ""), node("B", "follower", ABC, ""), silent("C")))
                .contains("the quorum is at risk: 2 of 3 voters answer")
                .contains("start C (http://C:1)")
                .contains("http://C:1 does not answer: connection refused");
    }

    @Test
    void lost_quorum_leads_to_recovery() {
        assertThat(findings(node("A", "follower", ABC, ""), silent("B"), silent("C")))
                .contains("the quorum is lost: 1 of 3 voters answer, 2 are needed")
                .contains("raft-node recover --data DIR --members A,");
        assertThat(findings(node("A", "leader", ABC, ""), silent("B"), silent("C")))
                .contains("A leads a minority");
        assertThat(findings(silent("A"))).contains("no node answers");
    }

    @Test
    void missing_leader_is_told_from_a_lost_quorum() {
        assertThat(findings(
                        node("A", "follower", ABC, ""),
                        node("B", "candidate", ABC, ""),
                        node("C", "follower", ABC, "")))
                .startsWith("there is no leader, though 3 of 3 voters answer");
    }

    @Test
    void node_of_another_cluster_is_named() {
        Examined foreign = new Examined(
                URI.create("http://X:1"),
                Json.object("{\"id\":\"X\",\"clusterId\":\"d\",\"role\":\"leader\",\"term\":9}")
                        .orElseThrow(),
                "",
                false,
                "",
                "");

        assertThat(findings(
                        node("A", "leader", ABC, ""),
                        node("B", "follower", ABC, ""),
                        node("C", "follower", ABC, ""),
                        foreign))
                .startsWith("http://X:1 (http://X:1) belongs to another cluster: d")
                .hasLineCount(1);
    }

    @Test
    void state_of_single_nodes_is_told() {
        String behind = ABC + "," + member("D", "joining") + "," + member("E", "learner");

        assertThat(findings(
                        node("A", "leader", behind, ",\"diskFull\":true"),
                        node("B", "follower", ABC, ""),
                        node("C", "follower", ABC, ",\"parked\":true"),
                        node("D", "learner", ABC, ""),
                        node("E", "learner", ABC, ""),
                        node("F", "follower", ABC, "")))
                .contains("the disk of A is full")
                .contains("C is parked")
                .contains("remark: D (http://D:1) is joining")
                .contains("remark: E (http://E:1) is a learner")
                .contains("members promote E")
                .contains("F (http://F:1) runs, but is no member any more");
    }

    @Test
    void lag_snapshot_joint_configuration_and_unreadiness_are_told() {
        String installing = ABC.replace("\"id\":\"C\"", "\"installing\":true,\"id\":\"C\"");
        Examined behind = node("B", "follower", ABC, "");
        behind.status().addProperty("appliedIndex", 700);
        Examined leader = node("A", "leader", installing, "");
        Examined unready = node("C", "follower", ABC, "");

        assertThat(findings(leader.with(true), behind, unready.with("the node knows no leader")))
                .contains("B (http://B:1) is 200 entries behind")
                .contains("remark: C (http://C:1) receives a snapshot")
                .contains("C is not ready: the node knows no leader")
                .contains("the configuration is joint")
                .hasLineCount(4);
    }

    @Test
    void node_that_does_not_follow_the_leader_is_told() {
        Examined leader = node("A", "leader", ABC, "");
        Examined lost = node("C", "follower", ABC, "");
        lost.status().remove("leader");

        assertThat(findings(leader, node("B", "pre-candidate", ABC, ""), lost))
                .contains("B does not follow A, which leads: it is a pre-candidate in term 3")
                .contains("C does not follow A, which leads: it is a follower in term 3")
                .hasLineCount(2);
    }

    @Test
    void foreign_node_that_is_asked_first_does_not_make_the_others_foreign() {
        Examined foreign = node("X", "leader", member("X", "voter"), "");
        foreign.status().addProperty("clusterId", "d");

        assertThat(findings(
                        foreign,
                        node("A", "leader", ABC, ""),
                        node("B", "follower", ABC, ""),
                        node("C", "follower", ABC, "")))
                .startsWith("X (http://X:1) belongs to another cluster: d")
                .hasLineCount(1);
    }

    @Test
    void member_that_has_moved_gets_the_command_for_it() {
        assertThat(findings(
                        node("A", "leader", ABC, ""),
                        node("B", "follower", ABC, ""),
                        node("C", "follower", ABC, ",\"url\":\"http://elsewhere:1\"")))
                .isEqualTo("C (http://C:1) says that it is at http://elsewhere:1 -> raft-client members move C"
                        + " http://elsewhere:1\n");
    }

    @Test
    void different_versions_are_told() {
        assertThat(findings(
                        node("A", "leader", ABC, "").running("1.1.0"),
                        node("B", "follower", ABC, "").running("1.1.0"),
                        node("C", "follower", ABC, "").running("1.0.0")))
                .startsWith("the nodes run different versions: A 1.1.0, B 1.1.0, C 1.0.0")
                .hasLineCount(1);
    }

    @Test
    void even_number_of_voters_is_told() {
        String ab = member("A", "voter") + "," + member("B", "voter");

        assertThat(findings(node("A", "leader", ab, ""), node("B", "follower", ab, "")))
                .startsWith("there are 2 voters")
                .hasLineCount(1);
    }

    @Test
    void doctor_asks_the_members_that_it_learns_of() {
        StringWriter out = new StringWriter();
        try (FakeNode first = new FakeNode();
                FakeNode second = new FakeNode();
                FakeNode third = new FakeNode()) {
            List<URI> members = List.of(first.url(), second.url(), third.url());
            first.status("A", "leader", 3, 9, members);
            second.status("B", "follower", 3, 9, members);
            third.status("C", "follower", 3, 9, members);

            assertThat(doctor(out, first.url())).isEqualTo(0);
            assertThat(doctor(out, FakeNode.dead(), "-o", "json")).isEqualTo(1);
        }

        assertThat(out.toString()).startsWith("healthy: 3 nodes examined\n{\"healthy\":false,\"findings\":[");
    }

    private static int doctor(StringWriter out, URI endpoint, String... options) {
        List<String> arguments = new ArrayList<>(List.of("doctor", "-e", endpoint.toString()));
        arguments.addAll(List.of(options));
        return Main.run(new Terminal(
                arguments,
                InputStream.nullInputStream(),
                new PrintWriter(out),
                new PrintWriter(new StringWriter()),
                Map.of(),
                false));
    }
}
