/** Tests the language of the scenarios. */
@NullMarked
package io.raftlite.sim.scenario;

import org.jspecify.annotations.NullMarked;
