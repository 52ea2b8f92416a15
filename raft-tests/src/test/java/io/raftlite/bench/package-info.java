/** How long the hot paths take, measured by JMH; {@code raft-tests/docs/performance.md} says how to run them. */
@NullMarked
package io.raftlite.bench;

import org.jspecify.annotations.NullMarked;
