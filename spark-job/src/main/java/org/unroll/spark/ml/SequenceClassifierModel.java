// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;

/**
 * Tells a class for every sequence: its index, the probabilities of all classes, and their
 * logarithms.
 */
public final class SequenceClassifierModel extends SequenceModel<SequenceClassifierModel>
    implements PredictionParams<SequenceClassifierModel>,
        ProbabilityParams<SequenceClassifierModel> {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "sequenceClassifier";

  /** Makes an empty model, as Spark Connect does. */
  public SequenceClassifierModel() {
    this(NAME);
  }

  /** Makes an empty model of this name, as Spark does. */
  public SequenceClassifierModel(String uid) {
    this(uid, null);
  }

  SequenceClassifierModel(String uid, ModelContent content) {
    super(uid, content, params(SequenceClassifier.COLUMNS));
    if (content != null) {
      String[] labels = content.model().encoder().labels().toArray(String[]::new);
      setDefault(labels(), labels);
    }
  }

  private static Set<Declaration> params(Set<Declaration> columns) {
    Set<Declaration> all = EnumSet.copyOf(columns);
    all.add(Declaration.LABELS);
    return all;
  }

  @Override
  SequenceClassifierModel with(String otherUid, ModelContent same) {
    return new SequenceClassifierModel(otherUid, same);
  }

  /** The param of the names of the classes, in the order of the indices that predictions are. */
  public StringArrayParam labels() {
    return Declared.param(this, "labels");
  }

  /** Returns the names of the classes, in the order of the indices that predictions are. */
  public String[] getLabels() {
    return Declared.value(this, "labels");
  }

  /** Returns how many classes predictions can be. */
  public int numClasses() {
    return getLabels().length;
  }

  @Override
  StructType predicted() {
    return predicted(this, getLabels());
  }

  /**
   * Returns the columns that are added.
   *
   * @param labels names of the classes, or null if they are not known yet
   */
  static <P extends ProbabilityParams<?> & PredictionParams<?>> StructType predicted(
      P params, String... labels) {
    StructType schema = new StructType();
    if (!params.getRawPredictionCol().isEmpty()) {
      schema = schema.add(params.getRawPredictionCol(), Columns.vector(), false);
    }
    if (!params.getProbabilityCol().isEmpty()) {
      schema = schema.add(params.getProbabilityCol(), Columns.vector(), false);
    }
    String prediction = params.getPredictionCol();
    return prediction.isEmpty()
        ? schema
        : schema.add(prediction, DataTypes.DoubleType, false, names(prediction, labels));
  }

  private static Metadata names(String column, String... labels) {
    NominalAttribute attribute = NominalAttribute.defaultAttr().withName(column);
    return (labels == null ? attribute : attribute.withValues(labels)).toMetadata();
  }

  @Override
  Telling telling() {
    List<String> learnt = content().model().encoder().labels();
    String[] names = getLabels();
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < names.length; i++) {
      places.put(names[i], i);
    }
    int[] order = learnt.stream().mapToInt(places::get).toArray();
    boolean raw = !getRawPredictionCol().isEmpty();
    boolean probable = !getProbabilityCol().isEmpty();
    boolean predicts = !getPredictionCol().isEmpty();
    int classes = names.length;
    HashMap<String, Integer> indices = new HashMap<>(places);
    return said -> {
      float[] probabilities = (float[]) said[1];
      double[] all = new double[classes];
      for (int id = 0; id < order.length; id++) {
        all[order[id]] = probabilities[id];
      }
      List<Object> told = new ArrayList<>(3);
      if (raw) {
        told.add(Vectors.dense(java.util.Arrays.stream(all).map(StrictMath::log).toArray()));
      }
      if (probable) {
        told.add(Vectors.dense(all));
      }
      if (predicts) {
        told.add((double) indices.get((String) said[0]));
      }
      return told.toArray();
    };
  }

  /** Returns a reader of models that were saved, or that a command wrote. */
  public static MLReader<SequenceClassifierModel> read() {
    return new Reader<>(SequenceClassifier.TASK, NAME, SequenceClassifierModel::new);
  }

  /**
   * Reads a model that was saved, or that a command wrote, or {@code registry:DIR/NAME@VERSION}.
   */
  public static SequenceClassifierModel load(String path) {
    return read().load(path);
  }
}
