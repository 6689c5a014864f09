// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;

class BytePairsTest {
  private static final List<String> TEXTS =
      List.of(" the harbour", " the harbour bell", " the bell", " Übung, Übung", " the harbour");

  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = CorpusSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Vocabulary learn(List<String> texts, int size, int tasks) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    return BytePairs.learn(context.parallelize(texts, tasks), size);
  }

  private static List<String> tokens(Tokenizer pairs, String text) {
    List<String> tokens = new ArrayList<>();
    pairs.tokenize(text, tokens::add);
    return tokens;
  }

  @Test
  void pieces_of_frequent_words_stand_behind_special_tokens_and_all_bytes() {
    Vocabulary learnt = learn(TEXTS, 270, 2);
    assertThat(learnt.size()).isEqualTo(270);
    assertThat(learnt.token(0)).isEqualTo(Vocabulary.UNK);
    assertThat(learnt.token(1)).isEqualTo(Vocabulary.EOS);
    Tokenizer pairs = Tokenizer.of(BpeTokenizer.NAME, learnt);
    assertThat(tokens(pairs, " the")).hasSize(1);
    assertThat(learnt.count(learnt.id(tokens(pairs, " the").get(0)))).isEqualTo(4);
  }

  @Test
  void there_are_no_more_pieces_than_pairs_that_occur_twice() {
    assertThat(learn(List.of(" ab"), 300, 1).size()).isEqualTo(258);
    assertThat(learn(List.of(" ab", " ab"), 300, 1).size()).isEqualTo(260);
  }

  @Test
  void the_order_of_texts_and_their_tasks_do_not_matter() {
    List<Vocabulary.Entry> learnt = learn(TEXTS, 280, 1).entries();
    List<String> others = new ArrayList<>(TEXTS);
    Collections.reverse(others);
    assertThat(learn(others, 280, 3).entries()).isEqualTo(learnt);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " the harbour bell",
        " Übung macht den Meister",
        "  two  blanks\tand a tab ",
        " नमस्ते 世界 😀👩‍👩‍👧",
        " <unk> and <eos> as text",
        " e\u0301 is two, é one\r\n",
        "\u0000\uFFFD"
      })
  void what_was_never_seen_is_given_back_too(String text) {
    Tokenizer pairs = Tokenizer.of(BpeTokenizer.NAME, learn(TEXTS, 280, 2));
    assertThat(pairs.join(tokens(pairs, text))).isEqualTo(text);
  }
}
