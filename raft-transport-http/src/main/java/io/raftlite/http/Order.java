package io.raftlite.http;

/**
 * The place of an append among all that its sender sent to the same receiver.
 *
 * <p>Exchanges run in parallel and overtake each other, so the sender numbers its appends and the receiver puts them back
 * in order. The floor tells what is not worth waiting for: every append below it has ended, answered or lost.
 *
 * @param sequence counts from 0
 * @param floor the lowest sequence that was still under way when this append left; at most its own
 */
record Order(long sequence, long floor) {}
