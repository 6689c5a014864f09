// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Prediction.Written;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;

class BeamSearchTest {
  private static final int VOCABULARY = 3;
  private static final int END = 1;
  private static final int LONGEST = 3;

  /** A beam in which all hypotheses have room. */
  private static final int ALL = 40;

  private static final List<Example> EXAMPLES =
      List.of(
          Example.ofTokens("a", new int[] {0, 1, 2}),
          Example.ofTokens("b", new int[] {2}),
          Example.ofTokens("c", new int[] {3, 3, 0, 1}));

  private static Pass pass(Attention.Type way) {
    return pass(way, 1.5f);
  }

  private static Pass pass(Attention.Type way, float scale) {
    return pass(way, scale, List.of());
  }

  private static Pass pass(Attention.Type way, float scale, List<Integer> cutoffs) {
    RnnSpec encoder = RnnSpec.of(CellType.GRU, 3, 4, 1);
    RnnSpec layers = RnnSpec.of(CellType.GRU, 3 + 4, 4, 1);
    DecoderSpec decoder =
        new DecoderSpec(VOCABULARY, END, 3, false, layers, DecoderSpec.Bridge.COPY, way, true);
    HeadSpec head = new HeadSpec.Vocabulary(VOCABULARY, false, true, 0, cutoffs, 2);
    InputSpec inputs = InputSpec.ofTokens(4, 3);
    Network network = new Network(new NetworkSpec(inputs, encoder, decoder, false, null, head));
    float[] params = new float[network.layout().size()];
    for (int i = 0; i < params.length; i++) {
      params[i] = scale * (2 * RandomBits.uniform(5, i) - 1);
    }
    Pass pass = new Pass(network);
    pass.load(params);
    return pass;
  }

  private static Batch batch(Pass pass, List<Example> examples) {
    Batch batch = new Batch(pass.network().spec().batchShape());
    batch.fill(examples);
    pass.read(batch, null);
    return batch;
  }

  private static Search search(int beam, int best, double length, double coverage) {
    return new Search(beam, best, length, coverage, 0, LONGEST, null);
  }

  /** Returns the logarithm of the probability of tokens behind each other, by teacher forcing. */
  private static double logProbability(Pass pass, Example example, int... labels) {
    batch(pass, List.of(example.withLabels(labels)));
    float[] losses = pass.prediction(0, null).values();
    return -IntStream.range(0, losses.length).mapToDouble(i -> losses[i]).sum();
  }

  /** Returns all that can be written up to the longest, with the end where there is one. */
  private static List<int[]> everything() {
    List<int[]> all = new ArrayList<>();
    List<int[]> open = List.of(new int[0]);
    for (int t = 0; t <= LONGEST; t++) {
      List<int[]> longer = new ArrayList<>();
      for (int[] begin : open) {
        all.add(append(begin, END));
        for (int token = 0; token < VOCABULARY; token++) {
          if (token != END) {
            longer.add(append(begin, token));
          }
        }
      }
      open = longer;
    }
    return all;
  }

  private static int[] append(int[] tokens, int token) {
    int[] more = Arrays.copyOf(tokens, tokens.length + 1);
    more[tokens.length] = token;
    return more;
  }

  @ParameterizedTest
  @NullSource
  @EnumSource(Attention.Type.class)
  void a_beam_for_everything_finds_the_most_probable_of_all_sequences(Attention.Type way) {
    requireMostProbable(pass(way));
  }

  @Test
  void tokens_in_clusters_are_as_exact() {
    requireMostProbable(pass(Attention.Type.GENERAL, 1.5f, List.of(1)));
    requireMostProbable(pass(Attention.Type.GENERAL, 1.5f, List.of(1, 2)));
  }

  private static void requireMostProbable(Pass pass) {
    for (Example example : EXAMPLES) {
      int[] best =
          everything().stream()
              .max(Comparator.comparingDouble(y -> logProbability(pass, example, y)))
              .orElseThrow();
      double expected = logProbability(pass, example, best);
      batch(pass, List.of(example));
      Written found = pass.prediction(0, search(ALL, 1, 0, 0)).written().get(0);
      assertThat(found.tokens()).isEqualTo(Arrays.copyOf(best, best.length - 1));
      assertThat(found.ended()).isTrue();
      assertThat(found.logProbability()).isCloseTo(expected, within(1e-5));
      assertThat(found.score()).isEqualTo(found.logProbability());
    }
  }

  static List<Search> searches() {
    return List.of(
        Search.GREEDY,
        search(1, 1, 1, 0),
        search(2, 2, 0.6, 0),
        search(4, 3, 0, 0.5),
        search(7, 7, 1, 0.2),
        new Search(3, 3, 0.5, 0, 2, 2, null),
        new Search(1, 1, 0, 0, 0, 5, new Sampling(1, 0, 1, 9)));
  }

  @ParameterizedTest
  @MethodSource("searches")
  void what_is_told_of_a_sequence_is_what_teacher_forcing_says_of_it(Search search) {
    Pass pass = pass(Attention.Type.ADDITIVE);
    Batch batch = batch(pass, EXAMPLES);
    List<List<Written>> all = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      all.add(pass.prediction(row, search).written());
    }
    for (int row = 0; row < all.size(); row++) {
      List<Written> written = all.get(row);
      Example example = batch.example(row);
      assertThat(written).isNotEmpty().hasSizeLessThanOrEqualTo(search.best());
      assertThat(written).isSortedAccordingTo(Comparator.comparingDouble(w -> -w.score()));
      assertThat(written).extracting(w -> Arrays.toString(w.tokens())).doesNotHaveDuplicates();
      for (Written one : written) {
        assertThat(one.tokens().length).isBetween(search.minLength(), search.maxLength());
        assertThat(one.tokens()).doesNotContain(END);
        int[] labels = one.ended() ? append(one.tokens(), END) : one.tokens();
        assertThat(one.attention()).hasNumberOfRows(labels.length);
        assertThat(one.logProbability())
            .isCloseTo(logProbability(pass, example, labels), within(1e-5));
        assertThat(one.score()).isCloseTo(score(one, labels.length, search), within(1e-9));
      }
    }
  }

  private static double score(Written one, int length, Search search) {
    double score = one.logProbability() / Math.pow((5 + length) / 6.0, search.length());
    for (int s = 0; s < one.attention()[0].length; s++) {
      double looked = 0;
      for (float[] weights : one.attention()) {
        looked += weights[s];
      }
      score += search.coverage() * Math.log(Math.min(1, looked));
    }
    return score;
  }

  @Test
  void greedy_search_takes_the_most_probable_token_each_time() {
    Pass pass = pass(Attention.Type.GENERAL);
    for (Example example : EXAMPLES) {
      int[] tokens = new int[0];
      while (tokens.length <= LONGEST && (tokens.length == 0 || last(tokens) != END)) {
        int[] before = tokens;
        int best =
            IntStream.range(0, VOCABULARY)
                .boxed()
                .max(
                    Comparator.comparingDouble(
                        y -> logProbability(pass, example, append(before, y))))
                .orElseThrow();
        tokens = append(tokens, best);
      }
      batch(pass, List.of(example));
      Search search = new Search(1, 1, 0, 0, 0, LONGEST, null);
      Written found = pass.prediction(0, search).written().get(0);
      assertThat(found.ended()).isEqualTo(last(tokens) == END);
      assertThat(found.tokens()).isEqualTo(Arrays.copyOf(tokens, tokens.length - 1));
      Search cold = new Search(1, 1, 0, 0, 0, LONGEST, new Sampling(0, 0, 1, 3));
      assertThat(pass.prediction(0, cold).written())
          .usingRecursiveComparison()
          .isEqualTo(List.of(found));
    }
  }

  @Test
  void labels_are_those_tokens_that_greedy_search_would_have_taken_too() {
    Pass pass = pass(Attention.Type.ADDITIVE);
    for (Example example : EXAMPLES) {
      batch(pass, List.of(example));
      Search search = new Search(1, 1, 0, 0, 0, LONGEST, null);
      int[] written = pass.prediction(0, search).written().get(0).tokens();
      batch(pass, List.of(example.withLabels(written)));
      assertThat(pass.prediction(0, null).labels()).isEqualTo(written);
      int[] other = append(written, 0);
      other[0] = (other[0] + 1) % VOCABULARY;
      batch(pass, List.of(example.withLabels(other)));
      assertThat(pass.prediction(0, null).labels()[0]).isEqualTo(Batch.MASKED);
    }
  }

  private static int last(int[] tokens) {
    return tokens[tokens.length - 1];
  }

  @Test
  void a_sequence_that_comes_to_no_end_is_cut_and_says_so() {
    Pass pass = pass(Attention.Type.DOT);
    batch(pass, List.of(EXAMPLES.get(0)));
    Search search = new Search(2, 2, 0, 0, 1, 1, null);
    List<Written> written = pass.prediction(0, search).written();
    assertThat(written).allSatisfy(w -> assertThat(w.tokens()).hasSize(1));
    assertThat(written).hasSize(2);
  }

  @Test
  void sampling_draws_by_seed_and_sequence_alone() {
    Pass pass = pass(Attention.Type.GENERAL, 0.3f);
    List<Example> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(Example.ofTokens("x" + i, new int[] {i & 3, i >> 2 & 3, i >> 4 & 3, i >> 6}));
    }
    Search search = new Search(1, 1, 0, 0, 0, 20, new Sampling(1, 0, 1, 4));
    Batch batch = batch(pass, many);
    List<Integer> lengths = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      lengths.add(pass.prediction(row, search).written().get(0).tokens().length);
    }
    // The network is nearly indifferent, so that a third of the tokens are ends.
    double mean = lengths.stream().mapToInt(Integer::intValue).average().orElseThrow();
    assertThat(mean).isBetween(1.2, 3.5);
    assertThat(lengths.stream().distinct().count()).isGreaterThan(4);
    Search other = new Search(1, 1, 0, 0, 0, 20, new Sampling(1, 0, 1, 5));
    List<Integer> others = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      others.add(pass.prediction(row, other).written().get(0).tokens().length);
    }
    assertThat(others).isNotEqualTo(lengths);
  }

  @Test
  void a_damaged_model_is_told_of_instead_of_an_answer() {
    Pass pass = pass(Attention.Type.DOT, Float.NaN);
    batch(pass, List.of(EXAMPLES.get(0)));
    assertThatThrownBy(() -> pass.prediction(0, Search.GREEDY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("damaged");
  }

  @Test
  void searches_that_make_no_sense_are_refused() {
    assertThatThrownBy(() -> search(2, 3, 0, 0))
        .hasMessageContaining("3 best")
        .hasMessageContaining("2");
    assertThatThrownBy(() -> search(0, 1, 0, 0)).hasMessageContaining("beam");
    assertThatThrownBy(() -> new Search(1, 1, 0, 0, 5, 4, null))
        .hasMessageContaining("min-length 5");
    assertThatThrownBy(() -> new Search(2, 1, 0, 0, 0, 4, new Sampling(1, 0, 1, 9)))
        .hasMessageContaining("beam of 1");
  }
}
