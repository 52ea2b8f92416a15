package io.raftlite.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the document {@code openapi.json} to the routes that there are, and answers to the document. */
class OpenApiTest {
    private static final List<String> METHODS = List.of("get", "put", "post", "delete", "patch", "head", "options");
    private static final Pattern PART = Pattern.compile("\\{([^}]+)}");

    private static OneNode node;
    private static JsonObject document;

    @BeforeAll
    static void start() throws Exception {
        node = OneNode.start();
        document = document();
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static JsonObject document() throws IOException {
        try (InputStream in = Objects.requireNonNull(Api.class.getResourceAsStream("openapi.json"));
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        }
    }

    private static List<Api.Route> routes() {
        Members members = new Members(node.node());
        try (Gateway gateway = new Gateway(node.node(), members)) {
            return Api.routes(
                    new ApiHandlers(node.node(), members, gateway), new AdminHandlers(node.node(), members, gateway));
        }
    }

    private static List<String> operations() {
        List<String> operations = new ArrayList<>();
        forEachOperation((name, operation) -> operations.add(name));
        return operations;
    }

    private interface Visitor {
        void visit(String name, JsonObject operation);
    }

    private static void forEachOperation(Visitor visitor) {
        for (Map.Entry<String, JsonElement> path :
                document.getAsJsonObject("paths").entrySet()) {
            JsonObject item = path.getValue().getAsJsonObject();
            item.keySet().stream()
                    .filter(METHODS::contains)
                    .forEach(method -> visitor.visit(
                            method.toUpperCase(Locale.ROOT) + " " + path.getKey(), item.getAsJsonObject(method)));
        }
    }

    @Test
    void every_route_is_documented_and_every_documented_operation_is_a_route() {
        List<String> routes = routes().stream()
                .map(route -> route.method() + " " + route.path())
                .toList();

        assertThat(operations()).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(routes);
    }

    @Test
    void every_part_of_a_path_is_a_documented_parameter() {
        for (String path : document.getAsJsonObject("paths").keySet()) {
            Matcher part = PART.matcher(path);
            while (part.find()) {
                JsonObject parameter = schema("parameters", part.group(1));

                assertThat(parameter.get("in").getAsString()).isEqualTo("path");
                assertThat(document.getAsJsonObject("paths")
                                .getAsJsonObject(path)
                                .get("parameters"))
                        .hasToString("[{\"$ref\":\"#/components/parameters/" + part.group(1) + "\"}]");
            }
        }
    }

    @Test
    void every_operation_has_a_name_of_its_own_a_summary_and_an_answer_for_other_problems() {
        List<String> names = new ArrayList<>();
        forEachOperation((name, operation) -> {
            names.add(operation.get("operationId").getAsString());
            assertThat(operation.get("summary").getAsString()).as(name).isNotBlank();
            assertThat(operation.getAsJsonObject("responses").keySet()).as(name).contains("200", "default");
        });

        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void problem_codes_and_outcomes_are_those_of_the_program() {
        JsonObject properties = schema("schemas", "Problem").getAsJsonObject("properties");

        assertThat(strings(properties.getAsJsonObject("code").get("enum")))
                .containsExactlyElementsOf(
                        Arrays.stream(Problem.values()).map(Problem::code).toList());
        assertThat(strings(properties.getAsJsonObject("outcome").get("enum")))
                .containsExactlyElementsOf(Arrays.stream(Problem.Outcome.values())
                        .map(Problem.Outcome::toString)
                        .toList());
    }

    @Test
    void every_reference_leads_somewhere_and_every_component_is_used() {
        List<String> references = new ArrayList<>();
        forEachReference(document, references::add);
        List<String> components = new ArrayList<>();
        document.getAsJsonObject("components").entrySet().forEach(kind -> kind.getValue()
                .getAsJsonObject()
                .keySet()
                .forEach(name -> components.add("#/components/" + kind.getKey() + "/" + name)));

        assertThat(references.stream().distinct()).containsExactlyInAnyOrderElementsOf(components);
    }

    private static void forEachReference(JsonElement element, Consumer<String> visitor) {
        if (element.isJsonArray()) {
            element.getAsJsonArray().forEach(item -> forEachReference(item, visitor));
        } else if (element.isJsonObject()) {
            element.getAsJsonObject().entrySet().forEach(field -> {
                if (field.getKey().equals("$ref")) {
                    visitor.accept(field.getValue().getAsString());
                } else {
                    forEachReference(field.getValue(), visitor);
                }
            });
        }
    }

    @Test
    void the_node_serves_the_document() throws Exception {
        HttpResponse<String> answer = node.send("GET", "/openapi.json", "");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(JsonParser.parseString(answer.body())).isEqualTo(document);
    }

    @Test
    void answers_hold_the_fields_that_the_document_promises() throws Exception {
        requireFits(node.submit("SET shape=1"), 200, "Submitted");
        requireFits(node.send("PUT", "/api/v1/kv/shape", "2"), 200, "Submitted");
        requireFits(node.send("GET", "/api/v1/kv/shape", ""), 200, "Value");
        requireFits(node.send("DELETE", "/api/v1/kv/shape", ""), 200, "Submitted");
        requireFits(node.send("GET", "/api/v1/kv", ""), 200, "Listing");
        requireFits(node.send("GET", "/api/v1/status", ""), 200, "Status");
        requireFits(node.send("GET", "/api/v1/cluster", ""), 200, "Cluster");
        requireFits(node.send("GET", "/api/v1/members", ""), 200, "Members");
        requireFits(node.send("POST", "/api/v1/sessions", ""), 200, "Session");
        requireFits(node.send("POST", "/api/v1/snapshot", ""), 200, "Snapshot");
        requireFits(node.send("GET", "/livez", ""), 200, "Health");
        requireFits(node.send("GET", "/readyz", ""), 200, "Health");
        requireFits(node.send("GET", "/version", ""), 200, "Version");
    }

    @Test
    void nested_objects_hold_the_fields_that_the_document_promises() throws Exception {
        requireFits(node.submit("SET nested=1"), 200, "Submitted");
        JsonObject listing = json(node.send("GET", "/api/v1/kv?prefix=nested", ""));
        JsonObject status = json(node.send("GET", "/api/v1/status", ""));

        requireFields(listing.getAsJsonArray("items").get(0).getAsJsonObject(), "Item");
        requireFields(status.getAsJsonObject("leader"), "Leader");
        requireFields(status.getAsJsonArray("members").get(0).getAsJsonObject(), "Member");
        requireFields(status.getAsJsonObject("snapshot"), "LatestSnapshot");
    }

    @Test
    void problems_hold_the_fields_that_the_document_promises() throws Exception {
        requireFits(node.send("GET", "/api/v1/kv/nobody-set-this", ""), 404, "Problem");
        requireFits(node.submit("SET"), 400, "Problem");
        requireFits(node.send("GET", "/nowhere", ""), 404, "Problem");
        requireFits(node.send("DELETE", "/submit", ""), 405, "Problem");
    }

    private static void requireFits(HttpResponse<String> answer, int status, String schema) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        requireFields(json(answer), schema);
    }

    private static void requireFields(JsonObject object, String name) {
        JsonObject schema = schema("schemas", name);

        assertThat(schema.getAsJsonObject("properties").keySet()).as(name).containsAll(object.keySet());
        assertThat(object.keySet()).as(name).containsAll(strings(schema.get("required")));
    }

    private static JsonObject json(HttpResponse<String> answer) {
        return JsonParser.parseString(answer.body()).getAsJsonObject();
    }

    private static JsonObject schema(String kind, String name) {
        return document.getAsJsonObject("components").getAsJsonObject(kind).getAsJsonObject(name);
    }

    private static List<String> strings(JsonElement array) {
        return array.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }
}
