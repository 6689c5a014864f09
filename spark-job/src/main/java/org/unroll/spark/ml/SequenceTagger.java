// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.EnumSet;
import java.util.Set;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/**
 * Learns a label for every step of a sequence, as {@code train --task tag} does. Labels are arrays
 * of strings, or strings with blanks between them.
 */
public final class SequenceTagger extends SequenceEstimator<SequenceTagger, SequenceTaggerModel>
    implements LabelParams<SequenceTagger>, PredictionParams<SequenceTagger> {
  static final String TASK = "tag";
  static final Set<Declaration> COLUMNS =
      EnumSet.of(Declaration.INPUT_COL, Declaration.PREDICTION_COL, Declaration.HANDLE_INVALID);

  private static final long serialVersionUID = 1L;

  /** Makes a tagger with a name of its own. */
  public SequenceTagger() {
    this(Identifiable$.MODULE$.randomUID("sequenceTagger"));
  }

  /** Makes a tagger of this name. */
  public SequenceTagger(String uid) {
    super(uid, Declaration.labelled(COLUMNS, Declaration.HEAD));
    setDefault(labelCol(), "label");
  }

  /** The param of whether labels are told one by one or all of a sequence together. */
  public Param<String> head() {
    return Declared.param(this, "head");
  }

  /** Returns whether labels are told one by one or all of a sequence together. */
  public String getHead() {
    return Declared.value(this, "head");
  }

  /** Sets whether labels are told one by one (softmax) or all of a sequence together (crf). */
  public SequenceTagger setHead(String value) {
    return Declared.with(this, "head", value);
  }

  @Override
  String task() {
    return TASK;
  }

  @Override
  StructType predicted(StructType schema) {
    Columns.requireLabel(
        schema, getLabelCol(), Columns::isText, "labels of steps are an array of strings");
    return SequenceTaggerModel.predicted(getPredictionCol());
  }

  @Override
  SequenceTaggerModel model(ModelContent content, StructType schema) {
    return new SequenceTaggerModel(uid(), content);
  }

  /** Returns a reader of estimators that were saved. */
  public static MLReader<SequenceTagger> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads an estimator that was saved. */
  public static SequenceTagger load(String path) {
    return read().load(path);
  }
}
