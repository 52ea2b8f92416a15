package io.raftlite.client;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a command of words without a subcommand, as in {@code raft-client "SET x=100"}.
 *
 * <p>Any text can be replicated, so that a mistyped subcommand would be, for ever: what looks like one is refused, and so
 * is a single word.
 */
final class BareCommand {
    private static final int MAX_TYPOS = 2;
    private static final Map<String, String> USAGES = Map.of(
            "SET", "SET key=value",
            "UPDATE", "UPDATE key=value",
            "GET", "GET key",
            "DEL", "DEL key [key ...]",
            "CAS", "CAS key old new",
            "INCR", "INCR key [number]");

    private BareCommand() {}

    /**
     * Joins the words by one space.
     *
     * @throws UsageException if they are no command, or look like a mistyped subcommand
     */
    static String of(List<String> words, List<String> subcommands) {
        String first = words.get(0);
        boolean isOneWord = first.chars().noneMatch(Character::isWhitespace);
        String usage = USAGES.get(first.toUpperCase(Locale.ROOT));
        if (isOneWord && usage == null) {
            Optional<String> near = nearest(first, subcommands);
            if (near.isPresent()) {
                throw new UsageException(
                        "there is no command '" + first + "'; did you mean '" + near.get() + "'?",
                        "to replicate the text as it is: raft-client submit \"" + String.join(" ", words) + "\"");
            }
        }
        if (words.size() == 1 && isOneWord) {
            if (usage != null) {
                throw new UsageException(
                        "'" + first + "' is not complete; did you mean '" + usage + "'?",
                        "to see what there is: raft-client --help");
            }
            throw new UsageException(
                    "there is no command '" + first + "'",
                    "to replicate the word as it is: raft-client submit " + first);
        }
        return String.join(" ", words);
    }

    /** Finds the subcommand that a word may be a mistyping of. */
    private static Optional<String> nearest(String word, List<String> subcommands) {
        String lower = word.toLowerCase(Locale.ROOT);
        return subcommands.stream()
                .filter(subcommand -> distance(lower, subcommand) <= allowed(subcommand))
                .min(Comparator.comparingInt(subcommand -> distance(lower, subcommand)));
    }

    private static int allowed(String subcommand) {
        return subcommand.length() < 5 ? 1 : MAX_TYPOS;
    }

    /** Counts the letters to insert, delete, replace, or swap with their neighbour. */
    static int distance(String a, String b) {
        int[][] distances = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    distances[i][j] = i + j;
                    continue;
                }
                int replaced = distances[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                int least = Math.min(replaced, Math.min(distances[i - 1][j], distances[i][j - 1]) + 1);
                boolean isSwap =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                distances[i][j] = isSwap ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
            }
        }
        return distances[a.length()][b.length()];
    }
}
