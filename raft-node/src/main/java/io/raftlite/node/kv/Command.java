package io.raftlite.node.kv;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/**
 * One command of the key-value store, as people type it.
 *
 * <p>{@code SET k=v} (or {@code UPDATE}), {@code GET k}, {@code DEL k …}, {@code CAS k old new}, {@code INCR k [n]}, with the
 * verb in any case. A key is one word without {@code =}; the value of SET is the rest of the text, as it is. Any text that
 * begins with no such verb is opaque: it is logged and replicated, and changes nothing here.
 */
public final class Command {
    private static final ByteBuffer PLAIN_SET = StandardCharsets.US_ASCII.encode("SET ");

    /** Null only if it is exactly {@code SET k=v}, which the arguments tell. */
    private final @Nullable String text;

    private final Optional<Verb> verb;
    private final List<String> arguments;

    private Command(@Nullable String text, Optional<Verb> verb, List<String> arguments) {
        this.text = text;
        this.verb = verb;
        this.arguments = List.copyOf(arguments);
    }

    /**
     * Reads a command.
     *
     * @throws IllegalArgumentException with the usage, if the verb is known and the rest does not fit it
     */
    public static Command parse(String text) {
        int start = skip(text, 0, true);
        int end = skip(text, start, false);
        Optional<Verb> verb = Verb.of(text.substring(start, end));
        return new Command(text, verb, verb.isEmpty() ? List.of() : arguments(verb.get(), text, end));
    }

    /** Returns the first place from {@code start} on that is no white space, or that is. */
    private static int skip(String text, int start, boolean whitespace) {
        int place = start;
        while (place < text.length() && Character.isWhitespace(text.charAt(place)) == whitespace) {
            place++;
        }
        return place;
    }

    private static List<String> arguments(Verb verb, String text, int start) {
        if (verb == Verb.SET) {
            int equals = requireSetting(text, start);
            return List.of(text.substring(start, equals).strip(), text.substring(equals + 1));
        }
        List<String> words = words(text.substring(start));
        switch (verb) {
            case GET -> require(words.size() == 1, verb);
            case DEL -> require(!words.isEmpty(), verb);
            case CAS -> require(words.size() == 3, verb);
            default -> {
                require(words.size() == 1 || words.size() == 2, verb);
                if (words.size() == 2) {
                    require(number(words.get(1)).isPresent(), verb);
                }
            }
        }
        int keys = verb == Verb.DEL ? words.size() : 1;
        words.subList(0, keys).forEach(key -> requireKey(key, verb));
        return words;
    }

    /** Returns the place of the sign that ends the key of a SET. */
    private static int requireSetting(String text, int start) {
        int equals = text.indexOf('=', start);
        int key = skip(text, start, true);
        int keyEnd = Math.min(skip(text, key, false), equals);
        require(key < keyEnd && skip(text, keyEnd, true) >= equals, Verb.SET);
        return equals;
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(text);
        while (tokens.hasMoreTokens()) {
            words.add(tokens.nextToken());
        }
        return words;
    }

    private static void requireKey(String key, Verb verb) {
        require(!key.isEmpty() && key.indexOf('=') < 0, verb);
        for (int i = 0; i < key.length(); i++) {
            require(!Character.isWhitespace(key.charAt(i)), verb);
        }
    }

    private static void require(boolean fits, Verb verb) {
        if (!fits) {
            throw new IllegalArgumentException("usage: " + verb.usage());
        }
    }

    /** Reads a whole number of the range of {@code long}. */
    static Optional<Long> number(String text) {
        try {
            return Optional.of(Long.valueOf(text));
        } catch (NumberFormatException none) {
            return Optional.empty();
        }
    }

    /**
     * Reads a command from its bytes, as they are logged; bytes that are no text are opaque.
     *
     * @throws IllegalArgumentException as {@link #parse}
     */
    public static Command decode(ByteBuffer bytes) {
        try {
            int equals = plainSetting(bytes);
            if (equals >= 0) {
                int key = bytes.position() + PLAIN_SET.remaining();
                return setting(Utf8.decode(bytes, key, equals), Utf8.decode(bytes, equals + 1, bytes.limit()));
            }
            return parse(Utf8.decode(bytes));
        } catch (CharacterCodingException notText) {
            return new Command("", Optional.empty(), List.of());
        }
    }

    /**
     * Returns the place of the sign that ends the key, if the bytes begin as most commands do, with {@code SET k=} in capitals,
     * ASCII and one space; else -1. Whatever follows the sign is the value then.
     */
    private static int plainSetting(ByteBuffer bytes) {
        if (PLAIN_SET.mismatch(bytes) != PLAIN_SET.remaining()) {
            return -1;
        }
        int key = bytes.position() + PLAIN_SET.remaining();
        for (int place = key; place < bytes.limit(); place++) {
            byte letter = bytes.get(place);
            if (letter == '=') {
                return place == key ? -1 : place;
            }
            // Perhaps white space, or negative: beyond ASCII.
            if (letter <= ' ') {
                return -1;
            }
        }
        return -1;
    }

    /**
     * Throws what {@link #decode} would throw.
     *
     * @throws IllegalArgumentException as {@link #parse}
     */
    static void validate(ByteBuffer bytes) {
        if (plainSetting(bytes) < 0) {
            decode(bytes);
        }
    }

    /**
     * Tells, by the first letter alone, whether the bytes of a command may be a query; most are not, and need not be read to
     * know it. Only a plain {@code g} begins {@code GET}, and beyond ASCII anything may be white space.
     */
    public static boolean mayBeQuery(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            byte letter = bytes.get(i);
            if (letter < 0 || !Character.isWhitespace(letter)) {
                return letter < 0 || letter == 'g' || letter == 'G';
            }
        }
        return false;
    }

    /** Writes the setting of a key; unlike the text {@code SET k=v} it cannot be mistaken, whatever the value. */
    public static Command set(String key, String value) {
        requireKey(key, Verb.SET);
        return setting(key, value);
    }

    private static Command setting(String key, String value) {
        return new Command(null, Optional.of(Verb.SET), List.of(key, value));
    }

    /** Tells whether the command asks and changes nothing, so that it is answered by a read and never logged. */
    public boolean isQuery() {
        return verb.isPresent() && verb.get() == Verb.GET;
    }

    /** Returns the command as it was given. */
    public String text() {
        return text == null ? "SET " + argument(0) + "=" + argument(1) : text;
    }

    /** Returns the bytes that are logged. */
    public ByteBuffer encoded() {
        return ByteBuffer.wrap(text().getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer();
    }

    Optional<Verb> verb() {
        return verb;
    }

    String argument(int place) {
        return arguments.get(place);
    }

    List<String> arguments() {
        return arguments;
    }
}
