// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.Arrays;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.spark.task.TaskModel;

/**
 * Tells the hidden states of a language model that has read a text: the outputs of its last
 * recurrent layer behind the last token, their mean over all tokens, or one vector a token. Any
 * language model's folder can be loaded.
 */
public final class LanguageModelFeaturizerModel extends SequenceModel<LanguageModelFeaturizerModel>
    implements StateParams<LanguageModelFeaturizerModel> {
  private static final long serialVersionUID = 1L;
  private static final String NAME = "languageModelFeaturizer";
  private static final String STEPS = "steps";

  /** Makes an empty model, as Spark Connect does. */
  public LanguageModelFeaturizerModel() {
    this(NAME);
  }

  /** Makes an empty model of this name, as Spark does. */
  public LanguageModelFeaturizerModel(String uid) {
    this(uid, null);
  }

  LanguageModelFeaturizerModel(String uid, ModelContent content) {
    super(uid, content, LanguageModelFeaturizer.COLUMNS);
  }

  @Override
  LanguageModelFeaturizerModel with(String otherUid, ModelContent same) {
    return new LanguageModelFeaturizerModel(otherUid, same);
  }

  @Override
  TaskModel told() {
    return content().model().tellingStates();
  }

  @Override
  StructType predicted() {
    return predicted(this);
  }

  static StructType predicted(StateParams<?> params) {
    boolean steps = params.getStatePooling().equals(STEPS);
    return new StructType()
        .add(
            params.getOutputCol(),
            steps ? DataTypes.createArrayType(Columns.vector(), false) : Columns.vector(),
            false);
  }

  @Override
  Telling telling() {
    int width = content().model().stateWidth();
    String pooling = getStatePooling();
    return said -> {
      float[][] states = (float[][]) said[0];
      return new Object[] {
        switch (pooling) {
          case STEPS ->
              Arrays.stream(states)
                  .map(LanguageModelFeaturizerModel::vector)
                  .toArray(Vector[]::new);
          case "mean" -> mean(states, width);
          // Nothing was read of an empty text, whose state is that before it.
          default -> states.length == 0 ? Vectors.zeros(width) : vector(states[states.length - 1]);
        }
      };
    };
  }

  private static Vector vector(float... state) {
    double[] numbers = new double[state.length];
    Arrays.setAll(numbers, i -> state[i]);
    return Vectors.dense(numbers);
  }

  private static Vector mean(float[][] states, int width) {
    double[] mean = new double[width];
    for (float[] state : states) {
      for (int i = 0; i < width; i++) {
        mean[i] += state[i];
      }
    }
    Arrays.setAll(mean, i -> mean[i] / Math.max(1, states.length));
    return Vectors.dense(mean);
  }

  /** Returns a reader of models that were saved, or that a command wrote. */
  public static MLReader<LanguageModelFeaturizerModel> read() {
    return new Reader<>(LanguageModelFeaturizer.TASK, NAME, LanguageModelFeaturizerModel::new);
  }

  /**
   * Reads a model that was saved, or that a command wrote, or {@code registry:DIR/NAME@VERSION}.
   */
  public static LanguageModelFeaturizerModel load(String path) {
    return read().load(path);
  }
}
