package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpResponse;

/** Reads the answers of the API. */
final class ApiAnswers {
    private ApiAnswers() {}

    static JsonObject json(HttpResponse<String> answer) {
        return JsonParser.parseString(answer.body()).getAsJsonObject();
    }

    /** Requires an answer of 200, and returns its body. */
    static JsonObject good(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    /** Returns status and code of a problem, as "409 conflict". */
    static String problem(HttpResponse<String> answer) {
        JsonObject body = json(answer);
        assertThat(body.get("status").getAsInt()).as(answer.body()).isEqualTo(answer.statusCode());
        return answer.statusCode() + " " + body.get("code").getAsString();
    }

    static String detail(HttpResponse<String> answer) {
        return json(answer).get("detail").getAsString();
    }

    static String hint(HttpResponse<String> answer) {
        return json(answer).get("hint").getAsString();
    }
}
