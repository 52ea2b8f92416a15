package io.raftlite.client;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** The program {@code raft-client}: the command line of a cluster. */
public final class Main {
    private static final Pattern NEGATIVE_NUMBER = Pattern.compile("-\\d+(\\.\\d+)?");
    private static final String HELP_HINT = "see raft-client --help";

    private Main() {}

    /**
     * Runs the program, and ends the process: 0 done, 1 answered no, 2 usage, 3 cluster unavailable, 4 outcome unknown, 5
     * refused, 6 invalid command, 70 a bug.
     */
    public static void main(String[] arguments) {
        Terminal terminal = new Terminal(
                List.of(arguments),
                System.in,
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                System.getenv(),
                isInteractive());
        System.exit(run(terminal));
    }

    /** Newer Java has a console even where there is no terminal, and a method to tell, which Java 17 lacks. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isInteractive() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException older) {
            return true;
        }
    }

    /** A value is written as it is stored, whatever the locale. */
    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(
                new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8),
                descriptor == FileDescriptor.err);
    }

    static int run(Terminal terminal) {
        CommandLine line = RaftClientCommand.commandLine(terminal)
                .setOut(terminal.out())
                .setErr(terminal.err())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        terminal.coloured() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
                .setParameterExceptionHandler((wrong, arguments) -> misused(wrong, terminal.err()))
                .setExecutionExceptionHandler((failure, ran, parsed) -> failed(failure, terminal));
        try {
            return line.execute(withNumbers(terminal.arguments()));
        } finally {
            terminal.out().flush();
            terminal.err().flush();
        }
    }

    /** Lets {@code INCR x -5} through, whose last word is a number and no option. */
    private static String[] withNumbers(List<String> arguments) {
        List<String> marked = new ArrayList<>(arguments);
        for (int i = 1; i < arguments.size() && !arguments.get(i).equals("--"); i++) {
            if (NEGATIVE_NUMBER.matcher(arguments.get(i)).matches()
                    && !arguments.get(i - 1).startsWith("-")) {
                marked.add(i, "--");
                break;
            }
        }
        return marked.toArray(String[]::new);
    }

    private static int misused(CommandLine.ParameterException wrong, PrintWriter err) {
        String name = wrong.getCommandLine().getCommandSpec().qualifiedName();
        List<String> near = wrong instanceof CommandLine.UnmatchedArgumentException unmatched
                ? unmatched.getSuggestions()
                : List.of();
        complain(
                err,
                String.valueOf(wrong.getMessage()),
                (near.isEmpty() ? "" : "did you mean " + String.join(" or ", near) + "? ") + "see " + name + " --help");
        return ExitCode.USAGE;
    }

    private static int failed(Exception failure, Terminal terminal) {
        PrintWriter err = terminal.err();
        if (failure instanceof UsageException usage) {
            complain(err, String.valueOf(usage.getMessage()), usage.hint());
            return ExitCode.USAGE;
        }
        if (failure instanceof RaftClientException error) {
            complain(err, String.valueOf(error.getMessage()), error.hint());
            return ExitCode.of(error);
        }
        if (failure instanceof IOException unreadable) {
            complain(err, "the input cannot be read: " + unreadable.getMessage(), HELP_HINT);
            return ExitCode.USAGE;
        }
        if (terminal.arguments().contains("--debug")) {
            failure.printStackTrace(err);
        }
        complain(err, "this is a bug: " + failure, "run it again with --debug, and report what it prints");
        return ExitCode.BUG;
    }

    static void complain(PrintWriter err, String error, String hint) {
        err.println("error: " + error);
        if (!hint.isEmpty()) {
            err.println("hint: " + hint);
        }
    }
}
