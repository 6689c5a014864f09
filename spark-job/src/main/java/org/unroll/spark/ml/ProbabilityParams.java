// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The params of columns that tell how probable classes are.
 *
 * @param <S> who has them, which setters return
 */
public interface ProbabilityParams<S extends Params> extends SequenceParams<S> {
  /** The param of the name of the column of probabilities. */
  default Param<String> probabilityCol() {
    return Declared.param(this, "probabilityCol");
  }

  /** Returns the name of the column of probabilities. */
  default String getProbabilityCol() {
    return Declared.<String>value(this, "probabilityCol");
  }

  /** Sets the name of the column of probabilities. */
  default S setProbabilityCol(String value) {
    return Declared.with(this, "probabilityCol", value);
  }

  /** The param of the name of the column of raw predictions, the logarithms of probabilities. */
  default Param<String> rawPredictionCol() {
    return Declared.param(this, "rawPredictionCol");
  }

  /** Returns the name of the column of raw predictions, the logarithms of probabilities. */
  default String getRawPredictionCol() {
    return Declared.<String>value(this, "rawPredictionCol");
  }

  /** Sets the name of the column of raw predictions, the logarithms of probabilities. */
  default S setRawPredictionCol(String value) {
    return Declared.with(this, "rawPredictionCol", value);
  }
}
