package io.raftlite.sim;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Tells several observers what happens, in their order. */
final class Observers {
    private final List<Observer> all;

    Observers(Observer... all) {
        this.all = Stream.of(all).filter(one -> one != Observer.NONE).toList();
    }

    void tell(Consumer<Observer> event) {
        all.forEach(event);
    }
}
