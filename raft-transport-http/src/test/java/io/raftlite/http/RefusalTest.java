package io.raftlite.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.raftlite.NodeId;
import org.junit.jupiter.api.Test;

class RefusalTest {
    private static final NodeId URL = NodeId.of("http://localhost:5001");

    @Test
    void a_node_called_by_another_address_is_told_the_flag_to_mend() {
        assertThat(Refusal.misdirected(NodeId.of("http://127.0.0.1:5001"), URL).hint())
                .isEqualTo("let --peers of the sender call this node by that id, or start this node with --advertise"
                        + " http://127.0.0.1:5001 if that is its address");
    }

    @Test
    void a_node_called_in_the_other_form_is_told_to_use_one_form() {
        String oneForm = "give --peers at every node of the cluster in one form, all as URLs or all as ID=URL";

        assertThat(Refusal.misdirected(NodeId.of("B"), URL).hint()).isEqualTo(oneForm);
        assertThat(Refusal.misdirected(URL, NodeId.of("B")).hint()).isEqualTo(oneForm);
    }
}
