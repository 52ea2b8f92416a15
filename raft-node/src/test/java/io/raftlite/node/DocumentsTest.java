package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Holds the documents of this module to what the program does. */
class DocumentsTest {
    private static final Path DOCUMENTS = Path.of("docs");

    /** Returns the rows of all tables whose first cell is code: their cells, stripped. */
    private static List<List<String>> rows(String document) throws IOException {
        return Files.readAllLines(DOCUMENTS.resolve(document)).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> Arrays.stream(line.split("\\|", -1))
                        .skip(1)
                        .map(String::strip)
                        .toList())
                .toList();
    }

    private static String code(String text) {
        return "`" + text + "`";
    }

    @Test
    void every_setting_is_documented_in_the_order_of_the_program() throws IOException {
        List<List<String>> documented = rows("configuration.md").stream()
                .filter(cells -> cells.get(1).startsWith("`RAFT_"))
                .map(cells -> cells.subList(0, 3))
                .toList();

        assertThat(documented)
                .isEqualTo(Arrays.stream(Setting.values())
                        .map(setting -> List.of(code(setting.flag()), code(setting.variable()), code(setting.key())))
                        .toList());
    }

    @Test
    void every_default_is_documented() throws IOException {
        List<List<String>> rows = rows("configuration.md");
        for (Setting setting : Setting.values()) {
            if (!setting.defaultValue().isEmpty()) {
                assertThat(rows).anySatisfy(cells -> assertThat(cells)
                        .startsWith(
                                code(setting.flag()),
                                code(setting.variable()),
                                code(setting.key()),
                                code(setting.defaultValue())));
            }
        }
    }

    @Test
    void every_problem_is_documented_as_the_node_tells_it() throws Exception {
        List<List<String>> documented = rows("http-api.md").stream()
                .filter(cells -> cells.get(1).matches("\\d{3}"))
                .map(cells -> cells.subList(0, 4))
                .toList();
        List<List<String>> told = new ArrayList<>();
        try (OneNode node = OneNode.start()) {
            for (Problem problem : Problem.values()) {
                JsonObject json = document(problem.answer("a detail", new Members(node.node())));
                told.add(List.of(
                        code(problem.code()),
                        json.get("status").getAsString(),
                        json.get("outcome").getAsString(),
                        json.get("retryable").getAsBoolean() ? "yes" : "no"));
            }
        }

        assertThat(documented).isEqualTo(told);
    }

    private static JsonObject document(Answer answer) {
        String text = StandardCharsets.UTF_8.decode(answer.body().duplicate()).toString();
        return JsonParser.parseString(text).getAsJsonObject();
    }

    @Test
    void every_route_has_a_heading_and_every_heading_of_a_path_is_a_route() throws Exception {
        List<String> headings = Files.readAllLines(DOCUMENTS.resolve("http-api.md")).stream()
                .filter(line -> line.startsWith("### `"))
                .map(line -> line.substring("### `".length(), line.length() - 1))
                .toList();

        try (OneNode node = OneNode.start()) {
            Members members = new Members(node.node());
            try (Gateway gateway = new Gateway(node.node(), members)) {
                assertThat(headings)
                        .containsExactlyInAnyOrderElementsOf(Api.routes(
                                        new ApiHandlers(node.node(), members, gateway),
                                        new AdminHandlers(node.node(), members, gateway))
                                .stream()
                                .map(route -> route.method() + " " + route.path())
                                .toList());
            }
        }
    }
}
