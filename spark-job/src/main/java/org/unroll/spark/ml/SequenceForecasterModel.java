// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.spark.task.Forecast;

/**
 * Tells numbers: a vector of the next steps of a series, the channels of a step side by side; or
 * the number that goes with a sequence, which MLlib's {@code RegressionEvaluator} understands.
 */
public final class SequenceForecasterModel extends SequenceModel<SequenceForecasterModel>
    implements PredictionParams<SequenceForecasterModel> {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "sequenceForecaster";

  /** Makes an empty model, as Spark Connect does. */
  public SequenceForecasterModel() {
    this(NAME);
  }

  /** Makes an empty model of this name, as Spark does. */
  public SequenceForecasterModel(String uid) {
    this(uid, null);
  }

  SequenceForecasterModel(String uid, ModelContent content) {
    super(uid, content, SequenceForecaster.COLUMNS);
  }

  @Override
  SequenceForecasterModel with(String otherUid, ModelContent same) {
    return new SequenceForecasterModel(otherUid, same);
  }

  private boolean single() {
    return ((Forecast) content().model().task()).values() == 1;
  }

  @Override
  StructType predicted() {
    return predicted(getPredictionCol(), single());
  }

  static StructType predicted(String column, boolean single) {
    return new StructType().add(column, single ? DataTypes.DoubleType : Columns.vector(), false);
  }

  @Override
  Telling telling() {
    boolean single = single();
    return said -> {
      float[] numbers = (float[]) said[0];
      return new Object[] {
        single
            ? (Object) (double) numbers[0]
            : Vectors.dense(
                IntStream.range(0, numbers.length).mapToDouble(i -> numbers[i]).toArray())
      };
    };
  }

  /** Returns a reader of models that were saved, or that a command wrote. */
  public static MLReader<SequenceForecasterModel> read() {
    return new Reader<>(SequenceForecaster.TASK, NAME, SequenceForecasterModel::new);
  }

  /**
   * Reads a model that was saved, or that a command wrote, or {@code registry:DIR/NAME@VERSION}.
   */
  public static SequenceForecasterModel load(String path) {
    return read().load(path);
  }
}
