// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The params of estimators that tell one answer for a sequence.
 *
 * @param <S> who has them, which setters return
 */
public interface PoolingParams<S extends Params> extends SequenceParams<S> {
  /** The param of how a sequence's vector is made of its steps. */
  default Param<String> pooling() {
    return Declared.param(this, "pooling");
  }

  /** Returns how a sequence's vector is made of its steps. */
  default String getPooling() {
    return Declared.<String>value(this, "pooling");
  }

  /** Sets how a sequence's vector is made: {@code last}, mean, max or attention. */
  default S setPooling(String value) {
    return Declared.with(this, "pooling", value);
  }
}
