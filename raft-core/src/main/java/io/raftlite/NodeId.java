package io.raftlite;

/**
 * Names a member of a cluster: the identity that votes, configurations and messages use.
 *
 * <p>An identity is for life; the address under which a member is reached may change. Any text of 1 to 255 characters
 * without control characters will do, so that a URL can serve as identity. Ids are ordered by their text.
 *
 * @param value the text, or the empty text for {@link #NONE}
 */
public record NodeId(String value) implements Comparable<NodeId> {
    /** Stands for "nobody": no vote given, no leader known. It is never a member. */
    public static final NodeId NONE = new NodeId("");

    private static final int MAX_LENGTH = 255;

    public NodeId {
        if (value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "node id has " + value.length() + " characters, at most " + MAX_LENGTH + " are allowed");
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new IllegalArgumentException("node id has a control character at position " + i);
            }
        }
    }

    /** Names a member; unlike the constructor it refuses the empty text of {@link #NONE}. */
    public static NodeId of(String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("node id is empty");
        }
        return new NodeId(value);
    }

    /** Tells whether this is {@link #NONE}. */
    public boolean isNone() {
        return value.isEmpty();
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return isNone() ? "none" : value;
    }
}
