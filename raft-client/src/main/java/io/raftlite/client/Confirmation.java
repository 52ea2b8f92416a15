package io.raftlite.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Asks a person before something that is hard to undo. */
final class Confirmation {
    private Confirmation() {}

    /**
     * Returns if the answer is yes, or {@code --yes} was given.
     *
     * @throws UsageException if it is not, or nobody is there to ask
     */
    static void require(RaftClientCommand root, String question) throws IOException {
        if (root.isSure()) {
            return;
        }
        Terminal terminal = root.terminal();
        if (!terminal.interactive()) {
            throw new UsageException(
                    question + " There is nobody to ask; nothing was done", "say it beforehand with --yes");
        }
        terminal.err().print(question + " [y/N] ");
        terminal.err().flush();
        String answer = new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8)).readLine();
        String word = answer == null ? "" : answer.strip().toLowerCase(Locale.ROOT);
        if (!word.equals("y") && !word.equals("yes")) {
            throw new UsageException("not confirmed, nothing was done", "");
        }
    }
}
