package io.raftlite;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Remembers which requests stand behind which entries until the log decides: committed here, or lost to an entry of
 * another term that is committed in their place.
 *
 * <p>Losing leadership decides nothing: another server may still hold the entry and commit it. A truncation of our own log
 * decides nothing either, for the same reason.
 */
final class ProposalTracker {
    /** {@code count} consecutive requests at consecutive indexes, appended in one call. */
    private record Batch(long firstRequest, long firstIndex, long term, int count) {
        long lastIndex() {
            return firstIndex + count - 1;
        }

        boolean holds(long request) {
            return request >= firstRequest && request < firstRequest + count;
        }

        Batch part(int from, int size) {
            return new Batch(firstRequest + from, firstIndex + from, term, size);
        }
    }

    // In the order of proposal. That is the order of indexes too, until a truncation makes room for new entries at the
    // places of older ones that are still undecided.
    private final List<Batch> batches = new ArrayList<>();

    ProposalTracker copy() {
        ProposalTracker copy = new ProposalTracker();
        copy.batches.addAll(batches);
        return copy;
    }

    void hash(StateHash hash) {
        hash.add(batches.size());
        for (Batch batch : batches) {
            hash.add(batch.firstRequest).add(batch.firstIndex).add(batch.term).add(batch.count);
        }
    }

    void add(long firstRequest, EntryId first, int count) {
        batches.add(new Batch(firstRequest, first.index(), first.term(), count));
    }

    /** Decides the requests at {@code first} … {@code last}, which are committed in {@code log}. */
    void decide(long first, long last, RaftLog log, NodeId leader, List<Ready.Result> results) {
        List<Batch> open = new ArrayList<>();
        Iterator<Batch> every = batches.iterator();
        while (every.hasNext()) {
            Batch batch = every.next();
            if (batch.firstIndex > last || batch.lastIndex() < first) {
                continue;
            }
            // Batches lose their front only, for ranges are decided in the order of the log.
            int decided = (int) (Math.min(batch.lastIndex(), last) - batch.firstIndex + 1);
            decide(batch.part(0, decided), log, leader, results);
            every.remove();
            if (decided < batch.count) {
                open.add(batch.part(decided, batch.count - decided));
            }
        }
        batches.addAll(0, open);
    }

    private static void decide(Batch batch, RaftLog log, NodeId leader, List<Ready.Result> results) {
        int kept = 0;
        while (kept < batch.count && log.term(batch.firstIndex + kept) == batch.term) {
            kept++;
        }
        if (kept > 0) {
            results.add(new Ready.Committed(batch.firstRequest, kept, new EntryId(batch.firstIndex, batch.term)));
        }
        if (kept < batch.count) {
            results.add(new Ready.Failed(
                    batch.firstRequest + kept, batch.count - kept, new RaftException.NotLeader(leader)));
        }
    }

    /** Ends the requests at or below {@code index}, which a snapshot jumped over: it does not tell whose entries it holds. */
    void jumpTo(long index, List<Ready.Result> results) {
        RaftException unknown = new RaftException.OutcomeUnknown(
                "this server took over a snapshot of index " + index + " before it knew what became of the request");
        List<Batch> open = new ArrayList<>();
        for (Batch batch : batches) {
            int jumped = (int) Math.max(0, Math.min(batch.count, index - batch.firstIndex + 1));
            if (jumped > 0) {
                results.add(new Ready.Failed(batch.firstRequest, jumped, unknown));
            }
            if (jumped < batch.count) {
                open.add(batch.part(jumped, batch.count - jumped));
            }
        }
        batches.clear();
        batches.addAll(open);
    }

    /** Forgets one request, and returns whether it was open. */
    boolean remove(long request) {
        for (int i = 0; i < batches.size(); i++) {
            Batch batch = batches.get(i);
            if (batch.holds(request)) {
                int place = (int) (request - batch.firstRequest);
                batches.remove(i);
                if (place + 1 < batch.count) {
                    batches.add(i, batch.part(place + 1, batch.count - place - 1));
                }
                if (place > 0) {
                    batches.add(i, batch.part(0, place));
                }
                return true;
            }
        }
        return false;
    }

    /** Ends every request with {@code cause}. */
    void failAll(RaftException cause, List<Ready.Result> results) {
        batches.forEach(batch -> results.add(new Ready.Failed(batch.firstRequest, batch.count, cause)));
        batches.clear();
    }
}
