package io.raftlite.sim.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One command of a scenario, as words that know where they stand.
 *
 * @param source the name of the scenario
 * @param line its line, from 1 on
 * @param words at least one, the verb
 */
record Step(String source, int line, List<Word> words) {
    private static final Pattern WORD = Pattern.compile("\\S+");

    /** @param column where the word begins in its line, from 1 on */
    record Word(String text, int column) {
        /** Returns the part from {@code begin} to before {@code end}, in its own place. */
        Word part(int begin, int end) {
            return new Word(text.substring(begin, end), column + begin);
        }
    }

    Step {
        words = List.copyOf(words);
    }

    static Step parse(String source, int line, String text) {
        List<Word> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(new Word(matcher.group(), matcher.start() + 1));
        }
        return new Step(source, line, words);
    }

    Word verb() {
        return words.get(0);
    }

    /** Returns the word behind the verb at {@code place}, from 1 on; {@code what} says what is missing if it is not there. */
    Word word(int place, String what) {
        if (place >= words.size()) {
            Word last = words.get(words.size() - 1);
            Word end = last.part(last.text().length(), last.text().length());
            throw error(end, "here belongs " + what);
        }
        return words.get(place);
    }

    /** Returns all words from {@code place} on. */
    List<Word> from(int place) {
        return words.subList(Math.min(place, words.size()), words.size());
    }

    /** Refuses words from {@code place} on. */
    void endsBefore(int place) {
        if (place < words.size()) {
            Word extra = words.get(place);
            throw error(extra, "'" + extra.text() + "' is too much here");
        }
    }

    long number(Word word) {
        try {
            return Long.parseLong(word.text());
        } catch (NumberFormatException wrong) {
            throw error(word, "'" + word.text() + "' is not a number");
        }
    }

    ScenarioException error(Word at, String message) {
        return new ScenarioException(place(at), message);
    }

    ScenarioException broken(RuntimeException cause) {
        return new ScenarioException(place(verb()), String.valueOf(cause.getMessage()), cause);
    }

    private String place(Word at) {
        return source + ":" + line + ":" + at.column();
    }
}
