/** The import rules: who may see whom, as lists of what is allowed. */
@NullMarked
package io.raftlite.arch;

import org.jspecify.annotations.NullMarked;
