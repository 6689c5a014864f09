// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import org.unroll.spark.cli.UnitOptions.Unit;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.task.Caption;
import org.unroll.spark.task.Classify;
import org.unroll.spark.task.Execute;
import org.unroll.spark.task.Forecast;
import org.unroll.spark.task.Recognise;
import org.unroll.spark.task.RowTask;
import org.unroll.spark.task.State;
import org.unroll.spark.task.Tag;
import org.unroll.spark.task.TrainRequest;
import org.unroll.spark.task.Translate;
import org.unroll.spark.task.Writing;
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

  @Option(
      names = "--keep-case",
      description =
          "Capitals stay what they are (default for tag, state, translate, caption and execute;"
              + " others make them small).")
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
      description =
          "Of classify, tag, translate, caption and execute: share of the target that is spread"
              + " over all labels or tokens.")
  @Range(max = 1, below = true)
  @OptionRule(
      tasks = {
        TaskName.CLASSIFY,
        TaskName.TAG,
        TaskName.TRANSLATE,
        TaskName.CAPTION,
        TaskName.EXECUTE
      },
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

  @Option(
      names = "--double-input",
      description = "Of execute: read a program twice, one time behind the other (default: once).")
  @OptionRule(tasks = TaskName.EXECUTE)
  boolean doubleInput;

  @Option(
      names = "--max-source-length",
      paramLabel = "STEPS",
      description =
          "Of translate, caption and execute: rows to learn from of which more is to be read cannot"
              + " be used (see --on-bad-row); 0 for no limit.")
  @Range
  @OptionRule(tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
  int maxSourceLength = 0;

  @Option(
      names = "--max-target-length",
      paramLabel = "TOKENS",
      description =
          "Of translate, caption and execute: rows to learn from of which more is to be written"
              + " cannot be used (see --on-bad-row); 0 for no limit.")
  @Range
  @OptionRule(tasks = {TaskName.TRANSLATE, TaskName.CAPTION, TaskName.EXECUTE})
  int maxTargetLength = 0;

  @Mixin SearchOptions search = new SearchOptions();

  @Mixin UnseenLabels unseenLabels;

  /**
   * Returns the rows to learn, with what was not said of them filled in.
   *
   * @param training which rows, and how they are learnt
   */
  TrainRequest.Rows rows(TaskName name, TrainOptions training, RowOptions rowOptions) {
    DataOptions data = training.data;
    RowTask task = task(name, rowOptions);
    TextSplitter splitter = splitter(name, data.units);
    Integer size = data.completeRows(splitter);
    data.checkTargets();
    ColumnChoice columns = rowOptions.choice(task.labelKind(), task.missing());
    return new TrainRequest.Rows(
        rowOptions.input(data.input).at(data.input, data.targets.files),
        listed(data.valid),
        listed(data.validTarget),
        data.validFraction,
        data.holdOut,
        listed(data.test),
        listed(data.testTarget),
        task instanceof State ? State.columns(columns, probe) : columns,
        splitter,
        size,
        data.minCount,
        training.network.decoder.joint,
        unseenLabels.action == UnseenLabels.Action.WRONG,
        maxLength,
        training.run.shardsDir());
  }

  private static List<String> listed(String path) {
    return path == null ? List.of() : List.of(path);
  }

  private TextSplitter splitter(TaskName task, UnitOptions units) {
    Unit usual =
        switch (task) {
          case STATE -> Unit.WHITESPACE;
          case TRANSLATE -> Unit.BPE;
          case EXECUTE -> Unit.CHAR;
          default -> Unit.WORDPUNCT;
        };
    boolean keeps = keepCase || task == TaskName.STATE || task == TaskName.TAG || task.writes();
    return units.splitter(keeps, usual, task.writes());
  }

  /** Returns the task with what it was told. */
  RowTask task(TaskName task, RowOptions rowOptions) {
    return switch (task) {
      case CLASSIFY -> new Classify();
      case TAG -> new Tag(false);
      case RECOGNISE -> new Recognise();
      case TRANSLATE -> new Translate(form());
      case CAPTION -> new Caption(form());
      case EXECUTE -> new Execute(doubleInput, form());
      case FORECAST ->
          rowOptions.label == null
              ? new Forecast(horizon, context, season, 0)
              : new Forecast(0, 0, 1, 1);
      case STATE -> State.of(!rowOptions.features.isEmpty(), probe != null);
      case LM -> throw new IllegalArgumentException("a language model does not learn from rows");
    };
  }

  private Writing.Form form() {
    return new Writing.Form(maxSourceLength, maxTargetLength, 1, false);
  }
}
