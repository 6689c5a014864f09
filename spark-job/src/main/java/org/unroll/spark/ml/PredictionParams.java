// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The params of what predictions are called.
 *
 * @param <S> who has them, which setters return
 */
public interface PredictionParams<S extends Params> extends SequenceParams<S> {
  /** The param of the name of the column of predictions. */
  default Param<String> predictionCol() {
    return Declared.param(this, "predictionCol");
  }

  /** Returns the name of the column of predictions. */
  default String getPredictionCol() {
    return Declared.<String>value(this, "predictionCol");
  }

  /** Sets the name of the column of predictions. */
  default S setPredictionCol(String value) {
    return Declared.with(this, "predictionCol", value);
  }
}
