// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

/** How one vector is made of a sequence's outputs. */
public enum PoolingType {
  /**
   * What a layer put out when it had read everything: forward at the last step, back at the first.
   */
  LAST,
  /** The mean over the steps. */
  MEAN,
  /** The maximum over the steps, element by element. */
  MAX,
  /** A mean weighted by learned attention (Bahdanau et al. 2015; Yang et al. 2016). */
  ATTENTION
}
