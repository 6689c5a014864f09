// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.unroll.rnn.data.StreamBatcher;
import org.unroll.rnn.data.StreamPlan;
import org.unroll.rnn.data.TokenRun;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.NetworkLearner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.StreamSource;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.UpdateStep;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;

/** Measures a model's {@link Profile} in this process. */
final class ProfileBench {
  /** So many tokens of a row are in memory at a time, where they are not all there. */
  private static final int PIECE_TOKENS = 1 << 14;

  private final PlanBench.Request request;
  private final Consumer<String> progress;
  private final float[] params;

  /** The threads of the update: workers wait meanwhile, so that the cores are free. */
  private final Team team = new Team(Runtime.getRuntime().availableProcessors());

  ProfileBench(PlanBench.Request request, Consumer<String> progress) {
    this.request = request;
    this.progress = progress;
    TrainSpec spec = request.train().apply(1);
    params = Initializer.draw(request.model(), spec.init(), spec.seed());
  }

  /** Measures the whole batch, its half, a quarter, and so on to a single stream, in turns. */
  Profile measure() {
    TrainSpec spec = request.train().apply(1);
    List<Subject> subjects = new ArrayList<>();
    for (int cut = 1; cut < 2 * spec.batch(); cut *= 2) {
      subjects.add(0, new Subject(Math.min(cut, spec.batch())));
    }
    Race.Pace pace = request.pace();
    for (Subject subject : subjects) {
      progress.accept("warming up shards of " + subject.rows() + " rows");
      subject.turn(pace.warmUp());
      subject.forget();
    }
    for (int turn = 1; turn <= pace.rounds(); turn++) {
      progress.accept("computing: turn " + turn + " of " + pace.rounds());
      subjects.forEach(subject -> subject.turn(pace.seconds()));
    }
    Subject whole = subjects.get(subjects.size() - 1);
    return new Profile(
        params.length,
        spec.batch(),
        spec.window(),
        whole.changed(),
        Race.median(whole.updates),
        subjects.stream().map(Subject::cost).toList());
  }

  /** The largest of some shards, computed window by window as a worker does. */
  private final class Subject {
    private final Learner learner;
    private final int shard;
    private final StreamBatcher windows;
    private final UpdateStep update;
    private final double rate;
    private final WeightedSum sum = new WeightedSum(params.length);
    private final List<Double> computes = new ArrayList<>();
    private final List<Double> updates = new ArrayList<>();

    /** The parameters that updates change; the measured windows all use the same ones. */
    private final float[] updated = params.clone();

    private double written;
    private int steps;

    Subject(int cut) {
      TrainSpec spec = request.train().apply(cut);
      StreamPlan plan = spec.plan(Split.TRAIN, request.tokens().tokens());
      int last = cut - 1;
      TokenRun tokens =
          request.tokens().open(plan.firstToken(last), plan.endToken(last), PIECE_TOKENS);
      windows = new StreamBatcher(plan, last, tokens);
      shard = last;
      StreamSource source = new StreamSource(last, List.of(Map.of(Split.TRAIN, windows)));
      learner = new NetworkLearner(request.model(), spec, source, null, 1, 1);
      rate = spec.optimizer().lr();
      update = new UpdateStep(spec, request.model().layout(), team);
    }

    int rows() {
      return windows.rows();
    }

    Profile.ShardCost cost() {
      return new Profile.ShardCost(rows(), Race.median(computes), written / computes.size());
    }

    void turn(double seconds) {
      long start = System.nanoTime();
      do {
        step();
      } while (System.nanoTime() - start < seconds * 1e9);
    }

    void forget() {
      computes.clear();
      updates.clear();
      written = 0;
    }

    /** Returns the floats of the blocks that one more update changes. */
    double changed() {
      float[] before = updated.clone();
      step();
      double floats = 0;
      for (int from = 0; from < before.length; from += Gradient.BLOCK) {
        int to = Math.min(before.length, from + Gradient.BLOCK);
        if (Arrays.mismatch(before, from, to, updated, from, to) >= 0) {
          floats += to - from;
        }
      }
      return floats;
    }

    private void step() {
      // The last window may be shorter than the others.
      int index = steps % Math.max(1, windows.windows() - 1);
      long start = System.nanoTime();
      learner.load(params);
      sum.clear();
      learner.gradient(shard, new Window(0, index, steps), sum);
      long computed = System.nanoTime();
      written += written(sum.parts());
      long counted = System.nanoTime();
      double norm = update.takeMean(sum, updated);
      update.apply(updated, sum, norm, rate);
      computes.add((computed - start) / 1e9);
      updates.add((System.nanoTime() - counted) / 1e9);
      steps++;
    }
  }

  private static long written(Gradient gradient) {
    long floats = 0;
    for (int from = gradient.nextWritten(0); from < gradient.size(); ) {
      int end = gradient.endOfWritten(from);
      floats += end - from;
      from = gradient.nextWritten(end);
    }
    return floats;
  }
}
