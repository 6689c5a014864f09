// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.network.Loss;
import org.unroll.spark.task.PairedBootstrap.Errors;
import org.unroll.spark.task.PairedBootstrap.Interval;

/** Intervals of made-up answers, against a bootstrap by definition and against what is true. */
class PairedBootstrapTest {
  private static double accuracy(Loss error) {
    return 1 - error.mean();
  }

  /** Rows that two models get right with these chances, the better of them where the other does. */
  private static boolean[][] answers(Random random, int rows, double a, double b) {
    boolean[][] right = new boolean[2][rows];
    for (int i = 0; i < rows; i++) {
      double ease = random.nextDouble();
      double own = random.nextDouble();
      right[0][i] = ease < a;
      right[1][i] = 0.7 * ease + 0.3 * own < b;
    }
    return right;
  }

  private static Errors errors(boolean[][] right) {
    Loss[][] errors = new Loss[2][];
    for (int m = 0; m < 2; m++) {
      boolean[] own = right[m];
      errors[m] =
          IntStream.range(0, own.length)
              .mapToObj(i -> new Loss(own[i] ? 0 : 1, 1))
              .toArray(Loss[]::new);
    }
    return new Errors(IntStream.range(0, right[0].length).toArray(), errors[0], errors[1]);
  }

  private static Interval interval(Errors errors, long seed) {
    return new PairedBootstrap(errors.places().length, 0.95, seed)
        .intervals(List.of(errors), PairedBootstrapTest::accuracy)[0];
  }

  @Test
  void an_interval_is_that_of_a_bootstrap_by_definition() {
    Random random = new Random(3);
    int rows = 400;
    boolean[][] right = answers(random, rows, 0.7, 0.65);
    double[] differences = new double[20_000];
    for (int r = 0; r < differences.length; r++) {
      int gain = 0;
      for (int i = 0; i < rows; i++) {
        int row = random.nextInt(rows);
        gain += (right[1][row] ? 1 : 0) - (right[0][row] ? 1 : 0);
      }
      differences[r] = (double) gain / rows;
    }
    Arrays.sort(differences);
    Interval interval = interval(errors(right), 1);
    double noise = 0.006; // twice the deviation of the ends of an interval from 2,000 draws
    assertThat(interval.low()).isCloseTo(differences[500], within(noise));
    assertThat(interval.high()).isCloseTo(differences[19_500], within(noise));
    assertThat(interval(errors(right), 1)).isEqualTo(interval);
    assertThat(LongStream.range(2, 12).mapToObj(seed -> interval(errors(right), seed)))
        .anyMatch(other -> !other.equals(interval));
  }

  @Test
  void so_many_intervals_have_the_true_difference() {
    Random random = new Random(11);
    boolean[][] endless = answers(random, 2_000_000, 0.8, 0.75);
    double truth = share(endless[1]) - share(endless[0]);
    int trials = 200;
    int inside = 0;
    for (int t = 0; t < trials; t++) {
      Interval interval = interval(errors(answers(random, 200, 0.8, 0.75)), t);
      inside += interval.low() <= truth && truth <= interval.high() ? 1 : 0;
    }
    // 95 % less what a percentile interval of 200 rows is known to miss; three deviations are 4 %.
    assertThat((double) inside / trials).isBetween(0.90, 0.985);
  }

  private static double share(boolean[] right) {
    int sum = 0;
    for (boolean one : right) {
      sum += one ? 1 : 0;
    }
    return (double) sum / right.length;
  }

  @Test
  void rows_of_a_block_stay_together_and_pairs_do_too() {
    // Both models make the same mistakes: however rows are drawn, there is no difference.
    Random random = new Random(5);
    boolean[] same = answers(random, 100, 0.5, 0.5)[0];
    assertThat(interval(errors(new boolean[][] {same, same}), 1)).isEqualTo(new Interval(0, 0));

    // Two hundred rows, ten by ten all wrong or all right, are worth twenty.
    Loss[] none = IntStream.range(0, 20).mapToObj(i -> new Loss(0, 10)).toArray(Loss[]::new);
    Loss[] some =
        IntStream.range(0, 20).mapToObj(i -> new Loss(i % 2 * 10, 10)).toArray(Loss[]::new);
    Interval wide = interval(new Errors(IntStream.range(0, 20).toArray(), none, some), 1);
    double deviation = 0.5 / Math.sqrt(20);
    assertThat(wide.high() - wide.low()).isCloseTo(2 * 1.96 * deviation, within(0.06));
  }

  @Test
  void where_little_is_known_no_interval_is_told() {
    Loss[] nine = new Loss[9];
    Arrays.fill(nine, new Loss(1, 2));
    Loss[] unscored = new Loss[12];
    Arrays.fill(unscored, Loss.ZERO);
    Interval[] intervals =
        new PairedBootstrap(12, 0.95, 1)
            .intervals(
                List.of(
                    new Errors(IntStream.range(0, 9).toArray(), nine, nine),
                    new Errors(IntStream.range(0, 12).toArray(), unscored, unscored)),
                PairedBootstrapTest::accuracy);
    assertThat(intervals).containsOnlyNulls();
    assertThatIllegalArgumentException().isThrownBy(() -> new PairedBootstrap(12, 95, 1));
  }
}
