// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

/** How word vectors are learnt. */
public enum EmbedMethod {
  /** Skip-gram with negative sampling in synchronous rounds, on our kernels. */
  SKIPGRAM(0.035),
  /** Spark MLlib's Word2Vec: skip-gram with hierarchical softmax. */
  MLLIB(0.025);

  private final double lr;

  EmbedMethod(double lr) {
    this.lr = lr;
  }

  /** The learning rate that is used where none is asked for. */
  public double usualRate() {
    return lr;
  }
}
