/** The Raft protocol as a deterministic state machine: no threads, no clock, no input or output of its own. */
@NullMarked
package io.raftlite;

import org.jspecify.annotations.NullMarked;
