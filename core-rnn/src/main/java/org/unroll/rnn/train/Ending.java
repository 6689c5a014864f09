// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** Why a training ended. */
public enum Ending {
  /** All epochs are done. */
  EPOCHS,
  /** Too many epochs brought nothing better. */
  PATIENCE,
  /** All rounds that were allowed are done. */
  MAX_STEPS
}
