/** Explores every interleaving of a small cluster, breadth first, and judges each state. */
@NullMarked
package io.raftlite.sim.explore;

import org.jspecify.annotations.NullMarked;
