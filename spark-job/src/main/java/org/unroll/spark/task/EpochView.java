// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

/** Shows people what a model can do by now. */
@FunctionalInterface
public interface EpochView {
  /** Shows nothing. */
  EpochView NONE = (epoch, params) -> {};

  /**
   * After an epoch, from 1.
   *
   * @param params after it; to be read during the call only
   */
  void show(int epoch, float[] params);
}
