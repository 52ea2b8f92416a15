package io.raftlite.node.kv;

/** What is stored under a key, and the index of the command that stored it. */
record Value(String text, long version) {}
