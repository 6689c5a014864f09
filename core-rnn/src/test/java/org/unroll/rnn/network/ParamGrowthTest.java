// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.ParamGrowth;
import org.unroll.rnn.train.ParamGrowth.NewRows;

/** A network over more tokens and labels begins as the one before. */
class ParamGrowthTest {
  private static final int MORE = 3;
  private static final long SEED = 9;

  /** Every network, its head without what changes losses besides. */
  static List<NetworkCase> cases() {
    return NetworkCase.all().stream()
        .map(c -> c.withoutDropout().with(s -> with(s, plain(s.head()))))
        .toList();
  }

  private static NetworkSpec with(NetworkSpec s, HeadSpec head) {
    return new NetworkSpec(
        s.inputs(), s.encoder(), s.decoder(), s.learnedState(), s.pooling(), head);
  }

  private static HeadSpec plain(HeadSpec head) {
    if (head instanceof HeadSpec.Softmax h) {
      return new HeadSpec.Softmax(h.classes(), h.target());
    }
    return head instanceof HeadSpec.Vocabulary h
        ? new HeadSpec.Vocabulary(h.tokens(), h.tied(), h.bias(), 0, h.cutoffs(), h.divisor())
        : head;
  }

  private static HeadSpec larger(HeadSpec head) {
    if (head instanceof HeadSpec.Softmax h) {
      return new HeadSpec.Softmax(h.classes() + MORE, h.target());
    }
    if (head instanceof HeadSpec.LinearCrf h) {
      return new HeadSpec.LinearCrf(h.labels() + MORE);
    }
    if (head instanceof HeadSpec.Alignment h) {
      return new HeadSpec.Alignment(h.labels() + MORE);
    }
    return head instanceof HeadSpec.Vocabulary h
        ? new HeadSpec.Vocabulary(
            h.tokens() + MORE, h.tied(), h.bias(), 0, h.cutoffs(), h.divisor())
        : head;
  }

  private static NetworkSpec larger(NetworkSpec s) {
    InputSpec.WordSpec words = s.inputs().words();
    InputSpec inputs =
        new InputSpec(
            s.inputs().columns().stream()
                .map(
                    c ->
                        new InputSpec.TokenColumn(
                            c.vocabulary() + MORE, c.embedding(), c.trainable()))
                .toList(),
            s.inputs().features(),
            words == null
                ? null
                : new InputSpec.WordSpec(
                    words.vocabulary() + MORE,
                    words.embedding(),
                    words.cell(),
                    words.hidden(),
                    words.pooling()));
    DecoderSpec decoder =
        s.decoder() == null ? null : s.decoder().with(s.decoder().vocabulary() + MORE);
    return new NetworkSpec(
        inputs, s.encoder(), decoder, s.learnedState(), s.pooling(), larger(s.head()));
  }

  /** The loss of an example whose last label is this one. */
  private static double loss(Pass pass, Example example, int label) {
    Example labelled = example;
    if (example.labels() != null) {
      int[] labels = example.labels().clone();
      labels[labels.length - 1] = label;
      labelled = example.withLabels(labels);
    }
    Batch batch = new Batch(pass.network().spec().batchShape());
    batch.fill(List.of(labelled));
    pass.read(batch, null);
    return pass.loss().sum();
  }

  private static Pass pass(Network network, float[] params) {
    Pass pass = new Pass(network);
    pass.load(params);
    return pass;
  }

  /** What is the same for both labels, as what is added up over all scores, falls out. */
  private static double preference(Pass pass, Example example) {
    int first = pass.network().spec().head().target() == Target.UNALIGNED ? 1 : 0;
    double loss = loss(pass, example, first);
    return example.labels() == null ? loss : loss - loss(pass, example, first + 1);
  }

  private static Example answerable(NetworkCase given, Example example) {
    return given.spec().head().target() == Target.UNALIGNED ? example.withLabels(1) : example;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void what_was_known_is_told_as_before(NetworkCase given) {
    Network before = new Network(given.spec());
    Network after = new Network(larger(given.spec()));
    float[] params = given.params(before);
    ParamGrowth growth = new ParamGrowth(before, after);
    assertThat(growth.differenceOrNull()).isNull();
    assertThat(new ParamGrowth(before, before).grow(params, NewRows.DRAWN, InitSpec.PYTORCH, SEED))
        .isEqualTo(params);
    Pass there = pass(before, params);
    for (NewRows rows : NewRows.values()) {
      Pass here = pass(after, growth.grow(params, rows, InitSpec.PYTORCH, SEED));
      for (Example some : given.examples()) {
        Example example = answerable(given, some);
        if (example.steps() > 0 && (example.labels() == null || example.labels().length > 0)) {
          double expected = preference(there, example);
          assertThat(preference(here, example))
              .isCloseTo(expected, within(1e-3 + 1e-4 * Math.abs(expected)));
        }
      }
    }
  }

  private static float[] row(float[] params, Param param, int row) {
    int columns = param.size() / param.shape().get(0);
    float[] found = new float[columns];
    System.arraycopy(params, param.offset() + row * columns, found, 0, columns);
    return found;
  }

  private static void assertMean(float[] params, Param param, int first, int count) {
    float[] mean = new float[row(params, param, 0).length];
    for (int i = first; i < count; i++) {
      float[] one = row(params, param, i);
      for (int j = 0; j < mean.length; j++) {
        mean[j] += one[j] / (count - first);
      }
    }
    for (int i = count; i < param.shape().get(0); i++) {
      assertThat(row(params, param, i)).containsExactly(mean, within(1e-5f));
    }
  }

  @Test
  void new_rows_are_drawn_or_the_mean_of_those_before() {
    InputSpec inputs = InputSpec.ofTokens(5, 4);
    RnnSpec layer = RnnSpec.of(CellType.GRU, 4, 3, 1);
    NetworkSpec spec = NetworkSpec.of(inputs, layer, null, new HeadSpec.Alignment(4));
    Network before = new Network(spec);
    Network after = new Network(larger(spec));
    float[] params = Initializer.draw(before, InitSpec.PYTORCH, 1);
    ParamGrowth growth = new ParamGrowth(before, after);

    float[] averaged = growth.grow(params, NewRows.AVERAGED, InitSpec.PYTORCH, SEED);
    assertMean(averaged, after.layout().get(Network.EMBEDDING), 0, 5);
    // Without the blank.
    assertMean(averaged, after.layout().get(Network.DECODER), 1, 5);
    assertMean(averaged, after.layout().get(Network.DECODER_BIAS), 1, 5);

    float[] drawn = growth.grow(params, NewRows.DRAWN, InitSpec.PYTORCH, SEED);
    float[] fresh = Initializer.draw(after, InitSpec.PYTORCH, SEED);
    for (Param param : after.layout().params()) {
      Param old = before.layout().get(param.name());
      for (int i = 0; i < param.shape().get(0); i++) {
        boolean isNew = i >= old.shape().get(0);
        assertThat(row(drawn, param, i))
            .isEqualTo(isNew ? row(fresh, param, i) : row(params, old, i));
      }
    }
  }

  @Test
  void transitions_grow_in_both_directions() {
    RnnSpec layer = RnnSpec.of(CellType.GRU, 4, 3, 1);
    NetworkSpec spec =
        NetworkSpec.of(InputSpec.ofTokens(5, 4), layer, null, new HeadSpec.LinearCrf(2));
    Network before = new Network(spec);
    Network after = new Network(larger(spec));
    float[] params = new float[before.layout().size()];
    Param old =
        before.layout().params().stream()
            .filter(p -> p.shape().equals(List.of(2, 2)))
            .findFirst()
            .orElseThrow();
    // From label 0 to 0 it is 1, then 2, 3 and 4.
    for (int i = 0; i < 4; i++) {
      params[old.offset() + i] = i + 1;
    }
    float[] averaged =
        new ParamGrowth(before, after).grow(params, NewRows.AVERAGED, InitSpec.PYTORCH, SEED);
    Param grown = after.layout().get(old.name());
    assertThat(row(averaged, grown, 0)).containsExactly(1, 2, 1.5f, 1.5f, 1.5f);
    assertThat(row(averaged, grown, 1)).containsExactly(3, 4, 3.5f, 3.5f, 3.5f);
    assertThat(row(averaged, grown, 4)).containsExactly(2, 3, 2.5f, 2.5f, 2.5f);
  }

  @Test
  void other_networks_are_told_with_both_sides() {
    NetworkSpec spec =
        NetworkSpec.languageModel(5, RnnSpec.of(CellType.GRU, 4, 3, 1), false, true, false);
    NetworkSpec wider =
        NetworkSpec.languageModel(7, RnnSpec.of(CellType.GRU, 4, 6, 1), false, true, false);
    NetworkSpec deeper =
        NetworkSpec.languageModel(7, RnnSpec.of(CellType.GRU, 4, 3, 2), false, true, false);
    assertThat(difference(spec, wider))
        .isEqualTo("rnn.weight_ih_l0 is [9, 4] there and [18, 4] here");
    assertThat(difference(spec, deeper))
        .isEqualTo("here is rnn.weight_ih_l1 [9, 3], which is not there");
    assertThat(difference(deeper, spec))
        .isEqualTo("there is rnn.weight_ih_l1 [9, 3], which is not here");
    HeadSpec clusters = new HeadSpec.Vocabulary(9, false, true, 0, List.of(3, 6), 1);
    HeadSpec others = new HeadSpec.Vocabulary(12, false, true, 0, List.of(3, 7), 1);
    assertThat(difference(with(nine(), clusters), with(twelve(), others)))
        .isEqualTo("decoder.tail.0.1.weight is [3, 3] there and [4, 3] here");
    NetworkSpec adaptive = with(nine(), clusters);
    assertThat(difference(adaptive, larger(adaptive))).isNull();
  }

  private static NetworkSpec nine() {
    return NetworkSpec.languageModel(9, RnnSpec.of(CellType.GRU, 4, 3, 1), false, true, false);
  }

  private static NetworkSpec twelve() {
    return NetworkSpec.languageModel(12, RnnSpec.of(CellType.GRU, 4, 3, 1), false, true, false);
  }

  private static String difference(NetworkSpec before, NetworkSpec after) {
    return new ParamGrowth(new Network(before), new Network(after)).differenceOrNull();
  }
}
