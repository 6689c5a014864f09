// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Tells a label for every step of a sequence: an array of strings. */
public final class SequenceTaggerModel extends SequenceModel<SequenceTaggerModel>
    implements PredictionParams<SequenceTaggerModel> {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "sequenceTagger";

  /** Makes an empty model, as Spark Connect does. */
  public SequenceTaggerModel() {
    this(NAME);
  }

  /** Makes an empty model of this name, as Spark does. */
  public SequenceTaggerModel(String uid) {
    this(uid, null);
  }

  SequenceTaggerModel(String uid, ModelContent content) {
    super(uid, content, SequenceTagger.COLUMNS);
  }

  @Override
  SequenceTaggerModel with(String otherUid, ModelContent same) {
    return new SequenceTaggerModel(otherUid, same);
  }

  /** Returns the labels that predictions are made of. */
  public String[] labels() {
    return content().model().encoder().labels().toArray(String[]::new);
  }

  @Override
  StructType predicted() {
    return predicted(getPredictionCol());
  }

  static StructType predicted(String column) {
    return new StructType()
        .add(column, DataTypes.createArrayType(DataTypes.StringType, false), false);
  }

  @Override
  Telling telling() {
    return said -> said;
  }

  /** Returns a reader of models that were saved, or that a command wrote. */
  public static MLReader<SequenceTaggerModel> read() {
    return new Reader<>(SequenceTagger.TASK, NAME, SequenceTaggerModel::new);
  }

  /**
   * Reads a model that was saved, or that a command wrote, or {@code registry:DIR/NAME@VERSION}.
   */
  public static SequenceTaggerModel load(String path) {
    return read().load(path);
  }
}
