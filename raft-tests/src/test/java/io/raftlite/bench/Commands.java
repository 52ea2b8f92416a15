package io.raftlite.bench;

import io.raftlite.Entry;
import io.raftlite.EntryId;
import io.raftlite.Proposal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What is proposed, written and sent in the benchmarks: small commands, in batches. */
public final class Commands {
    /** How many commands travel together. */
    public static final int BATCH = 64;

    /** A key of 16 bytes, a value of 128, and what stands around them. */
    private static final int BYTES = 160;

    private Commands() {}

    private static ByteBuffer command() {
        return ByteBuffer.allocate(BYTES);
    }

    /** Returns a batch to propose. */
    public static List<Proposal> proposals() {
        return Collections.nCopies(BATCH, Proposal.command(command()));
    }

    /** Returns a batch of entries of a term, from an index on. */
    public static List<Entry> entries(long first, long term) {
        ByteBuffer payload = command();
        List<Entry> entries = new ArrayList<>(BATCH);
        for (int i = 0; i < BATCH; i++) {
            entries.add(Entry.of(new EntryId(first + i, term), 0, Entry.Type.COMMAND, payload));
        }
        return entries;
    }
}
