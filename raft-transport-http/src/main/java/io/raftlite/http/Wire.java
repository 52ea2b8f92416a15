package io.raftlite.http;

/** How the requests of this node travel to its peers. What comes in is understood in either way. */
public enum Wire {
    /** Binary frames on long-lived streams: connections of HTTP/1.1 that are upgraded. */
    STREAM,
    /** JSON, one HTTP/1.1 request for each message: slower, and readable. */
    JSON
}
