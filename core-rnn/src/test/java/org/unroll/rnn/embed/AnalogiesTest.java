// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.embed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;

class AnalogiesTest {
  private static final int WORDS = 150;
  private static final int SIZE = 7;

  private static WordVectors vectors(String... names) {
    List<Vocabulary.Entry> entries = new ArrayList<>();
    for (String name : names) {
      entries.add(new Vocabulary.Entry(name, 1));
    }
    float[] values = new float[names.length * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = RandomBits.uniform(3, i) - 0.5f;
    }
    return new WordVectors(Vocabulary.of(entries), SIZE, values);
  }

  private static WordVectors vectors() {
    String[] names = new String[WORDS];
    for (int w = 0; w < WORDS; w++) {
      names[w] = "w" + w;
    }
    return vectors(names);
  }

  private static Analogies.Questions questions(String text) throws IOException {
    return Analogies.Questions.read(new ByteArrayInputStream(text.getBytes(UTF_8)), "q.txt");
  }

  /** The answer in double, word by word. */
  private static int answer(WordVectors v, int a, int b, int c) {
    int best = -1;
    double most = Double.NEGATIVE_INFINITY;
    for (int w = 0; w < v.words(); w++) {
      double sum = 0;
      for (int i = 0; i < SIZE; i++) {
        sum += unit(v, w)[i] * (unit(v, b)[i] - unit(v, a)[i] + unit(v, c)[i]);
      }
      if (w != a && w != b && w != c && sum > most) {
        most = sum;
        best = w;
      }
    }
    return best;
  }

  private static double[] unit(WordVectors v, int word) {
    double[] x = new double[SIZE];
    double squares = 0;
    for (int i = 0; i < SIZE; i++) {
      x[i] = v.values()[word * SIZE + i];
      squares += x[i] * x[i];
    }
    for (int i = 0; i < SIZE; i++) {
      x[i] /= Math.sqrt(squares);
    }
    return x;
  }

  @Test
  void the_answer_is_the_word_nearest_to_b_minus_a_plus_c() throws IOException {
    WordVectors v = vectors();
    StringBuilder right = new StringBuilder(": right\n");
    StringBuilder wrong = new StringBuilder(": wrong\n");
    for (int q = 0; q < 100; q++) {
      int a = q;
      int b = q + 20;
      int c = q + 50;
      int d = answer(v, a, b, c);
      right.append("w%d w%d w%d w%d\n".formatted(a, b, c, d));
      wrong.append("w%d w%d w%d w%d\n".formatted(a, b, c, (d + 1) % WORDS));
    }
    Analogies.Result result =
        new Analogies(v, 0, true).score(questions(right + "\n" + wrong.toString()));
    assertThat(result.sections().get("right")).isEqualTo(new Analogies.Score(100, 100, 100));
    assertThat(result.sections().get("wrong")).isEqualTo(new Analogies.Score(100, 100, 0));
    assertThat(result.total().accuracy()).isEqualTo(0.5);
  }

  @Test
  void questions_without_vectors_are_not_asked() throws IOException {
    Analogies.Questions questions = questions("w1 w2 w3 w4\nw1 w2 w3 nowhere\nw1 w2 w3 w140\n");
    Analogies.Score score = new Analogies(vectors(), 0, true).score(questions).total();
    assertThat(score.asked()).isEqualTo(2);
    assertThat(score.coverage()).isEqualTo(2 / 3.0);
    assertThat(new Analogies(vectors(), 100, true).score(questions).total().asked()).isEqualTo(1);
    assertThat(questions.sections().keySet()).containsExactly("all");
  }

  @Test
  void words_that_differ_in_case_are_one_unless_asked_for() throws IOException {
    WordVectors v = vectors("athens", "greece", "Athens", "oslo", "norway", "rome");
    Analogies.Questions questions = questions("Athens Greece Oslo Norway\n");
    assertThat(new Analogies(v, 0, false).score(questions).total().asked()).isEqualTo(1);
    assertThat(new Analogies(v, 0, true).score(questions).total().asked()).isZero();
    assertThat(new Analogies(v, 0, false).pairs(questions.sections().get("all"), 9))
        .containsExactly(List.of("athens", "greece"), List.of("oslo", "norway"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ": a\\nx y z\\n|line 2 has 3 words, but a question has four",
        "a b c d\\na b c d e\\n|line 2 has 5 words",
        ": only\\n|has no question",
        "''|has no question"
      })
  void what_is_no_question_is_an_error(String text, String problem) {
    assertThatThrownBy(() -> questions(text.replace("\\n", "\n")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("q.txt")
        .hasMessageContaining(problem);
  }

  @Test
  void neighbours_are_the_nearest_by_cosine() {
    WordVectors v = vectors();
    VectorSearch search = new VectorSearch(v, v.words());
    List<VectorSearch.Hit> hits = search.nearest(17, 5);
    List<Integer> expected = new ArrayList<>();
    for (int w = 0; w < WORDS; w++) {
      expected.add(w);
    }
    expected.remove(Integer.valueOf(17));
    expected.sort((x, y) -> Double.compare(cosine(v, 17, y), cosine(v, 17, x)));
    assertThat(hits).extracting(VectorSearch.Hit::word).isEqualTo(expected.subList(0, 5));
    assertThat((double) hits.get(0).cosine())
        .isCloseTo(cosine(v, 17, expected.get(0)), offset(1e-6));
    assertThat(search.nearest(17, 1000)).hasSize(WORDS - 1);
  }

  private static double cosine(WordVectors v, int a, int b) {
    double sum = 0;
    for (int i = 0; i < SIZE; i++) {
      sum += unit(v, a)[i] * unit(v, b)[i];
    }
    return sum;
  }
}
