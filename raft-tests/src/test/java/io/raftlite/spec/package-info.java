/** The specification of the protocol: checked by itself, and against what the production code does in the simulator. */
@NullMarked
package io.raftlite.spec;

import org.jspecify.annotations.NullMarked;
