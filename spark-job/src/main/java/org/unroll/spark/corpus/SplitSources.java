// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Serializable;

/**
 * The data of a training run.
 *
 * @param train what gradients are made of
 * @param valid what chooses the checkpoint, or null
 * @param test what the chosen checkpoint is measured on, or null
 */
public record SplitSources(TokenSource train, TokenSource valid, TokenSource test)
    implements Serializable {

  public SplitSources {
    if (train == null) {
      throw new IllegalArgumentException("training needs a source of tokens, but it was null");
    }
  }
}
