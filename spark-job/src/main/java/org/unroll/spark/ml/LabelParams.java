// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The params of estimators that learn from rows with labels.
 *
 * @param <S> who has them, which setters return
 */
public interface LabelParams<S extends Params> extends SequenceParams<S> {
  /** The param of the name of the column of labels. */
  default Param<String> labelCol() {
    return Declared.param(this, "labelCol");
  }

  /** Returns the name of the column of labels. */
  default String getLabelCol() {
    return Declared.<String>value(this, "labelCol");
  }

  /** Sets the name of the column of labels. */
  default S setLabelCol(String value) {
    return Declared.with(this, "labelCol", value);
  }

  /**
   * The param of the name of the column that is true in rows that are held out to choose the best
   * pass.
   */
  default Param<String> validationIndicatorCol() {
    return Declared.param(this, "validationIndicatorCol");
  }

  /**
   * Returns the name of the column that is true in rows that are held out to choose the best pass.
   */
  default String getValidationIndicatorCol() {
    return Declared.<String>value(this, "validationIndicatorCol");
  }

  /** Sets the name of the column that is true in rows that are held out to choose the best pass. */
  default S setValidationIndicatorCol(String value) {
    return Declared.with(this, "validationIndicatorCol", value);
  }

  /** The param of whether sequences are read from both ends. */
  default BooleanParam bidirectional() {
    return Declared.param(this, "bidirectional");
  }

  /** Returns whether sequences are read from both ends. */
  default boolean getBidirectional() {
    return Declared.<Boolean>value(this, "bidirectional");
  }

  /** Sets whether sequences are read from both ends. */
  default S setBidirectional(boolean value) {
    return Declared.with(this, "bidirectional", value);
  }
}
