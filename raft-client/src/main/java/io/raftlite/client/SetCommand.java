package io.raftlite.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code set}: gives a key a value. */
@Command(
        name = "set",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Gives a key a value.")
final class SetCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    @Parameters(paramLabel = "KEY VALUE", arity = "1..2", description = "a key and its value; KEY=VALUE is the same")
    private List<String> words = new ArrayList<>();

    SetCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        String command = command();
        try (Session session = root.open()) {
            return new Submitter(session).submit(command);
        }
    }

    private String command() {
        String first = words.get(0);
        if (words.size() == 1 && first.indexOf('=') > 0) {
            return "SET " + first;
        }
        if (words.size() == 1) {
            throw new UsageException("there is no value for '" + first + "'", "raft-client set " + first + " VALUE");
        }
        if (first.isEmpty() || first.indexOf('=') >= 0 || first.chars().anyMatch(Character::isWhitespace)) {
            throw new UsageException(
                    "a key is one word without '=': '" + first + "' is not", "raft-client set KEY VALUE");
        }
        return "SET " + first + "=" + words.get(1);
    }
}
