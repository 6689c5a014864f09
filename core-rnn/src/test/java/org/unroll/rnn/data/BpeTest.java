// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BpeTest {
  private static final String TEXT =
      "low low low low low lower lower newest newest newest newest newest newest widest widest"
          + " widest\nGr\u00fc\u00dfe, \u4e16\u754c!  3.14\t tabs\r\n\n  \ud83d\ude00 nul \0 end "
          + "z".repeat(200);

  /** The words of a text with their counts. */
  private static Map<String, Long> words(String text) {
    Map<String, Long> words = new LinkedHashMap<>();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    new BpeTokenizer.Words()
        .cut(
            bytes,
            0,
            bytes.length,
            (b, from, to) ->
                words.merge(
                    new String(b, from, to - from, StandardCharsets.ISO_8859_1), 1L, Long::sum));
    return words;
  }

  private static BpeTokenizer learn(Map<String, Long> words, int size) {
    SliceTable table = new SliceTable();
    words
        .keySet()
        .forEach(
            word -> {
              byte[] bytes = word.getBytes(StandardCharsets.ISO_8859_1);
              table.add(bytes, 0, bytes.length);
            });
    long[] counts = words.values().stream().mapToLong(Long::longValue).toArray();
    return BpeLearner.learn(table, counts, size);
  }

  private static List<String> tokens(Tokenizer tokenizer, String text) {
    List<String> tokens = new ArrayList<>();
    tokenizer.tokenize(text, tokens::add);
    return tokens;
  }

  /** The algorithm as the paper writes it: counts all pairs anew for every step. */
  private static List<String> naive(Map<String, Long> words, int size) {
    List<String> vocabulary = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      vocabulary.add(String.valueOf((char) b));
    }
    Map<List<String>, Long> split = new LinkedHashMap<>();
    words.forEach((word, count) -> split.put(List.of(word.split("")), count));
    while (vocabulary.size() < size) {
      Map<List<String>, Long> pairs = new LinkedHashMap<>();
      split.forEach(
          (word, count) -> {
            for (int i = 0; i + 1 < word.size(); i++) {
              pairs.merge(List.of(word.get(i), word.get(i + 1)), count, Long::sum);
            }
          });
      List<String> best =
          pairs.keySet().stream()
              .min(
                  (a, b) -> {
                    int byCount = Long.compare(pairs.get(b), pairs.get(a));
                    int left = vocabulary.indexOf(a.get(0)) - vocabulary.indexOf(b.get(0));
                    int right = vocabulary.indexOf(a.get(1)) - vocabulary.indexOf(b.get(1));
                    return byCount != 0 ? byCount : left != 0 ? left : right;
                  })
              .orElse(null);
      if (best == null || pairs.get(best) < 2) {
        break;
      }
      String joint = best.get(0) + best.get(1);
      if (!vocabulary.contains(joint)) {
        vocabulary.add(joint);
      }
      Map<List<String>, Long> joined = new LinkedHashMap<>();
      split.forEach((word, count) -> joined.put(join(word, best, joint), count));
      split.clear();
      split.putAll(joined);
    }
    return vocabulary;
  }

  private static List<String> join(List<String> word, List<String> pair, String joint) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < word.size(); i++) {
      if (i + 1 < word.size() && word.subList(i, i + 2).equals(pair)) {
        parts.add(joint);
        i++;
      } else {
        parts.add(word.get(i));
      }
    }
    return parts;
  }

  @Test
  void it_learns_what_the_naive_algorithm_learns() {
    Random random = new Random(11);
    for (int round = 0; round < 30; round++) {
      Map<String, Long> words = new LinkedHashMap<>();
      for (int w = 0; w < 60; w++) {
        StringBuilder word = new StringBuilder();
        int length = 1 + random.nextInt(9);
        for (int i = 0; i < length; i++) {
          word.append((char) ('a' + random.nextInt(3)));
        }
        words.putIfAbsent(word.toString(), 1L + random.nextInt(20));
      }
      BpeTokenizer learnt = learn(words, 300);
      List<String> vocabulary =
          learnt.vocabulary(new long[learnt.size()]).entries().stream()
              .map(entry -> latin(entry.token()))
              .toList();
      assertThat(vocabulary).isEqualTo(naive(words, 300));
    }
  }

  private static String latin(String token) {
    return new String(BpeTokenizer.Alphabet.decode(token), StandardCharsets.ISO_8859_1);
  }

  @Test
  void every_text_comes_back() {
    for (int size : new int[] {256, 270, 400}) {
      BpeTokenizer tokenizer = learn(words(TEXT), size);
      for (String text : List.of(TEXT, "", "\n", " ", "unseen \u0440\u0443\u0441 \u2028\ufeff")) {
        assertThat(tokenizer.join(tokens(tokenizer, text))).isEqualTo(text);
      }
    }
  }

  @Test
  void tokens_that_come_one_by_one_give_whole_characters_and_the_same_text() {
    BpeTokenizer bytes = BpeTokenizer.bytes();
    Random random = new Random(5);
    for (int i = 0; i < 2000; i++) {
      // Half of the texts are UTF-8, the others are any bytes, many of which begin a character.
      byte[] some = new byte[random.nextInt(12)];
      for (int b = 0; b < some.length; b++) {
        some[b] = (byte) (random.nextBoolean() ? 0xC0 + random.nextInt(64) : random.nextInt(256));
      }
      byte[] text = i % 2 == 0 ? TEXT.substring(i % 50).getBytes(StandardCharsets.UTF_8) : some;
      Tokenizer.Joiner joiner = bytes.joiner();
      StringBuilder joined = new StringBuilder();
      for (byte b : text) {
        String added = joiner.add(bytes.token(new byte[] {b}, 0, 1));
        boolean cut =
            !added.isEmpty() && Character.isHighSurrogate(added.charAt(added.length() - 1));
        assertThat(cut).as("half a character in '%s'", added).isFalse();
        joined.append(added);
      }
      joined.append(joiner.end());
      assertThat(joined.toString()).isEqualTo(new String(text, StandardCharsets.UTF_8));
    }
  }

  @Test
  void frequent_words_become_one_token() {
    BpeTokenizer tokenizer = learn(words(TEXT), 300);
    assertThat(tokens(tokenizer, "low low newest"))
        .containsExactly("low", "\u0120low", "\u0120newest");
  }

  @Test
  void the_vocabulary_makes_the_same_tokenizer() {
    BpeTokenizer learnt = learn(words(TEXT), 290);
    Vocabulary vocabulary = learnt.vocabulary(new long[learnt.size()]);
    Tokenizer again = Tokenizer.of("bpe", vocabulary);
    assertThat(tokens(again, TEXT)).isEqualTo(tokens(learnt, TEXT));
    assertThat(tokens(again, TEXT)).allMatch(vocabulary::contains);
  }

  @Test
  void words_have_the_blank_before_them() {
    assertThat(words("a  b1,\tc\n d").keySet().stream().toList())
        .containsExactly("a", " ", " b", "1", ",", "\t", "c", "\n", " d");
  }

  @Test
  void a_vocabulary_that_is_not_of_byte_pairs_is_refused() {
    Vocabulary words = Vocabulary.of(List.of(new Vocabulary.Entry("\u4e16", 1)));
    assertThatThrownBy(() -> Tokenizer.of("bpe", words))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a token of byte pairs");
    Vocabulary few = Vocabulary.of(List.of(new Vocabulary.Entry("a", 1)));
    assertThatThrownBy(() -> Tokenizer.of("bpe", few)).hasMessageContaining("lacks byte 0");
    assertThatThrownBy(() -> learn(Map.of("a", 1L), 255)).hasMessageContaining("at least 256");
  }
}
