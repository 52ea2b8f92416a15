package io.raftlite.node;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import picocli.CommandLine;

/** The program {@code raft-node}: one node, or a cluster of three to look at. */
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
                .setOut(out)
                .setErr(err);
        try {
            CommandLine.ParseResult parsed = command.parseArgs(arguments);
            Integer help = CommandLine.executeHelpRequest(parsed);
            if (help != null) {
                return help;
            }
            return parsed.hasSubcommand()
                    ? DemoCommand.run(parsed.subcommand(), out)
                    : NodeCommand.run(parsed, out, err);
        } catch (CommandLine.ParameterException usage) {
            err.println("raft-node: " + usage.getMessage());
            suggest(usage, err);
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

    private static void suggest(CommandLine.ParameterException usage, PrintWriter err) {
        if (usage instanceof CommandLine.UnmatchedArgumentException unmatched) {
            List<String> near = unmatched.getSuggestions();
            if (!near.isEmpty()) {
                err.println("Did you mean " + String.join(" or ", near) + "?");
            }
        }
        err.println("See raft-node --help.");
    }
}
