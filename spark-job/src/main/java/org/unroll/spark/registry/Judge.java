// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.StrictJson;
import org.unroll.rnn.io.TooLittleException;
import org.unroll.rnn.network.Search;
import org.unroll.rnn.train.Split;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Measure;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.store.RegistryFolder;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.task.Comparison;
import org.unroll.spark.task.Drift;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.TaskModel;

/**
 * A judge lets champion and challenger answer for the same rows, which none of them has learnt or
 * ever will.
 *
 * @param input how the files are written
 * @param held which rows those are: the test of this rule
 * @param slices columns whose values part the rows
 * @param confidence of intervals, in (0, 1)
 * @param seed of the intervals
 */
public record Judge(
    RowsInput input, HoldOut held, List<String> slices, double confidence, long seed) {

  private static final String SNAPSHOT = "snapshot";

  /**
   * Returns what {@code version.json} says of the verdict.
   *
   * @param champion the model that the plan has as parent; null if there is none
   * @param challenger the model that was trained
   */
  Map<String, Object> verdict(
      RunPlan plan,
      RegistryFolder registry,
      SavedModel champion,
      SavedModel challenger,
      Guards guards,
      SparkSession spark) {
    TaskModel b = TaskModel.of(challenger);
    Map<String, Object> told = Json.fields("measure", b.task().measure().name());
    if (champion == null) {
      told.putAll(first(b.task().measure(), challenger));
    } else {
      TaskModel a = TaskModel.of(champion);
      Comparison comparison = isText(b) ? ofText(plan, a, b, spark) : ofRows(plan, a, b, spark);
      told.putAll(judged(comparison, guards));
      told.put("drift", drift(plan, registry, a, spark));
    }
    told.put(SNAPSHOT, snapshot(b, plan.learn(), spark).figures());
    return told;
  }

  private static boolean isText(TaskModel model) {
    return model.task() instanceof LanguageModel;
  }

  private static Map<String, Object> first(Measure measure, SavedModel challenger) {
    Map<String, Object> results =
        StrictJson.fields(challenger.config().provenance().get("results"));
    return Json.fields(
        "outcome",
        RetrainJob.End.PROMOTED.word(),
        "reason",
        "There was no champion.",
        "score",
        Json.fields(
            "name",
            measure.name(),
            "champion",
            null,
            "challenger",
            results.get("test_" + measure.name())));
  }

  private static Map<String, Object> judged(Comparison comparison, Guards guards) {
    Guards.Verdict verdict = guards.judge(comparison);
    RetrainJob.End end = verdict.promoted() ? RetrainJob.End.PROMOTED : RetrainJob.End.KEPT;
    Comparison.Part all = comparison.parts().get(0);
    Map<String, Object> figures = comparison.figures();
    return Json.fields(
        "outcome",
        end.word(),
        "reason",
        verdict.reason(),
        "score",
        Json.fields(
            "name",
            figures.get("measure"),
            "champion",
            all.a(),
            "challenger",
            all.b(),
            "difference",
            all.difference(),
            "low",
            all.low(),
            "high",
            all.high()),
        "comparison",
        figures);
  }

  /**
   * Returns how the new data differ from those that the champion learnt on its day; null where its
   * version does not tell those, or new files have no rows.
   */
  private Map<String, Object> drift(
      RunPlan plan, RegistryFolder registry, TaskModel champion, SparkSession spark) {
    Map<String, Object> then = StrictJson.fields(registry.about(plan.parent()).get(SNAPSHOT));
    if (then.isEmpty()) {
      return null;
    }
    Drift.Snapshot before = Drift.Snapshot.from(then, registry.versionFile(plan.parent()));
    List<String> unseen = plan.judge().stream().filter(plan.changes().unseen()::contains).toList();
    try {
      Drift drift = Drift.between(before, snapshot(champion, unseen, spark));
      return Json.fields("figures", drift.figures(), "sentences", drift.sentences());
    } catch (TooLittleException e) {
      return null;
    }
  }

  private Drift.Snapshot snapshot(TaskModel model, List<String> files, SparkSession spark) {
    if (isText(model)) {
      return Drift.Snapshot.ofText(spark, model, input.at(files), choice());
    }
    try (RowSet rows = model.open(spark, input.at(files), choice(), true)) {
      return Drift.Snapshot.of(spark, model, rows);
    }
  }

  private ColumnChoice choice() {
    return ColumnChoice.USUAL_TEXT.slicedBy(slices);
  }

  private Comparison ofRows(RunPlan plan, TaskModel a, TaskModel b, SparkSession spark) {
    RowsInput files = input.at(plan.judge());
    Set<String> unseen = plan.changes().unseen();
    BitSet newFiles = new BitSet();
    for (int f = 0; f < plan.judge().size(); f++) {
      newFiles.set(f, unseen.contains(plan.judge().get(f)));
    }
    try (RowSet ofA = a.open(spark, files, choice(), true);
        RowSet ofB = b.open(spark, files, choice(), true)) {
      return Comparison.rows(
          spark,
          a,
          b,
          ofA.part(held, Split.TEST),
          ofB.part(held, Split.TEST),
          new Comparison.Parts(newFiles),
          trial());
    }
  }

  private Comparison ofText(RunPlan plan, TaskModel a, TaskModel b, SparkSession spark) {
    Set<String> unseen = plan.changes().unseen();
    List<RowsInput> texts =
        Stream.of(false, true)
            .map(isNew -> plan.judge().stream().filter(f -> unseen.contains(f) == isNew).toList())
            .filter(files -> !files.isEmpty())
            .map(input::at)
            .toList();
    try {
      return text(a, b, texts, spark);
    } catch (TooLittleException e) {
      // The old or the new texts have no line to judge by for themselves.
      return text(a, b, List.of(input.at(plan.judge())), spark);
    }
  }

  private Comparison text(TaskModel a, TaskModel b, List<RowsInput> texts, SparkSession spark) {
    return Comparison.text(spark, a, b, texts, choice(), 0, held, trial());
  }

  private Comparison.Trial trial() {
    return new Comparison.Trial(Search.GREEDY, input.onBadRow(), confidence, seed);
  }
}
