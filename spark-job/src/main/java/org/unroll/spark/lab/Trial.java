// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

/**
 * A prediction beside what happened here.
 *
 * @param workers on this machine
 */
public record Trial(int workers, double predicted, double measured) {
  /** Above 0 where more was predicted than there was. */
  public double error() {
    return predicted / measured - 1;
  }
}
