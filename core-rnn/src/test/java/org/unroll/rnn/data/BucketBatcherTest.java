// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.unroll.rnn.math.RandomBits;

class BucketBatcherTest {

  private static List<Example> examples(int from, int to) {
    List<Example> examples = new ArrayList<>();
    for (int i = from; i < to; i++) {
      int steps = (int) Long.remainderUnsigned(RandomBits.bits(5, i), 100);
      examples.add(Example.ofTokens("s" + i, new int[steps], 0));
    }
    return examples;
  }

  private static List<BucketBatcher> batchers(int examples, int batch, int shards) {
    int rounds = BucketBatcher.rounds(examples, batch);
    List<BucketBatcher> batchers = new ArrayList<>();
    for (int s = 0; s < shards; s++) {
      int from = examples / shards * s + Math.min(s, examples % shards);
      int to = from + examples / shards + (s < examples % shards ? 1 : 0);
      batchers.add(new BucketBatcher(examples(from, to), s, shards, rounds, Curriculum.NONE, 42));
    }
    return batchers;
  }

  @ParameterizedTest
  @CsvSource({"100,10,1", "1000,64,4", "1003,7,5", "17,4,4", "5,8,3", "4,1,4", "1,1,2"})
  void every_epoch_reads_every_sequence_once_in_batches_of_nearly_one_size(
      int examples, int batch, int shards) {
    int rounds = BucketBatcher.rounds(examples, batch);
    List<BucketBatcher> batchers = batchers(examples, batch, shards);
    for (int epoch = 0; epoch < 3; epoch++) {
      List<String> read = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        int size = 0;
        for (BucketBatcher batcher : batchers) {
          List<Example> some = batcher.batch(epoch, round);
          some.forEach(example -> read.add(example.id()));
          size += some.size();
        }
        assertThat(size).isBetween(1, batch + shards);
      }
      List<String> all = examples(0, examples).stream().map(Example::id).toList();
      assertThat(read).containsExactlyInAnyOrderElementsOf(all);
    }
  }

  @Test
  void batches_are_alike_in_length_within_and_between_shards() {
    List<BucketBatcher> batchers = batchers(4000, 40, 4);
    int rounds = BucketBatcher.rounds(4000, 40);
    long spread = 0;
    for (int round = 0; round < rounds; round++) {
      int least = Integer.MAX_VALUE;
      int most = 0;
      for (BucketBatcher batcher : batchers) {
        for (Example example : batcher.batch(0, round)) {
          least = Math.min(least, example.steps());
          most = Math.max(most, example.steps());
        }
      }
      spread += most - least;
    }
    // Of lengths up to 100, in any order it would be about 95.
    assertThat(spread / rounds).isLessThan(12);
  }

  @Test
  void epochs_differ_and_come_again() {
    BucketBatcher batcher = batchers(300, 10, 1).get(0);
    List<Example> first = batcher.batch(0, 3);
    assertThat(batcher.batch(1, 3)).isNotEqualTo(first);
    assertThat(batcher.batch(0, 3)).isEqualTo(first);
    assertThat(batchers(300, 10, 1).get(0).batch(0, 3))
        .extracting(Example::id)
        .isEqualTo(first.stream().map(Example::id).toList());
  }

  @Test
  void short_batches_do_not_come_first_or_last() {
    BucketBatcher batcher = batchers(1000, 10, 1).get(0);
    List<Integer> lengths = new ArrayList<>();
    for (int round = 0; round < 100; round++) {
      lengths.add(batcher.batch(0, round).get(0).steps());
    }
    assertThat(lengths.subList(0, 50)).anyMatch(n -> n < 20).anyMatch(n -> n > 80);
    assertThat(lengths.subList(50, 100)).anyMatch(n -> n < 20).anyMatch(n -> n > 80);
  }

  @Test
  void evaluation_reads_the_longest_first() {
    List<Example> sorted = BucketBatcher.byLength(examples(0, 7));
    assertThat(sorted).hasSize(7);
    assertThat(sorted.stream().mapToInt(e -> -e.steps()).toArray()).isSorted();
  }

  @ParameterizedTest
  @EnumSource(names = {"NAIVE", "COMBINED"})
  void a_curriculum_begins_with_what_is_easy_and_ends_with_everything(Curriculum.Kind kind) {
    List<Example> examples = examples(0, 1000);
    Curriculum curriculum = new Curriculum(kind, 8);
    BucketBatcher batcher = new BucketBatcher(examples, 0, 1, 20, curriculum, 42);
    double before = 0;
    for (int epoch = 0; epoch < 8; epoch++) {
      List<Example> read = new ArrayList<>();
      for (int round = 0; round < 20; round++) {
        read.addAll(batcher.batch(epoch, round));
      }
      assertThat(read).hasSize(1000);
      double mean = read.stream().mapToInt(Example::steps).average().orElseThrow();
      assertThat(mean).isGreaterThanOrEqualTo(epoch < 6 ? before + 1 : before - 2);
      before = mean;
      boolean naive = kind == Curriculum.Kind.NAIVE;
      int hardest = read.stream().mapToInt(Example::steps).max().orElseThrow();
      assertThat(hardest).isBetween(naive && epoch == 0 ? 0 : 20, naive && epoch == 0 ? 25 : 100);
      if (naive && epoch >= 5) {
        assertThat(read).containsExactlyInAnyOrderElementsOf(examples);
      }
    }
  }
}
