package io.raftlite.http;

import io.raftlite.EntryId;
import io.raftlite.Envelope;
import io.raftlite.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What travels in the headers of each request and answer, so that the bodies stay those of the paper.
 *
 * <p>Required are the six headers of the envelope. Optional are the protocol version, the human name of the sender, the
 * number of its run (drawn anew whenever its process starts), the incarnation that the receiver must have and, within a run,
 * the order of an append.
 *
 * @param name empty if the sender gave none
 * @param run {@link #NO_RUN} if the sender gave none
 * @param toIncarnation the incarnation that the sender knows the receiver by, or {@link Peering#UNBOUND}
 */
record WireHeaders(Envelope envelope, String name, long version, long run, long toIncarnation, Optional<Order> order) {
    static final String CLUSTER = "X-Raft-Cluster";
    static final String FROM = "X-Raft-From";
    static final String TO = "X-Raft-To";
    static final String INCARNATION = "X-Raft-Incarnation";
    static final String SESSION = "X-Raft-Session";
    static final String NONCE = "X-Raft-Nonce";
    static final String TO_INCARNATION = "X-Raft-To-Incarnation";
    static final String VERSION = "X-Raft-Version";
    static final String NAME = "X-Raft-Name";
    static final String RUN = "X-Raft-Run";
    static final String SEQUENCE = "X-Raft-Sequence";
    static final String FLOOR = "X-Raft-Floor";

    /** The headers that no message may lack. */
    static final List<String> REQUIRED = List.of(CLUSTER, FROM, TO, INCARNATION, SESSION, NONCE);

    /** The version of the protocol that this code speaks. */
    static final long PROTOCOL_VERSION = 1;

    /** Stands for a sender that does not tell its run, such as a human with curl. */
    static final long NO_RUN = 0;

    /** Looks a header up. */
    @FunctionalInterface
    interface Lookup {
        @Nullable
        String get(String header) throws MalformedException;
    }

    /**
     * Returns the protocol version of a message. It is looked at before anything else, for nobody knows what a newer version
     * makes of the other headers.
     */
    static long version(Lookup lookup) throws MalformedException {
        return number(lookup, VERSION, PROTOCOL_VERSION);
    }

    /** Returns which required headers are missing. */
    static List<String> missing(Lookup lookup) throws MalformedException {
        List<String> missing = new ArrayList<>();
        for (String header : REQUIRED) {
            if (lookup.get(header) == null) {
                missing.add(header);
            }
        }
        return missing;
    }

    /** Reads the headers; none of the required ones may be missing. */
    static WireHeaders read(Lookup lookup) throws MalformedException {
        Envelope envelope = new Envelope(
                text(lookup, CLUSTER),
                id(lookup, FROM),
                id(lookup, TO),
                number(lookup, INCARNATION, 0),
                number(lookup, SESSION, 0),
                number(lookup, NONCE, 0));
        String name = text(lookup, NAME);
        if (!name.isEmpty()) {
            id(lookup, NAME);
        }
        long run = number(lookup, RUN, NO_RUN);
        long toIncarnation = number(lookup, TO_INCARNATION, Peering.UNBOUND);
        return new WireHeaders(envelope, name, version(lookup), run, toIncarnation, order(lookup, run));
    }

    private static String text(Lookup lookup, String header) throws MalformedException {
        String value = lookup.get(header);
        return value == null ? "" : HeaderText.decode(header, value);
    }

    private static NodeId id(Lookup lookup, String header) throws MalformedException {
        try {
            return NodeId.of(text(lookup, header));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("header " + header + " is not an id: " + e.getMessage());
        }
    }

    private static long number(Lookup lookup, String header, long absent) throws MalformedException {
        String value = lookup.get(header);
        if (value == null) {
            return absent;
        }
        boolean isWhole =
                !value.isEmpty() && value.length() <= 16 && value.chars().allMatch(c -> c >= '0' && c <= '9');
        long number = isWhole ? Long.parseLong(value) : -1;
        if (number < 0 || number > EntryId.MAX) {
            throw new MalformedException(
                    "header " + header + " must be a whole number in 0.." + EntryId.MAX + ", not " + Quote.of(value));
        }
        return number;
    }

    private static Optional<Order> order(Lookup lookup, long run) throws MalformedException {
        if (run == NO_RUN || lookup.get(SEQUENCE) == null) {
            return Optional.empty();
        }
        long sequence = number(lookup, SEQUENCE, 0);
        long floor = number(lookup, FLOOR, sequence);
        if (floor > sequence) {
            throw new MalformedException("header " + FLOOR + " " + floor + " is above " + SEQUENCE + " " + sequence);
        }
        return Optional.of(new Order(sequence, floor));
    }

    /** Hands every header to {@code out}, name and value. */
    void write(BiConsumer<String, String> out) {
        out.accept(CLUSTER, HeaderText.encode(envelope.cluster()));
        out.accept(FROM, HeaderText.encode(envelope.from().value()));
        out.accept(TO, HeaderText.encode(envelope.to().value()));
        out.accept(INCARNATION, Long.toString(envelope.incarnation()));
        out.accept(SESSION, Long.toString(envelope.session()));
        out.accept(NONCE, Long.toString(envelope.nonce()));
        out.accept(VERSION, Long.toString(version));
        if (!name.isEmpty()) {
            out.accept(NAME, HeaderText.encode(name));
        }
        if (run != NO_RUN) {
            out.accept(RUN, Long.toString(run));
        }
        if (toIncarnation != Peering.UNBOUND) {
            out.accept(TO_INCARNATION, Long.toString(toIncarnation));
        }
        order.ifPresent(place -> {
            out.accept(SEQUENCE, Long.toString(place.sequence()));
            out.accept(FLOOR, Long.toString(place.floor()));
        });
    }
}
