// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Learns a class for every sequence, as {@code train --task classify} does.
 *
 * <p>Labels are strings; or numbers from 0 that are indices of classes, whose names may stand in
 * the column's metadata, as {@code StringIndexer} writes them. Predictions are such indices, with
 * the names in the metadata of their column, so that evaluators of MLlib and {@code IndexToString}
 * understand them.
 */
public final class SequenceClassifier
    extends SequenceEstimator<SequenceClassifier, SequenceClassifierModel>
    implements LabelParams<SequenceClassifier>,
        PoolingParams<SequenceClassifier>,
        PredictionParams<SequenceClassifier>,
        ProbabilityParams<SequenceClassifier> {
  static final String TASK = "classify";
  static final Set<Declaration> COLUMNS =
      EnumSet.of(
          Declaration.INPUT_COL,
          Declaration.PREDICTION_COL,
          Declaration.PROBABILITY_COL,
          Declaration.RAW_PREDICTION_COL,
          Declaration.HANDLE_INVALID);

  private static final long serialVersionUID = 1L;

  /** Makes a classifier with a name of its own. */
  public SequenceClassifier() {
    this(Identifiable$.MODULE$.randomUID("sequenceClassifier"));
  }

  /** Makes a classifier of this name. */
  public SequenceClassifier(String uid) {
    super(uid, Declaration.labelled(COLUMNS, Declaration.POOLING, Declaration.MAX_LENGTH));
    setDefault(labelCol(), "label");
  }

  /** The param of the steps of a sequence that are read, its last ones; 0 for all. */
  public IntParam maxLength() {
    return Declared.param(this, "maxLength");
  }

  /** Returns the steps of a sequence that are read, its last ones; 0 for all. */
  public int getMaxLength() {
    return Declared.<Integer>value(this, "maxLength");
  }

  /** Sets the steps of a sequence that are read, its last ones; 0 for all. */
  public SequenceClassifier setMaxLength(int value) {
    return Declared.with(this, "maxLength", value);
  }

  @Override
  String task() {
    return TASK;
  }

  @Override
  StructType predicted(StructType schema) {
    Columns.requireLabel(
        schema,
        getLabelCol(),
        type -> type instanceof StringType || type instanceof NumericType,
        "classes are strings or numbers from 0");
    return SequenceClassifierModel.predicted(this, (String[]) null);
  }

  /** Returns names of classes: those of the metadata, or the numbers. */
  @Override
  Column label(StructType schema, Column column) {
    StructField field = schema.apply(getLabelCol());
    if (!(field.dataType() instanceof NumericType)) {
      return column;
    }
    String[] names = namesOrNull(field);
    Column index = column.cast(DataTypes.IntegerType);
    Column whole = index.equalTo(column).and(index.geq(0));
    Column valid = names == null ? whole : whole.and(index.lt(names.length));
    Column name =
        names == null
            ? index.cast(DataTypes.StringType)
            : functions.element_at(
                functions.array(List.of(names).stream().map(functions::lit).toArray(Column[]::new)),
                index.plus(1));
    String wrong =
        "' (labelCol) is no class: "
            + (names == null
                ? "numbers of classes are whole and count from 0; StringIndexer makes such of others."
                : "the column's metadata name " + names.length + " classes, which count from 0.");
    Column refused =
        functions.raise_error(
            functions.concat(
                functions.lit("The label "),
                column.cast(DataTypes.StringType),
                functions.lit(" of the column '" + field.name() + wrong)));
    return functions
        .when(column.isNull(), functions.lit(null).cast(DataTypes.StringType))
        .when(valid, name)
        .otherwise(refused.cast(DataTypes.StringType));
  }

  private static String[] namesOrNull(StructField field) {
    Attribute attribute = Attribute.fromStructField(field);
    return attribute instanceof NominalAttribute nominal && nominal.values().isDefined()
        ? nominal.values().get()
        : null;
  }

  @Override
  SequenceClassifierModel model(ModelContent content, StructType schema) {
    List<String> learnt = content.model().encoder().labels();
    StructField field = schema.apply(getLabelCol());
    String[] names = field.dataType() instanceof NumericType ? namesOrNull(field) : null;
    if (names == null && field.dataType() instanceof NumericType) {
      int last = Integer.parseInt(learnt.get(learnt.size() - 1));
      names = IntStream.rangeClosed(0, last).mapToObj(Integer::toString).toArray(String[]::new);
    }
    SequenceClassifierModel model = new SequenceClassifierModel(uid(), content);
    return names == null ? model : Declared.with(model, "labels", names);
  }

  /** Returns a reader of estimators that were saved. */
  public static MLReader<SequenceClassifier> read() {
    return new DefaultParamsReader<>();
  }

  /** Reads an estimator that was saved. */
  public static SequenceClassifier load(String path) {
    return read().load(path);
  }
}
