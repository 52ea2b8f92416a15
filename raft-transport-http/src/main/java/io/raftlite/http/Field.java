package io.raftlite.http;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of the JSON bodies: the names of the paper's Figure 2, and a few beside them.
 *
 * <p>They are written as {@code lastLogIndex} and read as {@code last_log_index} too.
 */
enum Field {
    TERM(Kind.NUMBER),
    CANDIDATE_ID(Kind.TEXT),
    LAST_LOG_INDEX(Kind.NUMBER),
    LAST_LOG_TERM(Kind.NUMBER),
    TRANSFER(Kind.FLAG),
    VOTE_GRANTED(Kind.FLAG),
    REMOVED_INDEX(Kind.NUMBER),
    REMOVED_TERM(Kind.NUMBER),
    LEADER_ID(Kind.TEXT),
    PREV_LOG_INDEX(Kind.NUMBER),
    PREV_LOG_TERM(Kind.NUMBER),
    ENTRIES(Kind.ENTRIES),
    LEADER_COMMIT(Kind.NUMBER),
    READ_SEQUENCE(Kind.NUMBER),
    LEASE_MILLIS(Kind.NUMBER),
    SUCCESS(Kind.FLAG),
    MATCH_INDEX(Kind.NUMBER),
    HINT_INDEX(Kind.NUMBER),
    HINT_TERM(Kind.NUMBER),
    LAST_INCLUDED_INDEX(Kind.NUMBER),
    LAST_INCLUDED_TERM(Kind.NUMBER),
    CONFIGURATION_INDEX(Kind.NUMBER),
    CONFIGURATION(Kind.TEXT),
    SESSION(Kind.NUMBER),
    FAILED(Kind.FLAG),
    READ_INDEX(Kind.NUMBER),
    INDEX(Kind.NUMBER),
    TIME_MILLIS(Kind.NUMBER),
    COMMAND(Kind.TEXT),
    TYPE(Kind.TEXT),
    DATA(Kind.TEXT);

    /** What a value may be. */
    enum Kind {
        NUMBER("a whole number"),
        TEXT("a string"),
        FLAG("true or false"),
        ENTRIES("an array of entries");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    private static final Map<String, Field> BY_NAME = new HashMap<>();

    static {
        for (Field field : values()) {
            BY_NAME.put(field.camelCase, field);
            BY_NAME.put(field.name().toLowerCase(Locale.ROOT), field);
        }
    }

    private final Kind kind;
    private final String camelCase;

    Field(Kind kind) {
        this.kind = kind;
        StringBuilder name = new StringBuilder();
        for (String word : name().split("_", -1)) {
            String lower = word.toLowerCase(Locale.ROOT);
            name.append(name.isEmpty() ? lower : word.charAt(0) + lower.substring(1));
        }
        this.camelCase = name.toString();
    }

    Kind kind() {
        return kind;
    }

    /** Returns the name as it is written. */
    String camelCase() {
        return camelCase;
    }

    /** Returns the field of this name in either spelling, or null for a name that means nothing here. */
    static @Nullable Field ofName(String name) {
        return BY_NAME.get(name);
    }
}
