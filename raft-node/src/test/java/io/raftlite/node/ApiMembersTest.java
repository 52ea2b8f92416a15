package io.raftlite.node;

import static io.raftlite.node.ApiAnswers.detail;
import static io.raftlite.node.ApiAnswers.good;
import static io.raftlite.node.ApiAnswers.problem;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members and leadership, changed over HTTP. */
@Timeout(60)
class ApiMembersTest {
    private static final String ADD_LEARNER =
            "{'change':'add','id':'D','url':'http://localhost:1','voter':false}".replace('\'', '"');

    private OneNode cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = OneNode.start();
        // A leader changes members only once an entry of its own term is committed.
        cluster.submit("SET ready=1");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private HttpResponse<String> change(String body) throws Exception {
        return cluster.send("POST", "/api/v1/members", body.replace('\'', '"'));
    }

    private JsonObject members() throws Exception {
        return good(cluster.send("GET", "/api/v1/members", ""));
    }

    private static List<String> kinds(JsonObject members) {
        return members.getAsJsonArray("members").asList().stream()
                .map(member -> member.getAsJsonObject().get("name").getAsString() + " "
                        + member.getAsJsonObject().get("kind").getAsString())
                .toList();
    }

    @Test
    void a_cluster_of_one_has_one_voter() throws Exception {
        JsonObject members = members();

        assertThat(kinds(members)).containsExactly("A voter");
        assertThat(members.get("voters").getAsInt()).isEqualTo(1);
        assertThat(members.get("joint").getAsBoolean()).isFalse();
    }

    @Test
    void an_added_learner_is_a_member_once_the_change_is_answered() throws Exception {
        JsonObject changed = good(change(ADD_LEARNER));

        assertThat(kinds(changed)).containsExactlyInAnyOrder("A voter", "D learner");
        assertThat(changed.get("joint").getAsBoolean()).isFalse();
        assertThat(changed.get("index").getAsLong()).isPositive();
        assertThat(kinds(members())).isEqualTo(kinds(changed));
    }

    @Test
    void a_removed_learner_is_gone() throws Exception {
        good(change(ADD_LEARNER));

        assertThat(kinds(good(change("{'change':'remove','id':'D'}")))).containsExactly("A voter");
    }

    @Test
    void a_moved_learner_has_its_new_address() throws Exception {
        good(change(ADD_LEARNER));

        assertThat(good(change("{'change':'move','id':'D','url':'http://localhost:2'}"))
                        .toString())
                .contains("http://localhost:2")
                .doesNotContain("\"http://localhost:1\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'change':'remove','id':'X'}",
                "{'change':'promote','id':'X'}",
                "{'change':'demote','id':'X'}",
                "{'change':'move','id':'X','url':'http://localhost:2'}"
            })
    void an_unknown_member_is_refused_by_name(String body) throws Exception {
        HttpResponse<String> answer = change(body);

        assertThat(problem(answer)).isEqualTo("400 invalid-change");
        assertThat(detail(answer)).contains("X");
    }

    @Test
    void a_member_that_is_there_already_is_not_added_again() throws Exception {
        good(change(ADD_LEARNER));

        assertThat(problem(change(ADD_LEARNER))).isEqualTo("400 invalid-change");
    }

    @ParameterizedTest
    @ValueSource(strings = {"remove", "demote"})
    void the_last_voter_stays(String change) throws Exception {
        assertThat(problem(change("{'change':'" + change + "','id':'A'}"))).isEqualTo("400 invalid-change");
        assertThat(kinds(members())).containsExactly("A voter");
    }

    @Test
    void a_change_of_another_configuration_than_the_one_seen_is_refused() throws Exception {
        HttpResponse<String> answer = change(ADD_LEARNER.replace("}", ",'index':999}"));

        assertThat(problem(answer)).isEqualTo("409 conflict");
        assertThat(detail(answer)).contains("999");
        assertThat(kinds(members())).containsExactly("A voter");
    }

    @Test
    void a_change_of_the_configuration_that_was_seen_is_made() throws Exception {
        long index = good(change(ADD_LEARNER)).get("index").getAsLong();

        assertThat(kinds(good(change("{'change':'remove','id':'D','index':" + index + "}"))))
                .containsExactly("A voter");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{'change':'add'}",
                "{'change':'add','id':'D'}",
                "{'change':'add','id':'','url':'http://localhost:1'}",
                "{'change':'add','id':'D','url':'localhost:1'}",
                "{'change':'add','id':'D','url':'ftp://localhost:1'}",
                "{'change':'grow','id':'D'}",
                "{'change':'remove','id':''}",
                "{'change':'remove','id':7}",
                "{'change':'remove','id':'D','index':-1}",
                "{'change':'remove','id':'D','index':'9'}",
                "{'change':'remove','id':'D','force':'yes'}",
                "{'change':'remove','id':'D','colour':'red'}",
                "{'change':'remove','id':'D','id':'E'}",
                "{'change':'remove','id':'D'} more"
            })
    void a_malformed_change_is_refused(String body) throws Exception {
        assertThat(problem(change(body))).isEqualTo("400 malformed");
        assertThat(kinds(members())).containsExactly("A voter");
    }

    @Test
    void leadership_has_nobody_to_go_to() throws Exception {
        HttpResponse<String> answer = cluster.send("POST", "/api/v1/transfer", "{}");

        assertThat(problem(answer)).isEqualTo("400 invalid-change");
        assertThat(detail(answer)).isEqualTo("there is no voter that could take over");
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "X", "D"})
    void leadership_does_not_go_to_itself_a_stranger_or_a_learner(String to) throws Exception {
        good(change(ADD_LEARNER));

        assertThat(problem(cluster.send("POST", "/api/v1/transfer", "{\"to\":\"" + to + "\"}")))
                .isEqualTo("400 invalid-change");
        assertThat(cluster.node().status().isLeader()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"to\":7}", "{\"to\":\"\"}", "{\"target\":\"B\"}"})
    void a_malformed_transfer_is_refused(String body) throws Exception {
        assertThat(problem(cluster.send("POST", "/api/v1/transfer", body))).isEqualTo("400 malformed");
    }
}
