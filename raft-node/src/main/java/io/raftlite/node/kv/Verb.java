package io.raftlite.node.kv;

import java.util.Locale;
import java.util.Optional;

/** The verbs that the key-value store knows; any other text is a command without effect on it. */
enum Verb {
    SET("SET key=value"),
    GET("GET key"),
    DEL("DEL key [key ...]"),
    CAS("CAS key old new"),
    INCR("INCR key [number]");

    private final String usage;

    Verb(String usage) {
        this.usage = usage;
    }

    String usage() {
        return usage;
    }

    /** Finds the verb that a text begins with, in any case; {@code UPDATE} is another word for {@code SET}. */
    static Optional<Verb> of(String word) {
        String upper = word.toUpperCase(Locale.ROOT);
        if (upper.equals("UPDATE")) {
            return Optional.of(SET);
        }
        for (Verb verb : values()) {
            if (verb.name().equals(upper)) {
                return Optional.of(verb);
            }
        }
        return Optional.empty();
    }
}
