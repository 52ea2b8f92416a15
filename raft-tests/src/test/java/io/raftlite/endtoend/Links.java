package io.raftlite.endtoend;

import java.util.TreeMap;

/** How the way from one process to another is, for each pair and direction, now; what is not named here is sound. */
final class Links {
    /**
     * How one direction is.
     *
     * @param cut whether nothing passes; what was sent meanwhile passes later, as TCP has it
     * @param delayMillis how long a piece takes
     * @param pieceBytes how much passes at a time
     */
    record Link(boolean cut, long delayMillis, int pieceBytes) {
        static final Link SOUND = new Link(false, 0, 64 << 10);
        static final Link CUT = new Link(true, 0, SOUND.pieceBytes);

        static Link delayed(long millis) {
            return new Link(false, millis, SOUND.pieceBytes);
        }

        static Link slow(int bytesEachTenMillis) {
            return new Link(false, 10, bytesEachTenMillis);
        }
    }

    private final TreeMap<String, Link> links = new TreeMap<>();
    private boolean closed;

    synchronized void set(String from, String to, Link link) {
        links.put(name(from, to), link);
        notifyAll();
    }

    private static String name(String from, String to) {
        return from + " to " + to;
    }

    synchronized void heal() {
        links.clear();
        notifyAll();
    }

    /** Lets everything pass for good. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized int pieceBytes(String from, String to) {
        return link(from, to).pieceBytes();
    }

    private Link link(String from, String to) {
        return closed ? Link.SOUND : links.getOrDefault(name(from, to), Link.SOUND);
    }

    /** Returns once a piece has come through. */
    synchronized void pass(String from, String to) throws InterruptedException {
        long arrivalNanos = System.nanoTime() + link(from, to).delayMillis() * 1_000_000;
        while (link(from, to).cut() || arrivalNanos - System.nanoTime() > 0) {
            long millis = Math.max(1, (arrivalNanos - System.nanoTime()) / 1_000_000);
            if (closed) {
                return;
            }
            if (link(from, to).cut()) {
                wait();
            } else {
                wait(millis);
            }
        }
    }
}
