package io.raftlite.node;

import io.raftlite.RaftException;
import io.raftlite.node.kv.Load;
import io.raftlite.node.kv.Query;
import io.raftlite.node.kv.Reply;
import io.raftlite.replica.Applied;
import io.raftlite.replica.Consistency;
import io.raftlite.replica.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the store of a backup into a cluster, as commands of the log: replicated, durable, and in effect all at once when
 * the last of them is applied.
 *
 * <p>The backup is verified as a whole before the first command. Whatever fails later leaves the store as it was.
 */
final class Restore {
    private static final Logger logger = LoggerFactory.getLogger(Restore.class);
    private static final int BATCH_BYTES = 256 << 10;

    private final RaftNode node;
    private final Members members;

    Restore(RaftNode node, Members members) {
        this.node = node;
        this.members = members;
    }

    /** Restores {@code file}; blocks the calling thread, which must be one that may wait. */
    CompletableFuture<Answer> from(Path file, boolean force) {
        try {
            Backup.Header header = Backup.verify(file);
            boolean foreign = !header.clusterName().equals(node.birth().clusterName());
            if (foreign && !force) {
                return done(Problem.WRONG_CLUSTER.answer(
                        "the backup is of the cluster '" + header.clusterName() + "', this one is '"
                                + node.birth().clusterName() + "'",
                        members));
            }
            if (!force && !isEmpty()) {
                return done(
                        Problem.NOT_EMPTY.answer("the store of this cluster is not empty; nothing was done", members));
            }
            logger.info(
                    "{} [STATE] restores a backup of cluster {}", node.config().name(), header.cluster());
            return done(load(file, force));
        } catch (IOException bad) {
            return done(Problem.BAD_BACKUP.answer(String.valueOf(bad.getMessage()), members));
        } catch (CompletionException failure) {
            RaftException reason = RaftNode.reason(failure);
            return done(Problem.of(reason).answer("the store is as it was: " + reason.getMessage(), members));
        }
    }

    private boolean isEmpty() {
        ByteBuffer first = Query.list("", "", 1);
        Applied applied = node.read(first, Consistency.LINEARIZABLE, 0).join();
        return io.raftlite.node.kv.Listing.decode(applied.result()).items().isEmpty();
    }

    private Answer load(Path file, boolean force) throws IOException {
        long id = submit(Load.begin()).index();
        long keys = 0;
        try (InputStream content = Backup.content(file)) {
            Load.Reader reader = Load.reader(content);
            for (Load.Batch batch = reader.next(BATCH_BYTES); batch.count() > 0; batch = reader.next(BATCH_BYTES)) {
                submit(Load.batch(id, batch));
                keys += batch.count();
            }
        }
        Applied end = submit(force ? Load.end(id, keys) : Load.endIfEmpty(id, keys));
        Reply reply = Reply.decode(end.result());
        if (reply.outcome() == Reply.Outcome.NOT_EQUAL) {
            return Problem.NOT_EMPTY.answer(
                    "somebody has written into the store meanwhile; it is as that left it", members);
        }
        if (reply.outcome() != Reply.Outcome.OK) {
            return Problem.CONFLICT.answer(
                    "another restore has begun meanwhile; the store is as that leaves it", members);
        }
        long count = keys;
        return Answer.json(json -> {
            json.name("keys").value(count);
            json.name("index").value(end.index());
        });
    }

    private Applied submit(ByteBuffer command) {
        return node.submit(command, new Origin.Anonymous()).join();
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
