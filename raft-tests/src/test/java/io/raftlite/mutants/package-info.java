/** Breaks the core on purpose, to see that simulation and exploration notice. */
@NullMarked
package io.raftlite.mutants;

import org.jspecify.annotations.NullMarked;
