/** Real processes of the built jars, as a user runs them. */
@NullMarked
package io.raftlite.endtoend;

import org.jspecify.annotations.NullMarked;
