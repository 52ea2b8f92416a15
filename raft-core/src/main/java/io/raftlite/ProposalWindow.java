package io.raftlite;

import java.util.ArrayDeque;
import java.util.List;

/** The proposals of one leader: makes entries of them, as long as not too many bytes wait to be applied. */
final class ProposalWindow {
    private record Pending(long lastIndex, long bytes) {}

    private final Server server;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private long pendingBytes;

    ProposalWindow(Server server) {
        this.server = server;
    }

    ProposalWindow copy(Server copyOfServer) {
        ProposalWindow copy = new ProposalWindow(copyOfServer);
        copy.pending.addAll(pending);
        copy.pendingBytes = pendingBytes;
        return copy;
    }

    void hash(StateHash hash) {
        pending.forEach(batch -> hash.add(batch.lastIndex).add(batch.bytes));
    }

    /** Appends proposals, each under a request of its own; one above the size limit fails alone. */
    void propose(long firstRequest, List<Proposal> proposals, long timeMillis) {
        int from = 0;
        for (int i = 0; i < proposals.size(); i++) {
            int bytes = proposals.get(i).payloadBytes();
            if (bytes > server.config().maxCommandBytes()) {
                append(firstRequest + from, proposals.subList(from, i), timeMillis);
                server.fail(
                        firstRequest + i,
                        1,
                        new RaftException.Rejected(
                                RaftException.Rejected.Reason.TOO_LARGE,
                                "the command has " + bytes + " bytes, at most "
                                        + server.config().maxCommandBytes() + " are allowed"));
                from = i + 1;
            }
        }
        append(firstRequest + from, proposals.subList(from, proposals.size()), timeMillis);
    }

    private void append(long firstRequest, List<Proposal> batch, long timeMillis) {
        if (batch.isEmpty()) {
            return;
        }
        long bytes = 0;
        for (Proposal proposal : batch) {
            bytes += proposal.payloadBytes() + Entry.OVERHEAD_BYTES;
        }
        // A batch above the limit passes when it is alone, else it could never pass.
        if (pendingBytes > 0 && pendingBytes + bytes > server.config().maxPendingBytes()) {
            server.fail(
                    firstRequest,
                    batch.size(),
                    new RaftException.Overloaded(pendingBytes + " bytes of commands wait to be applied, the limit is "
                            + server.config().maxPendingBytes()));
            return;
        }
        server.track(firstRequest, server.nextId(), batch.size());
        EntryPacker packer = new EntryPacker(bytes);
        for (Proposal proposal : batch) {
            server.append(Entry.encode(
                    server.nextId(), timeMillis, proposal.type(), proposal.head(), proposal.command(), packer));
        }
        pending.add(new Pending(server.log().lastIndex(), bytes));
        pendingBytes += bytes;
    }

    /** Takes the fact that the state machine is being given everything up to {@code index}. */
    void applying(long index) {
        while (!pending.isEmpty() && pending.element().lastIndex <= index) {
            pendingBytes -= pending.remove().bytes;
        }
    }

    void check() {
        long bytes = pending.stream().mapToLong(Pending::bytes).sum();
        Checks.check(bytes == pendingBytes, "the bytes that wait to be applied are counted", pendingBytes);
    }
}
