/** The server process: threads, configuration and the HTTP interface around one replica. */
@NullMarked
package io.raftlite.node;

import org.jspecify.annotations.NullMarked;
