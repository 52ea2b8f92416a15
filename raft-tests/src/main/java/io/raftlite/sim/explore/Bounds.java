package io.raftlite.sim.explore;

/**
 * How often each kind of action may still happen, as one number of four bits a kind.
 *
 * @param packed the count of each kind, at four times its code
 */
record Bounds(long packed) {
    private static final int BITS = 4;
    private static final int MOST = (1 << BITS) - 1;

    static final Bounds NONE = new Bounds(0);

    int left(ActionKind kind) {
        return (int) (packed >>> (BITS * kind.code())) & MOST;
    }

    boolean allows(ActionKind kind) {
        return !kind.isBounded() || left(kind) > 0;
    }

    Bounds with(ActionKind kind, int times) {
        if (times < 0 || times > MOST) {
            throw new IllegalArgumentException(kind + " may happen 0 to " + MOST + " times, not " + times);
        }
        int shift = BITS * kind.code();
        return new Bounds((packed & ~((long) MOST << shift)) | ((long) times << shift));
    }

    /** Returns what is left after one more action of a kind that is allowed. */
    Bounds after(ActionKind kind) {
        return kind.isBounded() ? new Bounds(packed - (1L << (BITS * kind.code()))) : this;
    }
}
