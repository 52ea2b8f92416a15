package io.raftlite.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;

class EndpointsTest {
    private static final URI PLAIN = URI.create("http://one:5000");
    private static final URI OTHER = URI.create("http://two:5000");
    private static final URI ENCRYPTED = URI.create("https://three:5000");

    @Test
    void where_all_were_given_plain_an_encrypted_one_is_not_believed_in() {
        Endpoints endpoints = new Endpoints(List.of(PLAIN));

        endpoints.learn(List.of(ENCRYPTED, OTHER));
        endpoints.lead(ENCRYPTED);

        assertThat(endpoints.all()).containsExactly(PLAIN, OTHER);
        assertThat(endpoints.leader()).isEmpty();
    }

    @Test
    void where_one_was_given_encrypted_both_kinds_are_learned() {
        Endpoints endpoints = new Endpoints(List.of(PLAIN, ENCRYPTED));

        endpoints.learn(List.of(OTHER, URI.create("https://four:5000")));
        endpoints.lead(ENCRYPTED);

        assertThat(endpoints.all()).containsExactly(PLAIN, ENCRYPTED, OTHER, URI.create("https://four:5000"));
        assertThat(endpoints.leader()).contains(ENCRYPTED);
    }
}
