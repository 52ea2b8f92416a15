package io.raftlite.sim.explore;

import java.util.Arrays;

/**
 * Every state that was seen, as three numbers: its fingerprint, the state from which it was first reached, and by which
 * action. That is all that is kept of a state once it was looked at; the rest is found again by doing the actions anew.
 *
 * <p>Two states with the same fingerprint of 64 bits are taken for one: among ten million states, the odds that any two
 * different ones share one are three in a million.
 */
final class Visited {
    private static final int NONE = -1;
    private static final int FIRST_CAPACITY = 1 << 16;

    private long[] fingerprints = new long[FIRST_CAPACITY];
    private int[] parents = new int[FIRST_CAPACITY];
    private int[] actions = new int[FIRST_CAPACITY];
    private int[] slots = emptySlots(FIRST_CAPACITY * 2);
    private int size;

    private static int[] emptySlots(int capacity) {
        int[] slots = new int[capacity];
        Arrays.fill(slots, NONE);
        return slots;
    }

    int size() {
        return size;
    }

    /** Adds a state, and returns whether it is new; if so, its number is the size before. */
    boolean add(long fingerprint, int parent, int action) {
        int slot = slot(fingerprint);
        if (slots[slot] != NONE) {
            return false;
        }
        if (size == fingerprints.length) {
            grow();
            slot = slot(fingerprint);
        }
        slots[slot] = size;
        fingerprints[size] = fingerprint;
        parents[size] = parent;
        actions[size] = action;
        size++;
        return true;
    }

    private int slot(long fingerprint) {
        int mask = slots.length - 1;
        int slot = (int) fingerprint & mask;
        while (slots[slot] != NONE && fingerprints[slots[slot]] != fingerprint) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        int capacity = size * 2;
        fingerprints = Arrays.copyOf(fingerprints, capacity);
        parents = Arrays.copyOf(parents, capacity);
        actions = Arrays.copyOf(actions, capacity);
        slots = emptySlots(capacity * 2);
        for (int state = 0; state < size; state++) {
            slots[slot(fingerprints[state])] = state;
        }
    }

    /** Returns the actions that lead to a state, from the first state on. */
    int[] path(int state) {
        int length = 0;
        for (int at = state; parents[at] != at; at = parents[at]) {
            length++;
        }
        int[] path = new int[length];
        for (int at = state; parents[at] != at; at = parents[at]) {
            path[--length] = actions[at];
        }
        return path;
    }
}
