package io.raftlite.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Does what the README tells a reader to do, with other ports. */
@Timeout(180)
class ReadmeTest {
    private static final int FIRST_PORT = 5000;
    private static final int NODES = 3;

    @TempDir
    Path directory;

    private final List<Integer> ports = RealCluster.freePorts(NODES);

    private String withFreePorts(String text) {
        String replaced = text;
        for (int i = 0; i < NODES; i++) {
            replaced = replaced.replace(String.valueOf(FIRST_PORT + i), String.valueOf(ports.get(i)));
        }
        return replaced;
    }

    private RunningProcess start(Readme.Line line, String... more) {
        List<String> command = new ArrayList<>();
        for (String word : line.words()) {
            boolean isJar = word.endsWith(".jar");
            command.add(isJar ? RealCluster.root().resolve(word).toString() : withFreePorts(word));
        }
        assertThat(command.set(0, RealCluster.java())).isEqualTo("java");
        command.addAll(List.of(more));
        String endpoints = withFreePorts("http://localhost:5000,http://localhost:5001,http://localhost:5002");
        return RunningProcess.start(directory, command, Map.of("RAFT_ENDPOINTS", endpoints));
    }

    @Test
    void the_three_terminals_do_what_the_readme_says() throws Exception {
        List<Readme.Line> lines = Readme.read().shellLines();
        List<RunningProcess> nodes = new ArrayList<>();
        try {
            for (Readme.Line line : lines) {
                if (line.words().contains("--id")) {
                    nodes.add(start(line));
                } else if (line.starts("raft-client.jar")) {
                    RunningProcess client = start(line);
                    assertThat(client.awaitExit(Duration.ofSeconds(60)))
                            .as("%s: %s", line, client.text())
                            .isZero();
                    line.prints().ifPresent(text -> assertThat(client.text()).isEqualTo(text));
                } else if (line.starts("curl")) {
                    assertThat(curl(line).statusCode()).as("%s", line).isEqualTo(200);
                }
            }
            assertThat(nodes).hasSize(NODES);
        } finally {
            nodes.forEach(RunningProcess::close);
        }
    }

    private HttpResponse<String> curl(Readme.Line line) throws Exception {
        List<String> words = line.words();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(withFreePorts(words.get(words.size() - 1))))
                .timeout(Duration.ofSeconds(20));
        int data = words.indexOf("-d");
        if (data > 0) {
            request.header("Content-Type", "application/x-www-form-urlencoded");
            request.POST(HttpRequest.BodyPublishers.ofString(words.get(data + 1)));
        }
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void the_demo_elects_a_leader_and_says_what_to_try() throws Exception {
        Readme.Line demo = Readme.read().shellLines().stream()
                .filter(line -> line.words().contains("demo"))
                .findFirst()
                .orElseThrow();
        int port = freeRun();

        try (RunningProcess process = start(demo, "--port", String.valueOf(port))) {
            process.awaitLine("a leader", line -> line.contains("became leader"));
            process.awaitLine("what to try", line -> line.contains("SET x=100"));
            assertThat(process.text())
                    .contains("http://localhost:" + port)
                    .contains(directory.resolve("data").resolve("demo").toString());
            assertThat(process.terminate()).isIn(0, 143);
        }
    }

    /** Finds three free ports in a row. */
    private static int freeRun() {
        while (true) {
            int first = RealCluster.freePorts(1).get(0);
            if (RealCluster.isFree(first + 1) && RealCluster.isFree(first + 2)) {
                return first;
            }
        }
    }

    @Test
    void the_programs_compile_and_print_what_the_readme_says() throws Exception {
        List<Readme.Program> programs = Readme.read().programs();
        List<String> arguments = new ArrayList<>(List.of("-cp", classPath(), "-d", directory.toString()));
        for (Readme.Program program : programs) {
            Path file = directory.resolve(program.name() + ".java");
            Files.writeString(file, program.source());
            arguments.add(file.toString());
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

        assertThat(compiler.run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();

        assertThat(programs).isNotEmpty();
        for (Readme.Program program : programs) {
            assertThat(program.source().lines().count()).isLessThanOrEqualTo(40);
            String path = directory + File.pathSeparator + classPath();
            RunningProcess process = RunningProcess.start(
                    directory,
                    List.of(RealCluster.java(), "-cp", path, "-Dlogback.configurationFile=none", program.name()),
                    Map.of());
            assertThat(process.awaitExit(Duration.ofSeconds(60)))
                    .as(process.text())
                    .isZero();
            assertThat(process.lines()).as(program.name()).last().isEqualTo(program.prints());
        }
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
