// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

/** The names of Spark's settings that say how resident rounds move their numbers. */
public final class RoundsSettings {
  /** Whether processes of one machine pass them through shared memory; true by default. */
  public static final String SHARED_MEMORY = "spark.unroll.shared.memory";

  /** Where the driver listens; any free port by default. */
  static final String PORT = "spark.unroll.port";

  /** How many bytes are encoded at a time; 256k by default. */
  static final String CHUNK_SIZE = "spark.unroll.chunk.size";

  private RoundsSettings() {}
}
