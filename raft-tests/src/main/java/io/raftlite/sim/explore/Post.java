package io.raftlite.sim.explore;

import io.raftlite.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gives equal messages the same number, so that a state names those in flight by a few numbers, and exactly. */
final class Post {
    private final Map<Message, Integer> numbers = new HashMap<>();
    private final List<Message> messages = new ArrayList<>();

    int number(Message message) {
        Integer known = numbers.putIfAbsent(message, messages.size());
        if (known != null) {
            return known;
        }
        messages.add(message);
        return messages.size() - 1;
    }

    Message message(int number) {
        return messages.get(number);
    }
}
