/** A client for a cluster: a Java interface and a command line, both built on the documented HTTP interface. */
@NullMarked
package io.raftlite.client;

import org.jspecify.annotations.NullMarked;
