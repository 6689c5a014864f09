// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * Learns numbers, as {@code train --task forecast} does: the next ones of a series, told as a
 * vector; or with a label column the number that goes with a sequence.
 */
public final class SequenceForecaster
    extends SequenceEstimator<SequenceForecaster, SequenceForecasterModel>
    implements LabelParams<SequenceForecaster>,
        PoolingParams<SequenceForecaster>,
        PredictionParams<SequenceForecaster> {
  static final String TASK = "forecast";
  static final Set<Declaration> COLUMNS =
      EnumSet.of(Declaration.INPUT_COL, Declaration.PREDICTION_COL, Declaration.HANDLE_INVALID);

  private static final long serialVersionUID = 1L;

  /** Makes a forecaster with a name of its own. */
  public SequenceForecaster() {
    this(Identifiable$.MODULE$.randomUID("sequenceForecaster"));
  }

  /** Makes a forecaster of this name. */
  public SequenceForecaster(String uid) {
    super(
        uid,
        Declaration.labelled(
            COLUMNS, Declaration.HORIZON, Declaration.CONTEXT_LENGTH, Declaration.POOLING));
  }

  /** The param of how many next steps are forecast, where there is no label column. */
  public IntParam horizon() {
    return Declared.param(this, "horizon");
  }

  /** Returns how many next steps are forecast, where there is no label column. */
  public int getHorizon() {
    return Declared.<Integer>value(this, "horizon");
  }

  /** Sets how many next steps are forecast, where there is no label column. */
  public SequenceForecaster setHorizon(int value) {
    return Declared.with(this, "horizon", value);
  }

  /** The param of how many steps before those are read; 0 for all. */
  public IntParam contextLength() {
    return Declared.param(this, "contextLength");
  }

  /** Returns how many steps before those are read; 0 for all. */
  public int getContextLength() {
    return Declared.<Integer>value(this, "contextLength");
  }

  /** Sets how many steps before those are read; 0 for all. */
  public SequenceForecaster setContextLength(int value) {
    return Declared.with(this, "contextLength", value);
  }

  @Override
  String task() {
    return TASK;
  }

  @Override
  StructType predicted(StructType schema) {
    String name = labelColOrNull();
    if (name != null) {
      Columns.requireLabel(
          schema, name, NumericType.class::isInstance, "what is learnt is a number");
    }
    return SequenceForecasterModel.predicted(getPredictionCol(), name != null);
  }

  @Override
  SequenceForecasterModel model(ModelContent content, StructType schema) {
    return new SequenceForecasterModel(uid(), content);
  }

  /** Returns a reader of estimators that were saved. */
  public static MLReader<SequenceForecaster> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads an estimator that was saved. */
  public static SequenceForecaster load(String path) {
    return read().load(path);
  }
}
