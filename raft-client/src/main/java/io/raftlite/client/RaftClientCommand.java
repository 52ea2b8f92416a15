package io.raftlite.client;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** {@code raft-client}: the options that all subcommands share, and the bare form {@code raft-client "SET x=100"}. */
@Command(
        name = "raft-client",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        sortOptions = false,
        description = "Talks to a Raft cluster; any endpoint will do, the leader is found.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  raft-client \"SET x=100\"            replicates a command, prints OK",
            "  raft-client get x                  prints 100",
            "  raft-client submit -f commands.txt one command a line",
            "  raft-client status --watch",
            "",
            "Exit codes: 0 done, 1 answered no, 2 usage, 3 cluster unavailable, 4 outcome unknown,",
            "5 refused, 6 invalid command, 70 a bug.",
            "Environment: RAFT_ENDPOINTS, NO_COLOR."
        })
final class RaftClientCommand implements Callable<Integer> {
    static final String DEFAULT_ENDPOINTS = "http://localhost:5000,http://localhost:5001,http://localhost:5002";

    private final Terminal terminal;

    @Option(
            names = {"-e", "--endpoints"},
            paramLabel = "URL,…",
            scope = ScopeType.INHERIT,
            description = "where nodes are, one at least [RAFT_ENDPOINTS, else " + DEFAULT_ENDPOINTS + "]")
    private @Nullable String endpoints;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            scope = ScopeType.INHERIT,
            description = "text, table or json [text]")
    private Session.Format format = Session.Format.text;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            scope = ScopeType.INHERIT,
            description = "how long a request may take, with every retry [10s]")
    private Duration timeout = Duration.ofSeconds(10);

    @Option(names = "--yes", scope = ScopeType.INHERIT, description = "answer yes to every question")
    private boolean yes;

    @Option(names = "--debug", scope = ScopeType.INHERIT, hidden = true)
    private boolean debug;

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "a command to replicate, such as \"SET x=100\"")
    private List<String> words = new ArrayList<>();

    RaftClientCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Makes the whole command line. */
    static CommandLine commandLine(Terminal terminal) {
        RaftClientCommand root = new RaftClientCommand(terminal);
        CommandLine line = new CommandLine(root)
                .addSubcommand(new SubmitCommand(root))
                .addSubcommand(new GetCommand(root))
                .addSubcommand(new SetCommand(root))
                .addSubcommand(new DelCommand(root))
                .addSubcommand(new ScanCommand(root))
                .addSubcommand(new StatusCommand(root))
                .addSubcommand(new LeaderCommand(root))
                .addSubcommand(new HealthCommand(root))
                .addSubcommand(new MembersCommand(root))
                .addSubcommand(new TransferCommand(root))
                .addSubcommand(new SnapshotCommand(root))
                .addSubcommand(new BackupCommand(root))
                .addSubcommand(new RestoreCommand(root))
                .addSubcommand(new DoctorCommand(root))
                .addSubcommand(new BenchCommand(root))
                .addSubcommand(new CheckCommand(root));
        line.registerConverter(Duration.class, RaftClientCommand::duration);
        line.getSubcommands()
                .values()
                .forEach(subcommand -> subcommand.registerConverter(Duration.class, RaftClientCommand::duration));
        return line;
    }

    private static Duration duration(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new CommandLine.TypeConversionException(wrong.getMessage());
        }
    }

    @Override
    public Integer call() {
        if (words.isEmpty()) {
            throw new UsageException("what shall it do?", "for example: raft-client \"SET x=100\"; see --help");
        }
        CommandLine line = commandLine(terminal);
        String command = BareCommand.of(words, List.copyOf(line.getSubcommands().keySet()));
        try (Session session = open()) {
            return new Submitter(session).submit(command);
        }
    }

    /** Makes a client as the options say. */
    Session open() {
        return open(false);
    }

    /** Makes a client that numbers its commands. */
    Session openWithSessions() {
        return open(true);
    }

    private Session open(boolean sessions) {
        if (terminal.arguments().stream().anyMatch(word -> word.indexOf('\uFFFD') >= 0)) {
            throw new UsageException(
                    "an argument holds letters that this locale cannot read",
                    "set LC_ALL=C.UTF-8, or give the command on standard input");
        }
        return new Session(
                RaftClient.builder()
                        .endpoints(endpoints())
                        .timeout(timeout)
                        .sessions(sessions)
                        .build(),
                terminal.out(),
                terminal.err(),
                format,
                terminal.coloured());
    }

    private List<URI> endpoints() {
        Map<String, String> environment = terminal.environment();
        String text = endpoints != null ? endpoints : environment.getOrDefault("RAFT_ENDPOINTS", DEFAULT_ENDPOINTS);
        List<URI> uris = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(text, ", ");
        while (tokens.hasMoreTokens()) {
            String token = tokens.nextToken();
            String address = token.contains("://") ? token : "http://" + token;
            uris.add(Endpoints.parse(address)
                    .orElseThrow(() -> new UsageException(
                            "the endpoint '" + token + "' is no address", "write it like http://localhost:5000")));
        }
        if (uris.isEmpty()) {
            throw new UsageException("there is no endpoint", "give at least one: -e http://localhost:5000");
        }
        return uris;
    }

    Terminal terminal() {
        return terminal;
    }

    Duration timeout() {
        return timeout;
    }

    /** Tells whether not to ask. */
    boolean isSure() {
        return yes;
    }

    boolean isDebug() {
        return debug;
    }
}
