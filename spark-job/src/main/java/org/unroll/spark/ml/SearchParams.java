// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Params;

/**
 * The params of how a text is looked for that is written.
 *
 * @param <S> who has them, which setters return
 */
public interface SearchParams<S extends Params> extends SequenceParams<S> {
  /** The param of the number of beginnings of an answer that are followed side by side. */
  default IntParam beamSize() {
    return Declared.param(this, "beamSize");
  }

  /** Returns the number of beginnings of an answer that are followed side by side. */
  default int getBeamSize() {
    return Declared.<Integer>value(this, "beamSize");
  }

  /** Sets the number of beginnings of an answer that are followed side by side. */
  default S setBeamSize(int value) {
    return Declared.with(this, "beamSize", value);
  }

  /** The param of the tokens after which an answer ends at the latest. */
  default IntParam maxOutputLength() {
    return Declared.param(this, "maxOutputLength");
  }

  /** Returns the tokens after which an answer ends at the latest. */
  default int getMaxOutputLength() {
    return Declared.<Integer>value(this, "maxOutputLength");
  }

  /** Sets the tokens after which an answer ends at the latest. */
  default S setMaxOutputLength(int value) {
    return Declared.with(this, "maxOutputLength", value);
  }

  /** The param of the power of the length that scores are divided by. */
  default DoubleParam lengthPenalty() {
    return Declared.param(this, "lengthPenalty");
  }

  /** Returns the power of the length that scores are divided by. */
  default double getLengthPenalty() {
    return Declared.<Double>value(this, "lengthPenalty");
  }

  /** Sets the power of the length that scores are divided by. */
  default S setLengthPenalty(double value) {
    return Declared.with(this, "lengthPenalty", value);
  }
}
