package io.raftlite.client;

import java.time.Duration;

/**
 * What to load a cluster with.
 *
 * @param clients how many commands are under way at a time; at a fixed rate, at most
 * @param duration how long it is measured
 * @param warmup how long it runs before that
 * @param valueBytes the size of each value, 1 or more
 * @param keys out of how many keys each command draws one
 * @param readPercent how many of a hundred commands are linearizable reads
 * @param rate how many commands begin in each second, whether or not answers come; 0 for the next one after each answer
 */
record Load(int clients, Duration duration, Duration warmup, int valueBytes, int keys, int readPercent, int rate) {}
