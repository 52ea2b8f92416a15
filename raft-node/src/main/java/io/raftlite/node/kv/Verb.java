package io.raftlite.node.kv;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The verbs that the key-value store knows; any other text is a command without effect on it. */
enum Verb {
    SET("SET key=value"),
    GET("GET key"),
    DEL("DEL key [key ...]"),
    CAS("CAS key old new"),
    INCR("INCR key [number]");

    private static final Map<String, Optional<Verb>> BY_WORD = Map.of(
            "SET", Optional.of(SET),
            "UPDATE", Optional.of(SET),
            "GET", Optional.of(GET),
            "DEL", Optional.of(DEL),
            "CAS", Optional.of(CAS),
            "INCR", Optional.of(INCR));

    private final String usage;

    Verb(String usage) {
        this.usage = usage;
    }

    String usage() {
        return usage;
    }

    /** Finds the verb that a text begins with, in any case; {@code UPDATE} is another word for {@code SET}. */
    static Optional<Verb> of(String word) {
        return BY_WORD.getOrDefault(word.toUpperCase(Locale.ROOT), Optional.empty());
    }
}
