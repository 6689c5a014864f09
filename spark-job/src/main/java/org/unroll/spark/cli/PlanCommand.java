// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.lab.Link;
import org.unroll.spark.lab.PlanBench;
import org.unroll.spark.lab.Predictor;
import org.unroll.spark.lab.Profile;
import org.unroll.spark.rounds.ClusterRounds;
import org.unroll.spark.task.TextSplits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Predicts what executors would bring. */
@Command(
    name = "plan",
    description = {
      "Measures a model on this machine, and predicts tokens per second for more executors: with the"
          + " driver as hub, and with sums and parameters along a tree of executors. Takes the"
          + " options of train; without --input, tokens are random (--vocab-size many).",
      "Below stands what was predicted and what was measured for one worker and for two, here."
    })
final class PlanCommand extends BaseCommand {
  @Mixin PlanOptions options;

  @Mixin DataOptions data;

  @Mixin NetworkOptions network;

  @Mixin TrainingOptions training;

  @Mixin OptimizerOptions optimizer;

  @Mixin PaceOptions pace;

  @Override
  TaskName onlyTask() {
    return TaskName.LM;
  }

  @Override
  Map<String, Object> run() {
    data.checkVocabulary();
    training.complete();
    optimizer.complete();
    network.complete();
    if (data.input.isEmpty() && (data.vocabularySize == null || data.vocabularySize == 0)) {
      throw new InputException(
          "--vocab-size is missing: say how many tokens there are, or name a text (--input).");
    }
    // What is measured here stands for machines that do not share memory.
    if (System.getProperty(ClusterRounds.SHARED_MEMORY) == null) {
      SparkRuntime.set(Map.of(ClusterRounds.SHARED_MEMORY, "false"));
    }
    try (SparkRuntime spark = startSpark("local-cluster[2,1,4096]")) {
      PlanBench bench = bench(spark);
      Profile profile = bench.profile();
      Link measured = bench.link(profile);
      Link link = options.network(measured);
      PlanReport report =
          new PlanReport(new Predictor(profile, link, options.scaling), options.executors);
      show(report.text());
      List<PlanBench.Trial> trials = bench.trials(profile, measured);
      Map<String, Object> conditions = PlanReport.costs(profile, link);
      conditions.putAll(conditions(spark));
      showConditions(conditions);
      show("\n" + PlanReport.trials(trials));
      return report.figures(profile, link, options.scaling, trials);
    }
  }

  private PlanBench bench(SparkRuntime spark) {
    TokenSource tokens;
    int vocabulary;
    if (data.input.isEmpty()) {
      vocabulary = data.vocabularySize;
      tokens = PlanBench.uniformTokens(vocabulary, spec(1));
    } else {
      TextSplits text = TextSplits.open(spark.session(), data.textData(null), training.window);
      vocabulary = text.vocabulary().size();
      tokens = text.sources().train();
    }
    boolean learnedState = training.state == StateMode.LEARNED;
    Network model =
        new Network(network.languageModel(learnedState).languageModel(vocabulary, false));
    return new PlanBench(
        spark.session(), model, this::spec, tokens, pace.pace(), terminal()::status);
  }

  private TrainSpec spec(int shards) {
    training.epochs = 1; // a plan trains to measure, and a preset's epochs would only take longer
    return training.spec(optimizer, shards, Wire.FP32, common.seed);
  }
}
