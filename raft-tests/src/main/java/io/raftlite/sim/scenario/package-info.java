/** Tells stories of the protocol: small clusters driven by hand, step by step, from a text file, with a transcript. */
@NullMarked
package io.raftlite.sim.scenario;

import org.jspecify.annotations.NullMarked;
