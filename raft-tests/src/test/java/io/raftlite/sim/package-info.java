/** Stories: what a cluster does when things go wrong, told on the simulator. */
@NullMarked
package io.raftlite.sim;

import org.jspecify.annotations.NullMarked;
