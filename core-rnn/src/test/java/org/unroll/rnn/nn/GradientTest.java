// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sums are those of a plain array of zeros, whatever was claimed, added to and left out. */
class GradientTest {
  private static final int BLOCK = Gradient.BLOCK;

  /** A number that must never be read again. */
  private static final float STALE = 1e9f;

  /** An empty gradient that was full of other numbers before. */
  private static Gradient used(int size) {
    Gradient gradient = new Gradient(size);
    Arrays.fill(gradient.dense(), STALE);
    gradient.clear();
    return gradient;
  }

  /** The elements that count; the others are zero. */
  static float[] counted(Gradient gradient) {
    float[] counted = new float[gradient.size()];
    int from = gradient.nextWritten(0);
    while (from < gradient.size()) {
      int to = gradient.endOfWritten(from);
      assertThat(to).isGreaterThan(from);
      System.arraycopy(gradient.values(), from, counted, from, to - from);
      from = gradient.nextWritten(to);
      assertThat(from == gradient.size() || from > to).as("runs are as long as can be").isTrue();
    }
    assertThat(from).isEqualTo(gradient.size());
    return counted;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 255, 256, 257, 512, 1000})
  void a_new_gradient_is_zero_and_nothing_of_it_counts(int size) {
    for (Gradient gradient : new Gradient[] {new Gradient(size), used(size)}) {
      assertThat(gradient.size()).isEqualTo(size);
      assertThat(gradient.nextWritten(0)).isEqualTo(size);
      assertThat(gradient.dense()).containsOnly(0).isSameAs(gradient.values());
      assertThat(gradient.nextWritten(0)).isZero();
      assertThat(gradient.endOfWritten(0)).isEqualTo(size);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 256, 300})
  void a_gradient_of_an_array_counts_everywhere(int size) {
    float[] values = new float[size];
    Arrays.fill(values, 3);
    Gradient gradient = new Gradient(values);
    assertThat(gradient.nextWritten(0)).isZero();
    assertThat(gradient.endOfWritten(0)).isEqualTo(size);
    assertThat(gradient.nextWritten(size)).isEqualTo(size);
    assertThat(gradient.dense()).isSameAs(values).containsOnly(3);
    assertThat(gradient.claim(0, size)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1000, 0, 1, 0, 256",
    "1000, 255, 256, 0, 256",
    "1000, 256, 257, 256, 512",
    "1000, 255, 257, 0, 512",
    "1000, 300, 400, 256, 512",
    "1000, 0, 1000, 0, 1000",
    "1000, 999, 1000, 768, 1000",
    "1024, 700, 1024, 512, 1024",
    "3, 1, 2, 0, 3"
  })
  void what_is_made_ready_to_be_added_to_is_zero(int size, int from, int to, int first, int end) {
    Gradient gradient = used(size);
    gradient.addTo(from, to);
    assertThat(gradient.nextWritten(0)).isEqualTo(first);
    assertThat(gradient.endOfWritten(first)).isEqualTo(end);
    assertThat(gradient.nextWritten(end)).isEqualTo(size);
    for (int i = first; i < end; i++) {
      assertThat(gradient.values()[i]).isZero();
    }
    Arrays.fill(gradient.values(), from, to, 1);
    gradient.addTo(from, to);
    assertThat(gradient.values()[from]).as("what is there stays").isEqualTo(1);
    assertThat(sum(gradient.dense())).isEqualTo(to - from);
  }

  /** Sums of small whole numbers, which are exact. */
  private static float sum(float[] x) {
    float sum = 0;
    for (float value : x) {
      sum += value;
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"0, 512", "0, 1000", "100, 900", "255, 513", "256, 512", "256, 1000", "511, 768"})
  void whole_blocks_are_claimed_to_be_written_the_first_time_only(int from, int to) {
    Gradient gradient = used(1000);
    for (int round = 0; round < 2; round++) {
      assertThat(gradient.claim(from, to)).isFalse();
      Arrays.fill(gradient.values(), from, to, 2);
      assertThat(gradient.claim(from, to)).isTrue();
      for (int i = from; i < to; i++) {
        gradient.values()[i] += 1;
      }
      assertThat(sum(gradient.dense())).isEqualTo(3 * (to - from));
      assertThat(gradient.claim(from, to)).isTrue();
      gradient.clear();
    }
  }

  /** Another range may have written to the same block, so it is zeros that are added to. */
  @ParameterizedTest
  @CsvSource({"0, 1", "3, 250", "0, 255", "255, 257", "200, 500", "257, 511", "999, 1000"})
  void a_range_without_a_whole_block_is_always_added_to(int from, int to) {
    Gradient gradient = used(1000);
    assertThat(gradient.claim(from, to)).isTrue();
    for (int i = from; i < to; i++) {
      assertThat(gradient.values()[i]).isZero();
      gradient.values()[i] += 2;
    }
    assertThat(sum(gradient.dense())).isEqualTo(2 * (to - from));
  }

  @Test
  void claims_that_share_a_block_leave_each_other_alone() {
    int[] borders = {0, 300, 301, 900, 1500, 1537, 2000};
    for (int first = 0; first < borders.length - 1; first++) {
      Gradient gradient = used(2000);
      for (int i = 0; i < borders.length - 1; i++) {
        int range = (first + i) % (borders.length - 1);
        write(gradient, borders[range], borders[range + 1], 1 + range);
      }
      for (int range = 0; range < borders.length - 1; range++) {
        for (int i = borders[range]; i < borders[range + 1]; i++) {
          assertThat(gradient.values()[i]).as("element %d", i).isEqualTo(1 + range);
        }
      }
    }
  }

  private static void write(Gradient gradient, int from, int to, float value) {
    boolean add = gradient.claim(from, to);
    for (int i = from; i < to; i++) {
      gradient.values()[i] = add ? gradient.values()[i] + value : value;
    }
  }

  @Test
  void a_sum_takes_over_what_counts_and_nothing_else() {
    Gradient sum = used(1000);
    Gradient other = used(1000);
    write(other, 300, 400, 5);
    sum.add(other);
    assertThat(sum.nextWritten(0)).isEqualTo(BLOCK);
    assertThat(sum.endOfWritten(BLOCK)).isEqualTo(2 * BLOCK);
    sum.add(other);
    assertThat(sum(sum.dense())).isEqualTo(1000);
    assertThat(sum(other.dense())).as("the other is not changed").isEqualTo(500);
    sum.add(used(1000));
    assertThat(sum(sum.dense())).isEqualTo(1000);
  }

  @Test
  void gradients_of_other_sizes_are_refused_with_both() {
    assertThatThrownBy(() -> new Gradient(3).add(new Gradient(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cannot add a gradient of 4 parameters to one of 3");
  }

  /** A gradient and the plain array that it must equal. */
  private static final class Twins {
    final Gradient gradient;
    final float[] plain;

    /** Ranges that are claimed whole, from one border to the next. */
    final int[] borders;

    /**
     * The ranges that were claimed since the gradient was cleared: parts may be added from then.
     */
    final boolean[] claimed;

    Twins(int size, int[] borders) {
      gradient = used(size);
      plain = new float[size];
      this.borders = borders;
      claimed = new boolean[borders.length - 1];
    }

    void clear() {
      gradient.clear();
      Arrays.fill(plain, 0);
      Arrays.fill(claimed, false);
    }

    void claim(int range, Random random) {
      boolean add = gradient.claim(borders[range], borders[range + 1]);
      for (int i = borders[range]; i < borders[range + 1]; i++) {
        float more = random.nextFloat() + 0.5f;
        plain[i] += more;
        gradient.values()[i] = add ? gradient.values()[i] + more : more;
      }
      claimed[range] = true;
    }

    void addTo(int range, Random random) {
      int length = borders[range + 1] - borders[range];
      int from = borders[range] + random.nextInt(length);
      int to = from + 1 + random.nextInt(borders[range + 1] - from);
      gradient.addTo(from, to);
      for (int i = from; i < to; i++) {
        float more = random.nextFloat() - 2;
        plain[i] += more;
        gradient.values()[i] += more;
      }
    }

    void add(Twins other) {
      gradient.add(other.gradient);
      for (int i = 0; i < plain.length; i++) {
        plain[i] += other.plain[i];
      }
      for (int range = 0; range < claimed.length; range++) {
        claimed[range] |= other.claimed[range];
      }
    }

    void dense() {
      assertThat(gradient.dense()).isEqualTo(plain);
      Arrays.fill(claimed, true);
    }
  }

  /** Even ranges are claimed, and then added to; odd ones are added to only. */
  @ParameterizedTest
  @ValueSource(ints = {1, 200, 256, 257, 700, 1024, 3001, 9000})
  void any_sequence_of_operations_gives_the_sums_of_plain_arrays(int size) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int[] borders = borders(size, random);
      Twins[] twins = {new Twins(size, borders), new Twins(size, borders)};
      for (int step = 0; step < 60; step++) {
        Twins one = twins[random.nextInt(2)];
        int range = random.nextInt(borders.length - 1);
        switch (random.nextInt(12)) {
          case 0 -> one.clear();
          case 1 -> one.dense();
          case 2, 3 -> one.add(one == twins[0] ? twins[1] : twins[0]);
          default -> {
            if (range % 2 == 0 && (!one.claimed[range] || random.nextBoolean())) {
              one.claim(range, random);
            } else {
              one.addTo(range, random);
            }
          }
        }
        assertThat(counted(one.gradient)).as("seed %d, step %d", seed, step).isEqualTo(one.plain);
      }
      twins[0].dense();
      twins[1].dense();
    }
  }

  /** Returns where ranges begin and end, some of them at the borders of blocks. */
  private static int[] borders(int size, Random random) {
    TreeSet<Integer> borders = new TreeSet<>(List.of(0, size));
    for (int i = random.nextInt(12); i > 0; i--) {
      int at = random.nextInt(size);
      borders.add(random.nextInt(3) == 0 ? at / BLOCK * BLOCK : at);
    }
    return borders.stream().mapToInt(Integer::intValue).toArray();
  }
}
