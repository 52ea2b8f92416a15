package io.raftlite.http;

/** Says, in a sentence for the sender, why bytes or headers are not a message. */
final class MalformedException extends Exception {
    MalformedException(String sentence) {
        super(sentence);
    }

    /** Returns the sentence. */
    String sentence() {
        return String.valueOf(getMessage());
    }
}
