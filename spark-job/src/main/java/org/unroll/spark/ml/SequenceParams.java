// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The params that estimators and models of sequences have in common.
 *
 * @param <S> who has them, which setters return
 */
public interface SequenceParams<S extends Params> extends Params {
  /** The param of the column that is read. */
  default Param<String> inputCol() {
    return Declared.param(this, "inputCol");
  }

  /** Returns the name of the column that is read. */
  default String getInputCol() {
    return Declared.<String>value(this, "inputCol");
  }

  /** Sets the name of the column that is read. */
  default S setInputCol(String value) {
    return Declared.with(this, "inputCol", value);
  }

  /** The param of what becomes of rows that cannot be used. */
  default Param<String> handleInvalid() {
    return Declared.param(this, "handleInvalid");
  }

  /** Returns what becomes of rows that cannot be used: {@code error} or {@code skip}. */
  default String getHandleInvalid() {
    return Declared.<String>value(this, "handleInvalid");
  }

  /** Sets what becomes of rows that cannot be used: {@code error} or {@code skip}. */
  default S setHandleInvalid(String value) {
    return Declared.with(this, "handleInvalid", value);
  }
}
