// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The params of hidden states as columns.
 *
 * @param <S> who has them, which setters return
 */
public interface StateParams<S extends Params> extends SequenceParams<S> {
  /** The param of the name of the column of states. */
  default Param<String> outputCol() {
    return Declared.param(this, "outputCol");
  }

  /** Returns the name of the column of states. */
  default String getOutputCol() {
    return Declared.<String>value(this, "outputCol");
  }

  /** Sets the name of the column of states. */
  default S setOutputCol(String value) {
    return Declared.with(this, "outputCol", value);
  }

  /** The param of what of the states is told: {@code last}, {@code mean} or {@code steps}. */
  default Param<String> statePooling() {
    return Declared.param(this, "statePooling");
  }

  /** Returns what of the states is told: {@code last}, {@code mean} or {@code steps}. */
  default String getStatePooling() {
    return Declared.<String>value(this, "statePooling");
  }

  /** Sets what of the states is told: {@code last}, {@code mean} or {@code steps}. */
  default S setStatePooling(String value) {
    return Declared.with(this, "statePooling", value);
  }
}
