package io.raftlite.node;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** {@code raft-node}: starts one node of a cluster, with an option for every {@link Setting}. */
final class NodeCommand {
    private static final Logger logger = LoggerFactory.getLogger(NodeCommand.class);

    private NodeCommand() {}

    static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name("raft-node").mixinStandardHelpOptions(true);
        spec.versionProvider(new VersionProvider());
        spec.usageMessage()
                .description("Starts one node of a Raft cluster; the same line starts it for the first time and again.")
                .sortOptions(false)
                .footer(
                        "",
                        "Every setting can also come from the environment (RAFT_ELECTION_TIMEOUT=500ms) or from a line of",
                        "the --config file (election-timeout=500ms). Flags come first, the file last.",
                        "",
                        "Example: raft-node --id A --port 5000 --peers http://localhost:5001,http://localhost:5002");
        for (Setting setting : Setting.values()) {
            String byDefault =
                    setting.defaultValue().isEmpty() || setting.isSwitch() ? "" : " [" + setting.defaultValue() + "]";
            spec.addOption(OptionSpec.builder(setting.flag())
                    .type(String.class)
                    .arity(setting.isSwitch() ? "0..1" : "1")
                    .fallbackValue("true")
                    .paramLabel("VALUE")
                    .description(setting.description() + byDefault)
                    .build());
        }
        spec.addOption(OptionSpec.builder("--config")
                .type(Path.class)
                .paramLabel("FILE")
                .description("a file of lines key=value")
                .build());
        spec.addOption(OptionSpec.builder("--print-config")
                .type(boolean.class)
                .description("print every setting and where it comes from, and end")
                .build());
        spec.addOption(OptionSpec.builder("--check")
                .type(boolean.class)
                .description("find out whether the node could start, and end")
                .build());
        return spec;
    }

    /** Runs the command; returns the exit code. */
    static int run(CommandLine.ParseResult parsed, PrintWriter out, PrintWriter err) throws NodeException {
        EnumMap<Setting, String> flags = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            if (parsed.hasMatchedOption(setting.flag())) {
                flags.put(setting, parsed.matchedOptionValue(setting.flag(), ""));
            }
        }
        Map<String, String> file = parsed.hasMatchedOption("--config")
                ? Settings.readFile(parsed.matchedOptionValue("--config", Path.of("")))
                : Map.of();
        Settings settings = Settings.resolve(flags, System.getenv(), file);
        if (parsed.hasMatchedOption("--print-config")) {
            print(settings, out);
            return CommandLine.ExitCode.OK;
        }
        NodeConfigReader.Result read = NodeConfigReader.read(settings);
        LogSetup.requireKnown(settings.get(Setting.LOG_LEVEL), settings.get(Setting.LOG_FORMAT));
        if (parsed.hasMatchedOption("--check")) {
            return check(read, out, err);
        }
        LogSetup.apply(settings.get(Setting.LOG_LEVEL), settings.get(Setting.LOG_FORMAT));
        read.warnings().forEach(warning -> logger.warn("{} {}", read.config().name(), warning));
        return serve(read.config(), err);
    }

    private static void print(Settings settings, PrintWriter out) {
        for (Setting setting : Setting.values()) {
            out.printf("%-40s # %s%n", setting.key() + "=" + settings.get(setting), settings.source(setting));
        }
        out.flush();
    }

    private static int check(NodeConfigReader.Result read, PrintWriter out, PrintWriter err) throws NodeException {
        NodeConfig config = read.config();
        read.warnings().forEach(warning -> err.println("warning: " + warning));
        err.flush();
        String cluster = NodeBirth.check(config);
        out.println("OK: node " + config.name() + " of cluster " + cluster + " could start");
        out.flush();
        return CommandLine.ExitCode.OK;
    }

    /** Runs a node until the process is asked to end, or the node halts. */
    private static int serve(NodeConfig config, PrintWriter err) throws NodeException {
        RaftNode node = RaftNode.start(config);
        logger.info(
                "{} [STATE] node {} at {} of cluster {} ({} members)",
                config.name(),
                config.self(),
                config.advertise(),
                node.birth().cluster(),
                config.members().size());
        logger.info(
                "{} [STATE] listens on {}:{}, data {}",
                config.name(),
                config.bind(),
                config.port(),
                config.inMemory() ? "in memory: nothing is kept" : config.data().toAbsolutePath() + ", fsync on");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            node.close();
            LogSetup.flush();
        }));
        try {
            node.stopped().get();
            return CommandLine.ExitCode.OK;
        } catch (ExecutionException halted) {
            err.println("raft-node: the node has halted: " + halted.getCause());
            return CommandLine.ExitCode.SOFTWARE;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return CommandLine.ExitCode.SOFTWARE;
        }
    }
}
