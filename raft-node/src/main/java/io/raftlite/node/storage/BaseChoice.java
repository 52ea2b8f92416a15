package io.raftlite.node.storage;

import io.raftlite.Configuration;
import io.raftlite.EntryId;
import io.raftlite.SnapshotMeta;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Finds the snapshot that a log goes on behind.
 *
 * <pre>
 *   log of 41..90, snapshots of 30, 60 and 120:
 *     120  lies beyond the log: it was received, and not installed before the crash; not taken
 *      60  lies within the log: taken, unless it is damaged
 *      30  leaves a hole before 41: refused
 * </pre>
 *
 * <p>The latest that fits is taken; a damaged one is passed over, with a warning, as long as an older one still connects to
 * the log, or the log begins at its very beginning. One of a newer format is not damaged, and never passed over.
 */
final class BaseChoice {
    private final Disk disk;
    private final EntryIndex index;
    private final Optional<SnapshotMeta> installed;
    private final SnapshotMeta birth;
    private final List<String> warnings = new ArrayList<>();

    BaseChoice(Disk disk, EntryIndex index, Optional<SnapshotMeta> installed, Configuration initial) {
        this.disk = disk;
        this.index = index;
        this.installed = installed;
        this.birth = SnapshotMeta.birth(initial);
    }

    /** Returns what a human should know of the choice. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    SnapshotMeta choose() throws IOException {
        List<EntryId> candidates = new ArrayList<>(SnapshotFiles.lasts(disk));
        Collections.reverse(candidates);
        String damage = "";
        for (EntryId last : candidates) {
            try {
                if (fits(last)) {
                    return verify(last);
                }
                SnapshotFiles.open(disk, last).close();
            } catch (NewerFormatException newer) {
                throw newer;
            } catch (StorageException damaged) {
                warnings.add("passes over a snapshot: " + damaged.getMessage());
                damage = fits(last) ? "; " + damaged.getMessage() : damage;
            }
        }
        if (index.baseIndex() == 0) {
            return birth;
        }
        throw new StorageException("the log begins at index " + (index.baseIndex() + 1)
                + ", and no sound snapshot reaches up to it" + damage
                + "; nothing was changed: restore this directory from a copy, or wipe it and join the node anew");
    }

    private SnapshotMeta verify(EntryId last) throws IOException {
        String name = SnapshotFormat.fileName(last);
        SnapshotMeta found = SnapshotFiles.verify(disk, name);
        if (!found.last().equals(last)) {
            throw new StorageException(name + " holds the snapshot of " + found.last() + ": it was copied or renamed");
        }
        return found;
    }

    private boolean fits(EntryId last) {
        if (last.index() < index.baseIndex() || last.index() > index.lastIndex()) {
            return false;
        }
        if (last.index() > index.baseIndex()) {
            return index.term(last.index()) == last.term();
        }
        return installed
                .filter(snapshot -> snapshot.index() == last.index())
                .map(snapshot -> snapshot.last().equals(last))
                .orElse(true);
    }
}
