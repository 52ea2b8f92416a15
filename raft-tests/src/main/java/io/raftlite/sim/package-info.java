/** Runs a whole cluster in one thread on simulated time, network and disks, and replays it from a seed. */
@NullMarked
package io.raftlite.sim;

import org.jspecify.annotations.NullMarked;
