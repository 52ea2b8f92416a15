/** The Raft protocol and the replica that drives a state machine with it. */
module io.raftlite.core {
    requires org.slf4j;
    requires static org.jspecify;

    exports io.raftlite;
    exports io.raftlite.replica;
}
