// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import org.unroll.spark.cli.UnitOptions.Unit;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.task.Classify;
import org.unroll.spark.task.Forecast;
import org.unroll.spark.task.Recognise;
import org.unroll.spark.task.RowTask;
import org.unroll.spark.task.State;
import org.unroll.spark.task.Tag;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that one task or another has for itself. */
@OptionRule.Group("Tasks")
final class TaskOptions {
  private static final String OF_CRF =
      "do not go together, since a CRF scores all labels of a sequence at once";
  private static final String OF_SERIES =
      "do not go together, since other numbers than those of the series have no next steps";

  /** The ways to score the labels of steps: one by one, or together. */
  enum Head {
    SOFTMAX,
    CRF
  }

  /** The weights of rows: all rows weigh the same, or all classes. */
  enum ClassWeights {
    NONE,
    BALANCED
  }

  /** The option of labels that only the data have that a model is scored on. */
  @OptionRule.Group("Tasks")
  static final class UnseenLabels {
    /** An action says what becomes of such a label. */
    enum Action {
      FAIL,
      WRONG
    }

    @Option(
        names = "--unseen-labels",
        paramLabel = "ACTION",
        description =
            "Of classify, tag and recognise: what becomes of a label that training never saw. With"
                + " fail its row cannot be used (see --on-bad-row), with wrong it counts as a"
                + " mistake whatever the answer is.")
    @OptionRule(tasks = {TaskName.CLASSIFY, TaskName.TAG, TaskName.RECOGNISE})
    Action action = Action.FAIL;
  }

  /** The option of how a model that recognises finds the text of a sequence. */
  @OptionRule.Group("Tasks")
  static final class Beam {
    @Option(
        names = "--beam",
        paramLabel = "PREFIXES",
        description =
            "Of recognise: prefixes that are followed side by side when a text is read; 1 for the"
                + " best label of each step.")
    @Range(min = 1)
    @OptionRule(tasks = TaskName.RECOGNISE)
    int prefixes = 1;
  }

  @Option(
      names = "--keep-case",
      description =
          "Capitals stay what they are (default for tag and state; others make them small).")
  @OptionRule(
      notTasks = TaskName.LM,
      notWith = "--lowercase",
      why = "say the opposite of capitals",
      setting = false)
  boolean keepCase;

  @Option(
      names = "--max-length",
      paramLabel = "STEPS",
      description =
          "Of classify: longer sequences are read from there to their end; 0 for no limit.")
  @Range
  @OptionRule(tasks = TaskName.CLASSIFY)
  int maxLength = 0;

  @Option(
      names = "--head",
      description = "Of tag: softmax (label by label) or crf (all labels of a sequence together).")
  @OptionRule(tasks = TaskName.TAG)
  Head head = Head.SOFTMAX;

  @Option(
      names = "--label-smoothing",
      paramLabel = "SHARE",
      description = "Of classify and tag: share of the target that is spread over all labels.")
  @Range(max = 1, below = true)
  @OptionRule(
      tasks = {TaskName.CLASSIFY, TaskName.TAG},
      notWith = "--head=crf",
      why = OF_CRF)
  double labelSmoothing = 0;

  @Option(
      names = "--class-weights",
      description =
          "Of classify and tag: balanced has all labels weigh the same, however rare, none all"
              + " rows.")
  @OptionRule(
      tasks = {TaskName.CLASSIFY, TaskName.TAG},
      notWith = "--head=crf",
      why = OF_CRF)
  ClassWeights classWeights = ClassWeights.NONE;

  @Option(
      names = "--horizon",
      paramLabel = "STEPS",
      description =
          "Of forecast: how many next steps of the series are forecast; with --label, the numbers"
              + " of that column instead.")
  @Range(min = 1)
  @OptionRule(tasks = TaskName.FORECAST, notWith = "--label", why = OF_SERIES)
  int horizon = 1;

  @Option(
      names = "--context",
      paramLabel = "STEPS",
      description = "Of forecast: how many steps before are read; 0 for all.")
  @Range
  @OptionRule(tasks = TaskName.FORECAST, notWith = "--label", why = OF_SERIES)
  int context = 0;

  @Option(
      names = "--season",
      paramLabel = "STEPS",
      description = "Of forecast: after which a series repeats, for the scaled error; 1 for none.")
  @Range(min = 1)
  @OptionRule(tasks = TaskName.FORECAST, notWith = "--label", why = OF_SERIES)
  int season = 1;

  @Option(
      names = "--probe",
      paramLabel = "COLUMN",
      description =
          "Of state: where the agent is at each step, such as positions. It is not learnt, but read"
              + " from the states by a linear probe (default: none).")
  @OptionRule(tasks = TaskName.STATE)
  String probe;

  @Mixin Beam beam = new Beam();

  @Mixin UnseenLabels unseenLabels;

  /**
   * Returns the rows to learn, with what was not said of them filled in.
   *
   * @param shards the folder of encoded rows
   */
  TrainRequest.Rows rows(TaskName name, DataOptions data, RowOptions rowOptions, String shards) {
    data.completeRows();
    RowTask task = task(name, rowOptions);
    ColumnChoice columns = rowOptions.choice(task.labelKind(), task.missing());
    return new TrainRequest.Rows(
        rowOptions.input(data.input),
        data.valid == null ? List.of() : List.of(data.valid),
        data.validFraction,
        data.test == null ? List.of() : List.of(data.test),
        task instanceof State ? State.columns(columns, probe) : columns,
        splitter(name, data.units),
        data.vocabularySize,
        data.minCount,
        unseenLabels.action == UnseenLabels.Action.WRONG,
        maxLength,
        shards);
  }

  private TextSplitter splitter(TaskName task, UnitOptions units) {
    boolean state = task == TaskName.STATE;
    return units.splitter(
        keepCase || state || task == TaskName.TAG, state ? Unit.WHITESPACE : Unit.WORDPUNCT);
  }

  /** Returns the task with what it was told. */
  RowTask task(TaskName task, RowOptions rowOptions) {
    return switch (task) {
      case CLASSIFY -> new Classify();
      case TAG -> new Tag(false);
      case RECOGNISE -> new Recognise();
      case FORECAST ->
          rowOptions.label == null
              ? new Forecast(horizon, context, season, 0)
              : new Forecast(0, 0, 1, 1);
      case STATE -> State.of(!rowOptions.features.isEmpty(), probe != null);
      case LM -> throw new IllegalArgumentException("a language model does not learn from rows");
    };
  }
}
