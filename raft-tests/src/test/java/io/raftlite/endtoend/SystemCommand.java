package io.raftlite.endtoend;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A program of the system that is run to its end. */
final class SystemCommand {
    private SystemCommand() {}

    /**
     * Runs a program and returns what it printed.
     *
     * @throws IOException with that and the command, if the program is missing or fails
     */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + output.strip());
        }
        return output;
    }
}
