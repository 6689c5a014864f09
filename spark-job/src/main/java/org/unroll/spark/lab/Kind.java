// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.util.Map;

/** A kind of made-up sequences; what it makes depends on its own settings and the draws alone. */
public interface Kind {
  /**
   * Makes a sequence.
   *
   * @return fields by name: strings, numbers, lists of them, null for a missing number
   */
  Map<String, Object> sample(Draws draws);

  /** The settings by name, as they are kept beside the data. */
  Map<String, Object> settings();

  /**
   * Draws a sequence in black lines, into {@link SampleSheet#WIDTH} by {@link SampleSheet#HEIGHT}.
   */
  void draw(Map<String, Object> sample, Graphics2D into);
}
