/** Carries the messages of Raft between nodes over HTTP, with OkHttp for the sender and Undertow for the receiver. */
@NullMarked
package io.raftlite.http;

import org.jspecify.annotations.NullMarked;
