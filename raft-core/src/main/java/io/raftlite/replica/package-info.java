/** A replica: the protocol joined to a storage and a state machine, still single-threaded and deterministic. */
@NullMarked
package io.raftlite.replica;

import org.jspecify.annotations.NullMarked;
