/** The key-value state machine, written against the public interface of a replica alone. */
@NullMarked
package io.raftlite.node.kv;

import org.jspecify.annotations.NullMarked;
