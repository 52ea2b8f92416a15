/** Carries the messages of Raft over HTTP: OkHttp sends, Undertow receives. */
@NullMarked
package io.raftlite.http;

import org.jspecify.annotations.NullMarked;
