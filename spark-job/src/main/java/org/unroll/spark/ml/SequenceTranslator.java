// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/**
 * Learns to write a text about a text, as {@code train --task translate} does. Labels are strings,
 * or arrays of strings that are equally right.
 */
public final class SequenceTranslator
    extends SequenceEstimator<SequenceTranslator, SequenceTranslatorModel>
    implements LabelParams<SequenceTranslator>,
        PredictionParams<SequenceTranslator>,
        SearchParams<SequenceTranslator> {
  static final String TASK = "translate";
  static final Set<Declaration> COLUMNS =
      EnumSet.of(
          Declaration.INPUT_COL,
          Declaration.PREDICTION_COL,
          Declaration.HANDLE_INVALID,
          Declaration.BEAM_SIZE,
          Declaration.MAX_OUTPUT_LENGTH,
          Declaration.LENGTH_PENALTY);

  private static final long serialVersionUID = 1L;

  /** Makes a translator with a name of its own. */
  public SequenceTranslator() {
    this(Identifiable$.MODULE$.randomUID("sequenceTranslator"));
  }

  /** Makes a translator of this name. */
  public SequenceTranslator(String uid) {
    super(uid, Declaration.labelled(COLUMNS));
    setDefault(labelCol(), "label");
  }

  @Override
  String task() {
    return TASK;
  }

  @Override
  StructType predicted(StructType schema) {
    Columns.requireLabel(
        schema, getLabelCol(), Columns::isText, "what is to be written are strings");
    return SequenceTranslatorModel.predicted(getPredictionCol());
  }

  @Override
  SequenceTranslatorModel model(ModelContent content, StructType schema) {
    return new SequenceTranslatorModel(uid(), content);
  }

  /** Returns a reader of estimators that were saved. */
  public static MLReader<SequenceTranslator> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads an estimator that was saved. */
  public static SequenceTranslator load(String path) {
    return read().load(path);
  }
}
