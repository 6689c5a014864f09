// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.network.Search;

/** Writes a text about every text. */
public final class SequenceTranslatorModel extends SequenceModel<SequenceTranslatorModel>
    implements PredictionParams<SequenceTranslatorModel>, SearchParams<SequenceTranslatorModel> {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "sequenceTranslator";

  /** Makes an empty model, as Spark Connect does. */
  public SequenceTranslatorModel() {
    this(NAME);
  }

  /** Makes an empty model of this name, as Spark does. */
  public SequenceTranslatorModel(String uid) {
    this(uid, null);
  }

  SequenceTranslatorModel(String uid, ModelContent content) {
    super(uid, content, SequenceTranslator.COLUMNS);
  }

  @Override
  SequenceTranslatorModel with(String otherUid, ModelContent same) {
    return new SequenceTranslatorModel(otherUid, same);
  }

  @Override
  Search search() {
    return new Search(getBeamSize(), 1, getLengthPenalty(), 0, 0, getMaxOutputLength(), null);
  }

  @Override
  StructType predicted() {
    return predicted(getPredictionCol());
  }

  static StructType predicted(String column) {
    return new StructType().add(column, DataTypes.StringType, false);
  }

  @Override
  Telling telling() {
    return said -> new Object[] {said[0]};
  }

  /** Returns a reader of models that were saved, or that a command wrote. */
  public static MLReader<SequenceTranslatorModel> read() {
    return new Reader<>(SequenceTranslator.TASK, NAME, SequenceTranslatorModel::new);
  }

  /**
   * Reads a model that was saved, or that a command wrote, or {@code registry:DIR/NAME@VERSION}.
   */
  public static SequenceTranslatorModel load(String path) {
    return read().load(path);
  }
}
