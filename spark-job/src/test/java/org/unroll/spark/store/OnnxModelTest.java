// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;

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
  private static final int LABELS = 3;

  private static RnnSpec layers(CellType cell, Direction direction, boolean special) {
    int layers = special ? 3 : 2;
    boolean bias = cell != CellType.RNN_TANH;
    return new RnnSpec(cell, 4, 5, layers, 5, bias, direction, special, special, DropoutSpec.NONE);
  }

  /** Returns readers of both inputs: every cell, direction, pooling and head. */
  static Stream<NetworkSpec> readers() {
    InputSpec both =
        new InputSpec(
            List.of(new InputSpec.TokenColumn(VOCABULARY, 4), new InputSpec.TokenColumn(3, 2)),
            2,
            null);
    InputSpec numbers = new InputSpec(List.of(), 3, null);
    List<NetworkSpec> specs = new ArrayList<>();
    HeadSpec[] heads = {
      new HeadSpec.Softmax(LABELS, Target.SEQUENCE, 0, null),
      new HeadSpec.Softmax(LABELS, Target.STEP, 0, null),
      new HeadSpec.LinearCrf(LABELS),
      new HeadSpec.Regression(LABELS, Target.SEQUENCE),
      new HeadSpec.Regression(LABELS, Target.STEP)
    };
    for (CellType cell : CellType.values()) {
      for (Direction direction : Direction.values()) {
        for (Pooling.Type pooling : Pooling.Type.values()) {
          int i = specs.size();
          InputSpec inputs = i % 3 == 0 ? numbers : both;
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
      specs.add(NetworkSpec.languageModel(VOCABULARY, plain, false, true, false));
      RnnSpec narrow =
          new RnnSpec(cell, 4, 5, 2, 4, true, Direction.FORWARD, false, true, DropoutSpec.NONE);
      specs.add(NetworkSpec.languageModel(VOCABULARY, narrow, true, true, false));
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
      float[] features = inputs.features() == 0 ? null : new float[steps * inputs.features()];
      for (int i = 0; features != null && i < features.length; i++) {
        features[i] = (float) random.nextGaussian();
      }
      int[] next = language ? random.ints(steps, 0, VOCABULARY).toArray() : null;
      examples.add(new Example("s" + steps, steps, tokens, null, features, next, null));
    }
    return examples;
  }

  private static Map<String, OnnxTensor> inputs(InputSpec spec, List<Example> examples)
      throws OrtException {
    OrtEnvironment ort = OrtEnvironment.getEnvironment();
    int rows = examples.size();
    int longest = Arrays.stream(LENGTHS).max().getAsInt();
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    for (int c = 0; c < spec.columns().size(); c++) {
      long[] ids = new long[rows * longest];
      for (int row = 0; row < rows; row++) {
        int[] own = examples.get(row).tokens()[c];
        for (int t = 0; t < own.length; t++) {
          ids[row * longest + t] = own[t];
        }
      }
      inputs.put(
          c == 0 ? "tokens" : "tokens_" + c,
          OnnxTensor.createTensor(ort, LongBuffer.wrap(ids), new long[] {rows, longest}));
    }
    if (spec.features() > 0) {
      float[] features = new float[rows * longest * spec.features()];
      for (int row = 0; row < rows; row++) {
        float[] own = examples.get(row).features();
        System.arraycopy(own, 0, features, row * longest * spec.features(), own.length);
      }
      long[] shape = {rows, longest, spec.features()};
      inputs.put("features", OnnxTensor.createTensor(ort, FloatBuffer.wrap(features), shape));
    }
    return inputs;
  }

  private static Map<Integer, Prediction> said(
      NetworkSpec spec, float[] params, List<Example> examples) {
    Batch batch = new Batch(spec.batchShape());
    batch.fill(examples);
    Pass pass = new Pass(new Network(spec));
    pass.load(params);
    pass.read(batch, null);
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
    OrtEnvironment ort = OrtEnvironment.getEnvironment();
    inputs.put("lengths", OnnxTensor.createTensor(ort, lengths));
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
    Map<String, OnnxTensor> inputs = inputs(spec.inputs(), examples);
    int longest = Arrays.stream(LENGTHS).max().getAsInt();
    try (OrtSession session = session(spec, params)) {
      // Token by token, so that the state has to carry what was read.
      float[][] told = new float[longest][];
      Map<String, OnnxTensor> state = beginning(spec.encoder(), examples.size());
      for (int t = 0; t < longest; t++) {
        Map<String, OnnxTensor> step = new LinkedHashMap<>(state);
        step.put("tokens", column(inputs.get("tokens"), t, longest));
        OrtSession.Result result = session.run(step);
        told[t] = floats(result, "log_probabilities");
        for (String name : state.keySet()) {
          state.put(name, (OnnxTensor) result.get(name + "_out").orElseThrow());
        }
      }
      for (int row = 0; row < examples.size(); row++) {
        for (int t = 0; t < LENGTHS[row]; t++) {
          int next = examples.get(row).labels()[t];
          assertThat(-told[t][row * VOCABULARY + next])
              .isCloseTo(said.get(row).values()[t], org.assertj.core.api.Assertions.within(CLOSE));
        }
      }
    }
  }

  private static Map<String, OnnxTensor> beginning(RnnSpec rnn, int rows) throws OrtException {
    Map<String, OnnxTensor> state = new LinkedHashMap<>();
    for (int layer = 0; layer < rnn.layers(); layer++) {
      int hidden = rnn.hiddenSize(layer);
      List<String> names = rnn.cell() == CellType.LSTM ? List.of("h_", "c_") : List.of("h_");
      for (String name : names) {
        float[] zeros = new float[rows * hidden];
        state.put(
            name + layer,
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                FloatBuffer.wrap(zeros),
                new long[] {1, rows, hidden}));
      }
    }
    return state;
  }

  private static OnnxTensor column(OnnxTensor tokens, int t, int longest) throws OrtException {
    LongBuffer all = tokens.getLongBuffer();
    int rows = all.remaining() / longest;
    long[] ids = new long[rows];
    for (int row = 0; row < rows; row++) {
      ids[row] = all.get(row * longest + t);
    }
    return OnnxTensor.createTensor(
        OrtEnvironment.getEnvironment(), LongBuffer.wrap(ids), new long[] {rows, 1});
  }
}
