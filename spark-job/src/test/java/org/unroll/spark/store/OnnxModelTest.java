// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;

/** Graphs of every kind of network, run by ONNX Runtime, against what this program says. */
class OnnxModelTest {
  private static final float CLOSE = 1e-5f;
  private static final int[] LENGTHS = {7, 1, 4, 5};
  private static final int VOCABULARY = 9;
  private static final int CHARACTERS = 6;
  private static final int LABELS = 3;
  private static final int LONGEST = Arrays.stream(LENGTHS).max().getAsInt();
  private static final int LONGEST_WORD = 3;

  private static RnnSpec layers(CellType cell, Direction direction, boolean special) {
    int layers = special ? 3 : 2;
    boolean bias = cell != CellType.RNN_TANH;
    return new RnnSpec(cell, 4, 5, layers, 5, bias, direction, special, special, DropoutSpec.NONE);
  }

  /** Returns readers: every cell, direction and pooling; inputs and heads go round. */
  static Stream<NetworkSpec> readers() {
    List<InputSpec.TokenColumn> columns =
        List.of(new InputSpec.TokenColumn(VOCABULARY, 4), new InputSpec.TokenColumn(3, 2));
    HeadSpec[] heads = {
      new HeadSpec.Softmax(LABELS, Target.SEQUENCE, 0, null),
      new HeadSpec.Softmax(LABELS, Target.STEP, 0, null),
      new HeadSpec.LinearCrf(LABELS),
      new HeadSpec.Regression(LABELS, Target.SEQUENCE),
      new HeadSpec.Regression(LABELS, Target.STEP)
    };
    List<NetworkSpec> specs = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      for (Direction direction : Direction.values()) {
        for (Pooling.Type pooling : Pooling.Type.values()) {
          int i = specs.size();
          InputSpec inputs =
              switch (i % 3) {
                case 0 -> new InputSpec(List.of(), 3, null);
                case 1 -> new InputSpec(columns, 2, null);
                default ->
                    new InputSpec(
                        columns, 0, new InputSpec.WordSpec(CHARACTERS, 3, cell, 2, pooling));
              };
          HeadSpec head = heads[i % 2 == 0 ? 0 : (i / 2) % heads.length];
          RnnSpec rnn = layers(cell, direction, i % 5 == 0).withInput(inputs.width());
          Pooling.Type pooled = head.target() == Target.SEQUENCE ? pooling : null;
          specs.add(NetworkSpec.of(inputs, rnn, pooled, head));
        }
      }
    }
    return specs.stream();
  }

  static Stream<NetworkSpec> languageModels() {
    List<NetworkSpec> specs = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      RnnSpec plain = layers(cell, Direction.FORWARD, false);
      RnnSpec narrow =
          new RnnSpec(cell, 4, 5, 2, 4, true, Direction.FORWARD, false, true, DropoutSpec.NONE);
      specs.add(NetworkSpec.languageModel(VOCABULARY, plain, false, true, false));
      specs.add(NetworkSpec.languageModel(VOCABULARY, plain, false, true, true));
      specs.add(NetworkSpec.languageModel(VOCABULARY, narrow, true, true, true));
      specs.add(
          NetworkSpec.of(
              InputSpec.ofTokens(VOCABULARY, 4),
              plain,
              null,
              new HeadSpec.Vocabulary(VOCABULARY, false, true, 0, List.of(3, 6), 2)));
    }
    return specs.stream();
  }

  private static float[] params(Network network) {
    float[] params = new float[network.layout().size()];
    Random random = new Random(7);
    for (int i = 0; i < params.length; i++) {
      params[i] = (float) random.nextGaussian() * 0.5f;
    }
    return params;
  }

  private static List<Example> examples(InputSpec inputs, boolean language) {
    Random random = new Random(3);
    List<Example> examples = new ArrayList<>();
    for (int steps : LENGTHS) {
      int[][] tokens = new int[inputs.columns().size()][];
      for (int c = 0; c < tokens.length; c++) {
        int size = inputs.columns().get(c).vocabulary();
        tokens[c] = random.ints(steps, 0, size).toArray();
      }
      int[][] words = inputs.words() == null ? null : new int[steps][];
      for (int t = 0; words != null && t < steps; t++) {
        words[t] = random.ints(random.nextInt(LONGEST_WORD + 1), 0, CHARACTERS).toArray();
      }
      float[] features = inputs.features() == 0 ? null : new float[steps * inputs.features()];
      for (int i = 0; features != null && i < features.length; i++) {
        features[i] = (float) random.nextGaussian();
      }
      int[] next = language ? random.ints(steps, 0, VOCABULARY).toArray() : null;
      examples.add(new Example("s" + steps, steps, tokens, words, features, next, null));
    }
    return examples;
  }

  private static OnnxTensor ids(long[] ids, long... shape) throws OrtException {
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), LongBuffer.wrap(ids), shape);
  }

  private static OnnxTensor numbers(float[] numbers, long... shape) throws OrtException {
    return OnnxTensor.createTensor(
        OrtEnvironment.getEnvironment(), FloatBuffer.wrap(numbers), shape);
  }

  private static Map<String, OnnxTensor> inputs(InputSpec spec, List<Example> examples)
      throws OrtException {
    int rows = examples.size();
    int positions = rows * LONGEST;
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    for (int c = 0; c < spec.columns().size(); c++) {
      long[] ids = new long[positions];
      for (int row = 0; row < rows; row++) {
        put(examples.get(row).tokens()[c], ids, row * LONGEST);
      }
      inputs.put(c == 0 ? "tokens" : "tokens_" + c, ids(ids, rows, LONGEST));
    }
    if (spec.features() > 0) {
      float[] features = new float[positions * spec.features()];
      for (int row = 0; row < rows; row++) {
        float[] own = examples.get(row).features();
        System.arraycopy(own, 0, features, row * LONGEST * spec.features(), own.length);
      }
      inputs.put("features", numbers(features, rows, LONGEST, spec.features()));
    }
    if (spec.words() != null) {
      long[] characters = new long[positions * LONGEST_WORD];
      long[] lengths = new long[positions];
      for (int row = 0; row < rows; row++) {
        int[][] own = examples.get(row).characters();
        for (int t = 0; t < own.length; t++) {
          int position = row * LONGEST + t;
          put(own[t], characters, position * LONGEST_WORD);
          lengths[position] = own[t].length;
        }
      }
      inputs.put("characters", ids(characters, rows, LONGEST, LONGEST_WORD));
      inputs.put("character_lengths", ids(lengths, rows, LONGEST));
    }
    return inputs;
  }

  private static void put(int[] from, long[] to, int at) {
    for (int i = 0; i < from.length; i++) {
      to[at + i] = from[i];
    }
  }

  private static Map<Integer, Prediction> said(
      NetworkSpec spec, float[] params, List<Example> examples) {
    Batch batch = new Batch(spec.batchShape());
    batch.fill(examples);
    Network network = new Network(spec);
    Pass pass = new Pass(network);
    pass.load(params);
    float[] state = new float[network.stateSize(batch.rows())];
    pass.initialState(state, batch.rows());
    pass.read(batch, state);
    Map<Integer, Prediction> said = new LinkedHashMap<>();
    for (int row = 0; row < batch.rows(); row++) {
      Prediction prediction = pass.prediction(row, null).withStates(pass.outputs(row));
      said.put(examples.indexOf(batch.example(row)), prediction);
    }
    return said;
  }

  private static OrtSession session(NetworkSpec spec, float[] params) throws OrtException {
    byte[] file = OnnxModel.of(spec, params, "test", "1");
    return OrtEnvironment.getEnvironment().createSession(file);
  }

  private static float[] floats(OrtSession.Result result, String name) throws OrtException {
    FloatBuffer buffer = ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  @ParameterizedTest
  @MethodSource("readers")
  void a_reader_says_the_same(NetworkSpec spec) throws OrtException {
    Network network = new Network(spec);
    float[] params = params(network);
    List<Example> examples = examples(spec.inputs(), false);
    Map<Integer, Prediction> said = said(spec, params, examples);
    Map<String, OnnxTensor> inputs = inputs(spec.inputs(), examples);
    long[] lengths = Arrays.stream(LENGTHS).asLongStream().toArray();
    inputs.put("lengths", ids(lengths, lengths.length));
    boolean ofSequences = spec.head().target() == Target.SEQUENCE;
    boolean crf = spec.head() instanceof HeadSpec.LinearCrf;
    String output =
        crf ? "emissions" : spec.head() instanceof HeadSpec.Regression ? "values" : "probabilities";
    try (OrtSession session = session(spec, params);
        OrtSession.Result result = session.run(inputs)) {
      float[] all = floats(result, output);
      int rowSize = all.length / examples.size();
      for (int row = 0; row < examples.size(); row++) {
        Prediction own = said.get(row);
        float[] expected =
            crf
                ? scores(network, params, own.states())
                : output.equals("values") ? own.values() : own.probabilities();
        assertThat(expected).hasSize(ofSequences ? LABELS : LENGTHS[row] * LABELS);
        float[] here = Arrays.copyOfRange(all, row * rowSize, row * rowSize + expected.length);
        assertThat(here)
            .as("row %s", row)
            .usingComparatorWithPrecision(CLOSE)
            .containsExactly(expected);
      }
      if (crf) {
        Param transitions = network.layout().get("crf.transitions");
        assertThat(floats(result, "transitions"))
            .isEqualTo(Arrays.copyOfRange(params, transitions.offset(), transitions.end()));
      }
    }
  }

  /** Returns what the linear layer makes of outputs. */
  private static float[] scores(Network network, float[] params, float[] outputs) {
    Param weight = network.layout().get(Network.DECODER);
    Param bias = network.layout().get(Network.DECODER_BIAS);
    int width = weight.shape().get(1);
    float[] scores = new float[outputs.length / width * LABELS];
    for (int i = 0; i < scores.length; i++) {
      double sum = params[bias.offset() + i % LABELS];
      for (int j = 0; j < width; j++) {
        sum +=
            (double) outputs[i / LABELS * width + j]
                * params[weight.offset() + i % LABELS * width + j];
      }
      scores[i] = (float) sum;
    }
    return scores;
  }

  @ParameterizedTest
  @MethodSource("languageModels")
  void a_language_model_goes_on_from_its_state(NetworkSpec spec) throws OrtException {
    Network network = new Network(spec);
    float[] params = params(network);
    List<Example> examples = examples(spec.inputs(), true);
    Map<Integer, Prediction> said = said(spec, params, examples);
    int rows = examples.size();
    long[] ids = new long[rows * LONGEST];
    for (int row = 0; row < rows; row++) {
      put(examples.get(row).tokens()[0], ids, row * LONGEST);
    }
    try (OrtSession session = session(spec, params)) {
      // Token by token, so that the state has to carry what was read.
      float[][] told = new float[LONGEST][];
      Map<String, OnnxTensor> state = beginning(spec.encoder(), rows);
      for (int t = 0; t < LONGEST; t++) {
        Map<String, OnnxTensor> step = new LinkedHashMap<>(state);
        int now = t;
        long[] column = IntStream.range(0, rows).mapToLong(r -> ids[r * LONGEST + now]).toArray();
        step.put("tokens", ids(column, rows, 1));
        if (spec.learnedState()) {
          boolean[] begins = new boolean[rows];
          Arrays.fill(begins, t == 0);
          step.put("begins", OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), begins));
        }
        OrtSession.Result result = session.run(step);
        told[t] = floats(result, "log_probabilities");
        for (String name : state.keySet()) {
          state.put(name, (OnnxTensor) result.get(name + "_out").orElseThrow());
        }
      }
      for (int row = 0; row < rows; row++) {
        for (int t = 0; t < LENGTHS[row]; t++) {
          int next = examples.get(row).labels()[t];
          assertThat(-told[t][row * VOCABULARY + next])
              .isCloseTo(said.get(row).values()[t], within(CLOSE));
        }
      }
    }
  }

  /** Returns zeros for the states before the first step. */
  private static Map<String, OnnxTensor> beginning(RnnSpec rnn, int rows) throws OrtException {
    Map<String, OnnxTensor> state = new LinkedHashMap<>();
    for (int layer = 0; layer < rnn.layers(); layer++) {
      int hidden = rnn.hiddenSize(layer);
      List<String> names = rnn.cell() == CellType.LSTM ? List.of("h_", "c_") : List.of("h_");
      for (String name : names) {
        state.put(name + layer, numbers(new float[rows * hidden], 1, rows, hidden));
      }
    }
    return state;
  }
}
