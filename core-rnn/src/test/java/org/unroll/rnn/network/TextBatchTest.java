// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;

class TextBatchTest {
  private static final int LENGTH = 30;
  private static final int TEXTS = 53;

  /** Networks of every cell, of awkward sizes; the last two have a large vocabulary. */
  private static List<Network> networks() {
    List<Network> networks = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      networks.add(TestNetworks.language(13, 5, cell, 2, 17, true, 0, false, true));
      networks.add(TestNetworks.merity(11, cell, false));
    }
    networks.add(TestNetworks.language(1500, 33, CellType.LSTM, 1, 70, true, 0, false, false));
    RnnSpec rnn = RnnSpec.of(CellType.GRU, 16, 16, 2);
    NetworkSpec plain = NetworkSpec.languageModel(600, rnn, false, true, false);
    networks.add(new Network(NetworkCase.adaptive(plain, List.of(20, 200))));
    return networks;
  }

  private static float[] params(Network network) {
    float[] params = new float[network.layout().size()];
    for (int i = 0; i < params.length; i++) {
      params[i] = RandomBits.uniform(7, i) - 0.5f;
    }
    return params;
  }

  private static Pass pass(Network network, int threads) {
    Pass pass = new Pass(network, new Team(threads));
    pass.load(params(network));
    return pass;
  }

  private static int[] prompt(Network network, int number) {
    int vocabulary = network.spec().head().scores();
    return IntStream.rangeClosed(0, number * 3 % 47)
        .map(i -> (int) Math.floorMod(RandomBits.bits(number, i), (long) vocabulary))
        .toArray();
  }

  private static Sampling sampling(int number) {
    return new Sampling(number % 4 * 0.4, number % 3 * 5, number % 5 == 0 ? 0.8 : 1, number);
  }

  private static List<Integer> alone(Network network, int number) {
    List<Integer> text = new ArrayList<>();
    new Generator(pass(network, 1), network)
        .generate(prompt(network, number), LENGTH, sampling(number), text::add);
    return text;
  }

  @Test
  void each_text_is_as_it_is_alone_whoever_joins_and_leaves_beside_it() {
    for (Network network : networks()) {
      TextBatch batch = new TextBatch(pass(network, 2), network, TEXTS, 8);
      List<TextBatch.Text> under = new ArrayList<>();
      List<List<Integer>> texts = new ArrayList<>();
      List<TextBatch.Text> begun = new ArrayList<>();
      for (int step = 0; texts.size() < TEXTS || !under.isEmpty(); step++) {
        // A new one now and then, several at once sometimes, and each reads in pieces of its own.
        for (int i = 0; i <= step % 3 && texts.size() < TEXTS; i++) {
          int number = texts.size();
          begun.add(batch.begin(prompt(network, number), sampling(number), number % 7 == 0));
          under.add(begun.get(number));
          texts.add(new ArrayList<>());
        }
        int reader = step % under.size();
        batch.skim(under.get(reader), 1 + step % 8);
        batch.step(under);
        for (TextBatch.Text text : List.copyOf(under)) {
          List<Integer> own = texts.get(begun.indexOf(text));
          if (text.written() > own.size()) {
            own.add(text.token());
          }
          if (own.size() == LENGTH) {
            under.remove(text);
          }
        }
      }
      for (int number = 0; number < TEXTS; number++) {
        assertThat(texts.get(number))
            .as("text %s of %s", number, network.spec())
            .isEqualTo(alone(network, number));
      }
    }
  }

  @Test
  void kept_logits_judge_every_token_from_the_second_of_the_prompt_on() {
    Network network = networks().get(0);
    TextBatch batch = new TextBatch(pass(network, 1), network, 2, 4);
    int[] prompt = {3, 1, 4};
    TextBatch.Text text = batch.begin(prompt, new Sampling(0, 0, 1, 1), true);
    Pass pass = pass(network, 1);
    float[] state = new float[network.stateSize(1)];
    pass.initialState(state, 1);
    float[] logits = new float[network.spec().head().scores()];
    int[] input = {3};
    for (int t = 1; t < 6; t++) {
      batch.step(List.of(text));
      pass.step(input, 1, state, logits);
      assertThat(text.logits()).containsExactly(logits);
      assertThat(text.written()).isEqualTo(Math.max(0, t - 2));
      if (t < prompt.length) {
        assertThat(text.token()).isEqualTo(prompt[t]);
      }
      input[0] = text.token();
    }
  }

  @Test
  void reading_together_stops_before_the_last_token_of_the_prompt() {
    Network network = networks().get(0);
    TextBatch batch = new TextBatch(pass(network, 1), network, 1, 4);
    TextBatch.Text text = batch.begin(new int[] {1, 2, 3, 4, 5, 6}, sampling(1), false);
    assertThat(batch.skim(text, 4)).isEqualTo(4);
    assertThat(batch.skim(text, 4)).isEqualTo(1);
    assertThat(batch.skim(text, 4)).isZero();
    assertThat(text.unread()).isEqualTo(1);
    assertThat(text.token()).isEqualTo(6);
  }

  @Test
  void log_probabilities_sum_to_one_and_keep_distances() {
    double[] all = TextBatch.logProbabilities(new float[] {1, -2, 0.5f, 1000, 999});
    assertThat(Arrays.stream(all).map(Math::exp).sum()).isCloseTo(1, within(1e-12));
    assertThat(all[3] - all[4]).isCloseTo(1, within(1e-9));
  }

  private static Offset<Double> within(double most) {
    return Offset.offset(most);
  }

  @Test
  void prompts_that_cannot_be_read_are_refused() {
    Network network = networks().get(0);
    TextBatch batch = new TextBatch(pass(network, 1), network, 1, 4);
    assertThatThrownBy(() -> batch.begin(new int[0], sampling(1), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one token");
    assertThatThrownBy(() -> batch.begin(new int[] {13}, sampling(1), false))
        .hasMessageContaining("[0, 13)");
  }
}
