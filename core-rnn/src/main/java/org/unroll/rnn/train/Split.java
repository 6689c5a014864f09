// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/** The parts of the data. Only {@link #TRAIN} makes gradients. */
public enum Split {
  TRAIN,
  VALID,
  TEST
}
