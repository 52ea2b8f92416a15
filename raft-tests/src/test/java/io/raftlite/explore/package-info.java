/** Explores small clusters. */
@NullMarked
package io.raftlite.explore;

import org.jspecify.annotations.NullMarked;
