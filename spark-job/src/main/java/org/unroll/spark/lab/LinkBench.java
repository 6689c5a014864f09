// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.sql.SparkSession;

/**
 * Measures a {@link Link} between the processes of a running Spark, as rounds of one and of two.
 */
final class LinkBench {
  private static final int SMALL = 256;

  /** Below that a byte's cost is lost in that of a message. */
  private static final int FEWEST = 250_000;

  private final SparkSession spark;
  private final Race.Pace pace;
  private final Consumer<String> progress;

  LinkBench(SparkSession spark, Race.Pace pace, Consumer<String> progress) {
    this.spark = spark;
    this.pace = pace;
    this.progress = progress;
  }

  /** With as many parameters as the model has, and as much of a gradient as its shards write. */
  Link measure(Profile profile) {
    int parameters = Math.max(FEWEST, profile.parameters());
    double dense = (double) parameters / profile.parameters();
    int one = written(profile, profile.batch(), dense);
    int two = written(profile, (profile.batch() + 1) / 2, dense);
    Series smallOne = new Series(1, SMALL, SMALL);
    Series smallTwo = new Series(2, SMALL, SMALL);
    Series largeOne = new Series(1, parameters, one);
    Series largeTwo = new Series(2, parameters, two);
    List<Series> all = List.of(smallOne, smallTwo, largeOne, largeTwo);
    for (int turn = 1; turn <= pace.rounds(); turn++) {
      double warmUp = turn == 1 ? pace.warmUp() : 0;
      for (Series series : all) {
        progress.accept("rounds: turn " + turn + " of " + pace.rounds());
        series.turn(new Race.Pace(1, pace.seconds(), warmUp));
      }
    }
    return Link.fit(
        new Link.Measured(
            smallOne.seconds(Contestant.RESIDENT),
            smallTwo.seconds(Contestant.RESIDENT),
            largeOne.seconds(Contestant.RESIDENT),
            largeTwo.seconds(Contestant.RESIDENT),
            bytes(SMALL),
            bytes(one),
            bytes(two),
            largeOne.seconds(Contestant.COPY) / bytes(parameters)));
  }

  private static int written(Profile profile, int rows, double factor) {
    return (int) Math.round(profile.written(rows) * factor);
  }

  /** As many parameters change as a gradient has floats, and only those go back. */
  private static double bytes(int written) {
    return 2.0 * Float.BYTES * written;
  }

  /** Rounds of one kind, in turns with the others. */
  private final class Series {
    private final int workers;
    private final int parameters;
    private final int written;
    private final List<Map<Contestant, Double>> medians = new ArrayList<>();

    Series(int workers, int parameters, int written) {
      this.workers = workers;
      this.parameters = parameters;
      this.written = written;
    }

    void turn(Race.Pace one) {
      medians.add(
          new RoundsBench(spark, workers, one, what -> {})
              .measure(parameters, written, List.of(Contestant.RESIDENT, Contestant.COPY)));
    }

    double seconds(Contestant contestant) {
      return Race.median(medians.stream().map(m -> m.get(contestant)).toList()) / 1e3;
    }
  }
}
