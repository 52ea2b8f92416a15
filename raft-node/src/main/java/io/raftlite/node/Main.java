package io.raftlite.node;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import picocli.CommandLine;

/** The program {@code raft-node}: one node, a cluster of three to look at, or what becomes of a directory offline. */
public final class Main {
    private static final int EXIT_BUG = 70;

    private Main() {}

    /** Runs the program; ends the process with 0, 1 (could not start, or halted), 2 (usage) or 70 (a bug). */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
        PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
        System.exit(run(out, err, arguments));
    }

    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine command = new CommandLine(NodeCommand.spec())
                .addSubcommand("demo", DemoCommand.spec())
                .addSubcommand(DataCommand.NAME, DataCommand.spec())
                .addSubcommand(RecoverCommand.NAME, RecoverCommand.spec())
                .addSubcommand(BenchDiskCommand.NAME, BenchDiskCommand.spec())
                .setOut(out)
                .setErr(err);
        try {
            CommandLine.ParseResult parsed = command.parseArgs(arguments);
            Integer help = CommandLine.executeHelpRequest(parsed);
            if (help != null) {
                return help;
            }
            return parsed.hasSubcommand() ? run(parsed.subcommand(), out) : NodeCommand.run(parsed, out, err);
        } catch (CommandLine.ParameterException usage) {
            err.println("raft-node: " + sentence(usage));
            err.println("See raft-node --help.");
            return CommandLine.ExitCode.USAGE;
        } catch (IllegalArgumentException usage) {
            err.println("raft-node: " + usage.getMessage());
            err.println("See raft-node --help.");
            return CommandLine.ExitCode.USAGE;
        } catch (NodeException sentence) {
            err.println("raft-node: " + sentence.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        } catch (RuntimeException bug) {
            err.println("raft-node: this is a bug, please report it with the lines below");
            bug.printStackTrace(err);
            return EXIT_BUG;
        }
    }

    private static int run(CommandLine.ParseResult command, PrintWriter out) throws NodeException {
        return switch (command.commandSpec().name()) {
            case DataCommand.NAME -> DataCommand.run(command, out);
            case RecoverCommand.NAME -> RecoverCommand.run(command, out);
            case BenchDiskCommand.NAME -> BenchDiskCommand.run(command, out);
            default -> DemoCommand.run(command, out);
        };
    }

    private static String sentence(CommandLine.ParameterException usage) {
        if (!(usage instanceof CommandLine.UnmatchedArgumentException unmatched)) {
            return String.valueOf(usage.getMessage());
        }
        String first = unmatched.getUnmatched().get(0);
        CommandLine.Model.CommandSpec spec = usage.getCommandLine().getCommandSpec();
        if (first.startsWith("-")) {
            List<String> flags = spec.optionsMap().keySet().stream()
                    .filter(flag -> flag.startsWith("--"))
                    .toList();
            String name = first.substring(0, first.contains("=") ? first.indexOf('=') : first.length());
            return "unknown flag " + name + Setting.suggestion(name, flags);
        }
        List<String> commands = List.copyOf(spec.subcommands().keySet());
        return "unexpected word '" + first + "'" + (commands.isEmpty() ? "" : Setting.suggestion(first, commands));
    }
}
