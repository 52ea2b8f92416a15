package io.raftlite.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code del}: removes keys. */
@Command(
        name = "del",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Removes keys, and prints how many there were.")
final class DelCommand implements Callable<Integer> {
    private final RaftClientCommand root;

    @Parameters(paramLabel = "KEY", arity = "1..*", description = "words without =")
    private List<String> keys = new ArrayList<>();

    DelCommand(RaftClientCommand root) {
        this.root = root;
    }

    @Override
    public Integer call() {
        for (String key : keys) {
            if (key.isEmpty() || key.chars().anyMatch(Character::isWhitespace)) {
                throw new UsageException("a key is one word: '" + key + "' is not", "raft-client del KEY [KEY ...]");
            }
        }
        try (Session session = root.open()) {
            return new Submitter(session).submit("DEL " + String.join(" ", keys));
        }
    }
}
