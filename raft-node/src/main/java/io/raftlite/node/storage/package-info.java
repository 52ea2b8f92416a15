/** Keeps a replica's log, vote and snapshots in files, and recovers them after a crash. */
@NullMarked
package io.raftlite.node.storage;

import org.jspecify.annotations.NullMarked;
