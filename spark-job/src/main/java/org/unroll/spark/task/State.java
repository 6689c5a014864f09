// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.corpus.VocabularyChoice;
import org.unroll.spark.report.Findings;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/**
 * The state of an agent: a vector after every observation, from which the next observation is
 * predicted once the action is known. A predictive state (Littman, Sutton, Singh 2001) that knows
 * where the agent is, as far as that matters to what it will feel.
 *
 * <p>An agent feels {@code o_t} and then does {@code a_t}. The network reads one after the other:
 * {@code o_0, a_0, o_1, a_1, ...}, two steps of the network for one of the agent. Its output behind
 * {@code o_t} is the state at {@code t}, of all that was felt and done before and nothing else; its
 * output behind {@code a_t} predicts {@code o_{t+1}}, and only there is a loss. So the state has no
 * part in what is done next, and the prediction knows what was done, with no parts of the network
 * but those of all tasks. Where nothing is felt, or nothing done, {@link Vocabulary#UNK} is read
 * and numbers are 0.
 *
 * @param form of observations and places
 * @param probes that were fitted when the network was trained; null before, and without a probe
 */
public record State(Form form, Probes probes) implements RowTask {
  /** The column of observations unless another is named. */
  private static final String OBSERVATIONS = "observations";

  private static final String ACTIONS = "actions";

  /** The most places that a probe tells apart; it would be too large for more. */
  private static final int MOST_PLACES = 1000;

  /**
   * The form of observations and places, as a model remembers it.
   *
   * @param numeric whether observations are vectors of numbers; else each is a token
   * @param probed whether the label column says of every step where the agent is, for a probe
   * @param places that the training data have, in the order of their ids; empty before those were
   *     looked at and without a probe
   */
  public record Form(boolean numeric, boolean probed, List<String> places) implements Serializable {
    public Form {
      places = List.copyOf(places);
    }
  }

  /** Returns the task before anything is known of the data. */
  public static State of(boolean numeric, boolean probed) {
    return new State(new Form(numeric, probed, List.of()), null);
  }

  /**
   * Returns the columns of observations and actions, in this order.
   *
   * @param told some of them, perhaps
   * @param probe the column that says where the agent is, or null
   * @throws InputException if too many were named
   */
  public static ColumnChoice columns(ColumnChoice told, String probe) {
    List<String> text = told.text();
    boolean numeric = !told.features().isEmpty();
    if (text.isEmpty()) {
      text = numeric ? List.of(ACTIONS) : List.of(OBSERVATIONS, ACTIONS);
    }
    if (text.size() != (numeric ? 1 : 2)) {
      throw new InputException(
          numeric
              ? ("--task state with --features reads observations of numbers, so --text"
                      + " names the column of the actions alone, but it names %s.")
                  .formatted(String.join(",", text))
              : ("--task state reads a column of observations and one of actions, as in"
                      + " --text observations,actions (or --features for observations of"
                      + " numbers), but --text names %s.")
                  .formatted(String.join(",", text)));
    }
    return new ColumnChoice(
        text, told.features(), probe, told.id(), told.labelKind(), told.missing());
  }

  State with(Probes fitted) {
    return new State(form, fitted);
  }

  Map<String, Integer> placeIds() {
    return IntStream.range(0, form.places().size())
        .boxed()
        .collect(Collectors.toMap(form.places()::get, place -> place));
  }

  /** Returns O, the width of what stands for an observation. */
  int observationWidth(RowEncoder encoder) {
    return form.numeric() ? encoder.channels() : encoder.labels().size();
  }

  @Override
  public String name() {
    return "state";
  }

  @Override
  public String purpose() {
    return "keep the state of";
  }

  @Override
  public LabelKind labelKind() {
    return form.probed() ? LabelKind.STEPS : LabelKind.NONE;
  }

  /** Returns the observations behind the first one, which are to be foretold; none of numbers. */
  @Override
  public List<String> right(SequenceRow row) {
    return form.numeric() || row.tokens()[0].length < 2
        ? List.of()
        : List.of(String.join(" ", Arrays.asList(row.tokens()[0]).subList(1, row.steps())));
  }

  /** Returns the observations that are foretold, but for the one behind the last action. */
  @Override
  public String words(Object... answer) {
    String[] foretold = (String[]) answer[1];
    return String.join(" ", Arrays.asList(foretold).subList(0, foretold.length - 1));
  }

  @Override
  public Map<String, Object> settings() {
    return TaskModel.fields(form);
  }

  @Override
  public boolean readsStates() {
    return true;
  }

  @Override
  public Map<String, Long> labels(RowSet train) {
    Map<String, Long> labels = new LinkedHashMap<>();
    if (!form.numeric()) {
      Vocabulary tokens =
          new VocabularyChoice("char", 0, 1, true).from(train.tokens(0), train.steps());
      for (Vocabulary.Entry entry : tokens.entries()) {
        if (!entry.token().equals(Vocabulary.UNK)) {
          labels.put(entry.token(), entry.count());
        }
      }
    }
    return labels;
  }

  @Override
  public RowTask informed(RowSet train, Map<String, Long> labels) {
    if (!form.probed()) {
      return this;
    }
    List<String> found = List.copyOf(train.labels().keySet());
    if (found.size() < 2 || found.size() > MOST_PLACES) {
      throw new InputException(
          ("The column '%s' of --probe has %s different %s, but a probe tells 2 to %s apart: name"
                  + " another column, or leave --probe out.")
              .formatted(
                  train.columns().label(),
                  found.size(),
                  found.size() == 1 ? "value" : "values",
                  MOST_PLACES));
    }
    return new State(new Form(form.numeric(), true, found), null);
  }

  @Override
  public RowTask finished(SparkSession session, ModelInHand model, RowSet train) {
    return form.probed() ? with(new ProbeFit(session, model, this).on(train)) : this;
  }

  @Override
  public Map<String, Tensor> tensors() {
    return probes == null ? Map.of() : probes.tensors();
  }

  @Override
  public Example toScore(SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    if (row.steps() < 2) {
      throw new UnusableRowException("it has one step, so there is no next observation to predict");
    }
    Example inputs = toRead(row, encoder);
    if (probes != null) {
      inputs = inputs.withReference(Probes.Accuracy.reference(this, row, inputs, encoder));
    }
    if (form.numeric()) {
      return inputs.withValues(nextVectors(row, encoder));
    }
    int[] next = new int[inputs.steps()];
    Arrays.fill(next, Batch.MASKED);
    for (int t = 1; t < row.steps(); t++) {
      next[2 * t - 1] = encoder.labelId("observation", row.tokens()[0][t]);
    }
    return inputs.withLabels(next);
  }

  /**
   * Returns behind every action the scaled observation that comes next, {@code [2 T, D]}; else NaN.
   */
  private static float[] nextVectors(SequenceRow row, RowEncoder encoder) {
    int width = encoder.channels();
    float[] scaled = encoder.scaled(row);
    float[] next = new float[2 * scaled.length];
    Arrays.fill(next, Float.NaN);
    for (int t = 1; t < row.steps(); t++) {
      System.arraycopy(scaled, t * width, next, (2 * t - 1) * width, width);
    }
    return next;
  }

  /** Returns observations and actions by turns. */
  @Override
  public Example toRead(SequenceRow row, RowEncoder encoder) {
    Example both = encoder.inputs(row);
    int steps = Math.multiplyExact(2, both.steps());
    int[][] tokens = new int[both.tokens().length][steps];
    for (int c = 0; c < tokens.length; c++) {
      boolean actions = c == tokens.length - 1;
      Arrays.fill(tokens[c], encoder.vocabularies().get(c).id(Vocabulary.UNK));
      for (int t = 0; t < both.steps(); t++) {
        tokens[c][2 * t + (actions ? 1 : 0)] = both.tokens()[c][t];
      }
    }
    float[] features = null;
    if (form.numeric()) {
      int width = encoder.channels();
      features = new float[steps * width];
      for (int t = 0; t < both.steps(); t++) {
        System.arraycopy(both.features(), t * width, features, 2 * t * width, width);
      }
    }
    return new Example(both.id(), steps, tokens, null, features, null, null);
  }

  @Override
  public HeadSpec head(RowEncoder encoder, NetworkChoice choice) {
    return form.numeric()
        ? new HeadSpec.Regression(encoder.channels(), Target.STEP)
        : new HeadSpec.Softmax(encoder.labels().size(), Target.STEP);
  }

  @Override
  public Metric metric(RowEncoder encoder) {
    return form.numeric() ? new Metric.Errors(encoder.channels()) : new Metric.Accuracy();
  }

  @Override
  public Measure measure() {
    return form.numeric()
        ? new Measure("rmse", true, "squared error of scaled numbers", "numbers")
        : new Measure("accuracy", false, "nats per observation", "steps");
  }

  @Override
  public Metric scoring(RowEncoder encoder) {
    return probes == null
        ? metric(encoder)
        : Metric.both(metric(encoder), new Probes.Accuracy(probes.ofState()));
  }

  @Override
  public Map<String, Double> figures(double loss, double[] sums, RowEncoder encoder) {
    Map<String, Double> figures = new LinkedHashMap<>();
    if (!form.numeric()) {
      figures.put("perplexity", Math.exp(loss));
    }
    figures.putAll(scoring(encoder).figures(sums));
    return figures;
  }

  @Override
  public Findings findings(double[] sums, RowEncoder encoder) {
    return scoring(encoder) instanceof Metric.Both both
        ? Findings.of(Probes.Accuracy.tables(both.ofSecond(sums)))
        : Findings.NONE;
  }

  /**
   * Returns {@code state} and {@code prediction}, the observation that is expected next; by step.
   */
  @Override
  public StructType columns() {
    ArrayType vectors =
        DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.FloatType, false), false);
    ArrayType tokens = DataTypes.createArrayType(DataTypes.StringType, false);
    return new StructType()
        .add("state", vectors)
        .add("prediction", form.numeric() ? vectors : tokens);
  }

  @Override
  public Object[] answer(SequenceRow row, Example example, Prediction said, RowEncoder encoder) {
    float[][] states = turns(said.states(), row.steps(), 0);
    if (form.numeric()) {
      float[] values = said.values().clone();
      encoder.statistics().unscale(values);
      return new Object[] {states, turns(values, row.steps(), 1)};
    }
    return new Object[] {
      states,
      IntStream.range(0, row.steps())
          .mapToObj(t -> encoder.labels().get(said.labels()[2 * t + 1]))
          .toArray(String[]::new)
    };
  }

  /**
   * Returns the vectors {@code [2 T, W]} behind observations, or behind actions.
   *
   * @param turn 0 for observations, 1 for actions
   */
  private static float[][] turns(float[] vectors, int steps, int turn) {
    int width = vectors.length / (2 * steps);
    return IntStream.range(0, steps)
        .map(t -> (2 * t + turn) * width)
        .mapToObj(from -> Arrays.copyOfRange(vectors, from, from + width))
        .toArray(float[][]::new);
  }
}
