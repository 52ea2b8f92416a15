package io.raftlite.client;

import java.io.InputStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/**
 * The surroundings of the program.
 *
 * @param interactive whether a person types and reads
 */
record Terminal(
        List<String> arguments,
        InputStream in,
        PrintWriter out,
        PrintWriter err,
        Map<String, String> environment,
        boolean interactive) {
    /** Tells whether to use colours, see no-color.org. */
    boolean coloured() {
        return interactive
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }
}
