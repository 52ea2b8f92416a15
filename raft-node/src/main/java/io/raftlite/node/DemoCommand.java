package io.raftlite.node;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code raft-node demo}: a durable cluster of three nodes in one process, to look at and to try commands on. */
final class DemoCommand {
    private static final List<String> NAMES = List.of("A", "B", "C");

    private DemoCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("demo").mixinStandardHelpOptions(true);
        spec.usageMessage().description("Starts three nodes in this process, on three ports in a row.");
        spec.addOption(OptionSpec.builder("--port")
                .type(Integer.class)
                .paramLabel("PORT")
                .description("the first of the ports [5000]")
                .build());
        spec.addOption(OptionSpec.builder("--data")
                .type(Path.class)
                .paramLabel("DIR")
                .description("where the nodes keep their data [./data/demo]")
                .build());
        spec.addOption(OptionSpec.builder("--in-memory")
                .type(boolean.class)
                .description("keep nothing on disk")
                .build());
        spec.addOption(OptionSpec.builder("--log-level")
                .type(String.class)
                .paramLabel("LEVEL")
                .description("error, warn, info, debug or trace [info]")
                .build());
        return spec;
    }

    static int run(CommandLine.ParseResult parsed, PrintWriter out) throws NodeException {
        int port = parsed.matchedOptionValue("--port", 5000);
        Path data = parsed.matchedOptionValue("--data", Path.of("data", "demo"));
        LogSetup.apply(parsed.matchedOptionValue("--log-level", "info"), "text");
        List<RaftNode> nodes = new ArrayList<>();
        try {
            for (int i = 0; i < NAMES.size(); i++) {
                nodes.add(RaftNode.start(config(i, port, data, parsed.hasMatchedOption("--in-memory"))));
            }
        } catch (NodeException failure) {
            nodes.forEach(RaftNode::close);
            throw failure;
        }
        greet(nodes, out);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            nodes.forEach(RaftNode::close);
            LogSetup.flush();
            ended.countDown();
        }));
        try {
            ended.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return CommandLine.ExitCode.OK;
    }

    private static NodeConfig config(int place, int port, Path data, boolean inMemory) {
        EnumMap<Setting, String> flags = new EnumMap<>(Setting.class);
        flags.put(Setting.ID, NAMES.get(place));
        flags.put(Setting.PORT, String.valueOf(port + place));
        flags.put(
                Setting.PEERS,
                IntStream.range(0, NAMES.size())
                        .filter(other -> other != place)
                        .mapToObj(other -> "http://localhost:" + (port + other))
                        .collect(Collectors.joining(",")));
        flags.put(Setting.DATA, data.resolve(NAMES.get(place)).toString());
        flags.put(Setting.IN_MEMORY, String.valueOf(inMemory));
        return NodeConfigReader.read(Settings.resolve(flags, Map.of(), Map.of()))
                .config();
    }

    private static void greet(List<RaftNode> nodes, PrintWriter out) {
        NodeConfig first = nodes.get(0).config();
        out.println();
        out.println("  A cluster of three nodes is running in this process. Ctrl+C ends it.");
        out.println();
        nodes.forEach(node ->
                out.println("    " + node.config().name() + "  " + node.config().advertise()));
        out.println("    data  "
                + (first.inMemory()
                        ? "in memory: nothing is kept"
                        : first.data().toAbsolutePath().getParent()));
        out.println();
        out.println("  Try, in another terminal:");
        out.println();
        String endpoints = first.port() == 5000
                ? ""
                : " -e "
                        + nodes.stream()
                                .map(node -> node.config().advertise().toString())
                                .collect(Collectors.joining(","));
        String client = "    java -jar raft-client/target/raft-client.jar" + endpoints;
        out.println(client + " \"SET x=100\"");
        out.println(client + " get x");
        out.println(client + " status");
        out.println("    curl -d '{\"command\":\"SET y=200\"}' " + first.advertise() + "/submit");
        out.println();
        out.flush();
    }
}
