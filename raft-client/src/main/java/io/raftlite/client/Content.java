package io.raftlite.client;

import java.nio.charset.StandardCharsets;

/** What a request brings to a node. */
interface Content {
    /** Returns the media type. */
    String type();

    byte[] bytes();

    /** Returns about how many bytes there are. */
    int length();

    /** A document in JSON. */
    record Json(String text) implements Content {
        @Override
        public String type() {
            return "application/json";
        }

        @Override
        public byte[] bytes() {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int length() {
            return text.length();
        }
    }
}
