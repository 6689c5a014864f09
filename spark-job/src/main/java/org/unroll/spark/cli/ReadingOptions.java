// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.PoolingType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.spark.cli.UnitOptions.Unit;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.task.Classify;
import org.unroll.spark.task.EmbeddingStart;
import org.unroll.spark.task.Forecast;
import org.unroll.spark.task.ReadingData;
import org.unroll.spark.task.ReadingNetwork;
import org.unroll.spark.task.ReadingRequest;
import org.unroll.spark.task.ReadingTask;
import org.unroll.spark.task.Recognise;
import org.unroll.spark.task.State;
import org.unroll.spark.task.Tag;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What the tasks that read sequences can be told beside what all trainings can. */
@Heading("Reading tasks")
final class ReadingOptions {
  /** Whether labels of steps are scored one by one or together. */
  enum Head {
    SOFTMAX,
    CRF
  }

  /** Whether all rows weigh the same, or all classes. */
  enum ClassWeights {
    NONE,
    BALANCED
  }

  private static final Set<Task> READING =
      Set.of(Task.CLASSIFY, Task.TAG, Task.FORECAST, Task.STATE, Task.RECOGNISE);

  /** A state must not know what comes next, and has no label. */
  private static final Set<Task> NOT_STATE =
      Set.of(Task.CLASSIFY, Task.TAG, Task.FORECAST, Task.RECOGNISE);

  /** The tasks of options that are not for all. */
  private static final Map<String, Set<Task>> TASKS =
      Map.ofEntries(
          Map.entry("--tied", Set.of(Task.LM)),
          Map.entry("--window", Set.of(Task.LM)),
          Map.entry("--pattern", Set.of(Task.LM)),
          Map.entry("--embeddings", Set.of(Task.LM, Task.CLASSIFY, Task.TAG)),
          Map.entry("--freeze-embeddings", Set.of(Task.LM, Task.CLASSIFY, Task.TAG)),
          Map.entry("--state", Set.of(Task.LM)),
          Map.entry("--bidirectional", NOT_STATE),
          Map.entry("--reverse", NOT_STATE),
          Map.entry("--char-embedding", NOT_STATE),
          Map.entry("--char-hidden", NOT_STATE),
          Map.entry("--label", NOT_STATE),
          Map.entry("--pooling", Set.of(Task.CLASSIFY, Task.FORECAST)),
          Map.entry("--max-length", Set.of(Task.CLASSIFY)),
          Map.entry("--label-smoothing", Set.of(Task.CLASSIFY, Task.TAG)),
          Map.entry("--class-weights", Set.of(Task.CLASSIFY, Task.TAG)),
          Map.entry("--unseen-labels", Set.of(Task.CLASSIFY, Task.TAG, Task.RECOGNISE)),
          Map.entry("--head", Set.of(Task.TAG)),
          Map.entry("--horizon", Set.of(Task.FORECAST)),
          Map.entry("--context", Set.of(Task.FORECAST)),
          Map.entry("--season", Set.of(Task.FORECAST)),
          Map.entry("--probe", Set.of(Task.STATE)),
          Map.entry("--beam", Set.of(Task.RECOGNISE)));

  @Option(
      names = "--bidirectional",
      description = "Read from both ends, each with --hidden units (default: from the start).")
  @GivesWay(to = "--reverse")
  boolean bidirectional;

  @Option(
      names = "--reverse",
      description = "Read from the end to the start (default: from the start).")
  @GivesWay(to = "--bidirectional")
  boolean reverse;

  @Option(
      names = "--pooling",
      defaultValue = "last",
      paramLabel = "POOLING",
      description =
          "How a sequence's vector is made of its steps: last, mean, max or attention"
              + " (default: ${DEFAULT-VALUE}).")
  PoolingType pooling;

  @Option(
      names = "--residual",
      description = "Every layer but the first adds its input to its output (default: no).")
  boolean residual;

  @Option(
      names = "--layer-norm",
      description = "Normalise the output of every layer (default: no).")
  boolean layerNorm;

  @Option(
      names = "--locked-dropout",
      description =
          "The elements that --dropout zeroes are the same at all steps (default: drawn anew).")
  boolean lockedDropout;

  @Option(
      names = "--word-dropout",
      defaultValue = "0",
      paramLabel = "PROBABILITY",
      description = "Of dropping a token's vector in training (default: ${DEFAULT-VALUE}).")
  @Range(max = 1, below = true)
  double wordDropout;

  @Option(
      names = "--weight-drop",
      defaultValue = "0",
      paramLabel = "PROBABILITY",
      description =
          "Of dropping an element of the recurrent matrices in training (default:"
              + " ${DEFAULT-VALUE}).")
  @Range(max = 1, below = true)
  double weightDrop;

  @Option(
      names = "--column-embedding",
      defaultValue = "16",
      paramLabel = "UNITS",
      description =
          "Width of the vectors of further columns of tokens (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int columnEmbedding;

  @Option(
      names = "--char-embedding",
      defaultValue = "0",
      paramLabel = "UNITS",
      description =
          "Read the words of the first column by their characters too, with vectors of this width;"
              + " 0 not to (default: ${DEFAULT-VALUE}).")
  @Range
  int charEmbedding;

  @Option(
      names = "--char-hidden",
      defaultValue = "32",
      paramLabel = "UNITS",
      description =
          "Of --char-embedding: width of the layer that reads characters, in each direction"
              + " (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int charHidden;

  @Option(
      names = "--keep-case",
      description =
          "Capitals stay what they are (default for tag and state; others make them small).")
  @GivesWay(to = "--lowercase")
  boolean keepCase;

  @Option(
      names = "--max-length",
      defaultValue = "0",
      paramLabel = "STEPS",
      description =
          "Of classify: longer sequences are read from there to their end; 0 for no limit"
              + " (default: ${DEFAULT-VALUE}).")
  @Range
  int maxLength;

  @Option(
      names = "--label-smoothing",
      defaultValue = "0",
      paramLabel = "SHARE",
      description =
          "Of classify and tag: share of the target that is spread over all labels"
              + " (default: ${DEFAULT-VALUE}).")
  @Range(max = 1, below = true)
  @GivesWay(to = "--head=crf")
  double labelSmoothing;

  @Option(
      names = "--class-weights",
      defaultValue = "none",
      paramLabel = "WEIGHTS",
      description =
          "Of classify and tag: balanced has all labels weigh the same, however rare, none all rows"
              + " (default: ${DEFAULT-VALUE}).")
  @GivesWay(to = "--head=crf")
  ClassWeights classWeights;

  @Option(
      names = "--head",
      defaultValue = "softmax",
      paramLabel = "HEAD",
      description =
          "Of tag: softmax (label by label) or crf (all labels of a sequence together)"
              + " (default: ${DEFAULT-VALUE}).")
  @GivesWay(to = {"--label-smoothing", "--class-weights"})
  Head head;

  @Option(
      names = "--horizon",
      paramLabel = "STEPS",
      description =
          "Of forecast: how many next steps of the series are forecast; with --label, the numbers"
              + " of that column instead (default: 1).")
  @Range(min = 1)
  @GivesWay(to = "--label")
  Integer horizon;

  @Option(
      names = "--context",
      defaultValue = "0",
      paramLabel = "STEPS",
      description =
          "Of forecast: how many steps before are read; 0 for all (default: ${DEFAULT-VALUE}).")
  @Range
  @GivesWay(to = "--label")
  int context;

  @Option(
      names = "--season",
      defaultValue = "1",
      paramLabel = "STEPS",
      description =
          "Of forecast: after which a series repeats, for the scaled error; 1 for none"
              + " (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  @GivesWay(to = "--label")
  int season;

  @Option(
      names = "--probe",
      paramLabel = "COLUMN",
      description =
          "Of state: where the agent is at each step, such as positions. It is not learnt, but read"
              + " from the states by a linear probe (default: none).")
  String probe;

  @Option(
      names = "--beam",
      defaultValue = "1",
      paramLabel = "PREFIXES",
      description =
          "Of recognise: followed side by side when a text is read; 1 for the best label of each"
              + " step (default: ${DEFAULT-VALUE}).")
  @Range(min = 1)
  int beam;

  @Mixin UnseenLabelOption unseenLabels;

  @Option(
      names = "--shards-dir",
      paramLabel = "DIR",
      description =
          "Folder that all machines share for the encoded rows, removed at the end (default: that"
              + " of --out with .shards behind its name).")
  String shardsDir;

  /**
   * Refuses options that say nothing to a task.
   *
   * @param own those that language models do not have
   */
  static void check(CommandSpec spec, Task task, Set<String> own) {
    for (String name : GivenOptions.names(spec)) {
      Set<Task> tasks = TASKS.getOrDefault(name, own.contains(name) ? READING : Set.of());
      if (!tasks.isEmpty() && !tasks.contains(task)) {
        throw new InputException(
            name
                + " does not go with --task "
                + LowerCaseEnum.name(task)
                + ": leave it out, or name another task.");
      }
    }
  }

  /**
   * Refuses options that say nothing to a model.
   *
   * @param task what the model does
   */
  static void checkModel(CommandSpec spec, String task) {
    Set<String> own = GivenOptions.ofTypes(TableOptions.class);
    for (String name : GivenOptions.names(spec)) {
      Set<Task> usual = own.contains(name) ? READING : Set.of();
      Set<Task> tasks = name.equals("--batch") ? Set.of(Task.LM) : TASKS.getOrDefault(name, usual);
      if (!tasks.isEmpty() && tasks.stream().map(LowerCaseEnum::name).noneMatch(task::equals)) {
        throw new InputException(
            name + " says nothing to a model of task " + task + ": leave it out.");
      }
    }
  }

  ReadingRequest request(
      Task task, LanguageModelOptions training, TableOptions table, long seed, String command) {
    training.data.check();
    EmbeddingStart start = training.embeddings.read(training.network);
    training.network.check();
    training.optimizer.check();
    if (bidirectional && reverse) {
      throw new InputException(
          "--bidirectional reads both ways and --reverse only from the end: give one of them.");
    }
    if (keepCase && training.data.units.lowercase) {
      throw new InputException(
          "--keep-case leaves capitals and --lowercase makes them small: give one of them.");
    }
    if (head == Head.CRF && (labelSmoothing > 0 || classWeights == ClassWeights.BALANCED)) {
      throw new InputException(
          "--head crf scores all labels of a sequence together, so neither --label-smoothing nor"
              + " --class-weights goes with it: leave them out, or take --head softmax.");
    }
    ReadingTask reading = task(task, table);
    ColumnChoice columns = table.choice(reading.labelKind(), reading.missing());
    boolean state = task == Task.STATE;
    ReadingData data =
        new ReadingData(
            table.spec(training.data.input),
            training.data.valid == null ? List.of() : List.of(training.data.valid),
            training.data.validFraction,
            training.data.test == null ? List.of() : List.of(training.data.test),
            state ? State.columns(columns, probe) : columns,
            training.data.units.splitter(
                keepCase || state || task == Task.TAG, state ? Unit.WHITESPACE : Unit.WORDPUNCT),
            orElse(training.data.vocabularySize, 0),
            orElse(training.data.minCount, 1L),
            unseenLabels.action,
            maxLength);
    var run = training.run(seed, command);
    String folder = shardsDir == null ? HadoopFiles.beside(run.out(), ".shards") : shardsDir;
    return new ReadingRequest(reading, data, network(training.network), start, run, folder);
  }

  private static <T> T orElse(T said, T otherwise) {
    return said == null ? otherwise : said;
  }

  private ReadingTask task(Task task, TableOptions table) {
    return switch (task) {
      case CLASSIFY -> new Classify();
      case TAG -> new Tag(false);
      case RECOGNISE -> new Recognise();
      case FORECAST -> forecast(table);
      case STATE -> State.of(!table.features.isEmpty(), probe != null);
      case LM -> throw new IllegalArgumentException("a language model is no reading task");
    };
  }

  private Forecast forecast(TableOptions table) {
    if (table.label != null && (horizon != null || context > 0 || season > 1)) {
      throw new InputException(
          "--label "
              + table.label
              + " names other numbers than those of the series, which --horizon, --context and"
              + " --season are about: leave it out, or these.");
    }
    int steps = horizon == null ? 1 : horizon;
    return table.label == null ? new Forecast(steps, context, season, 0) : new Forecast(0, 0, 1, 1);
  }

  private ReadingNetwork network(NetworkOptions network) {
    double p = network.dropout;
    return new ReadingNetwork(
        network.cellType(),
        network.embeddingWidth(),
        columnEmbedding,
        network.layers,
        network.hidden,
        !network.noBias,
        bidirectional ? Direction.BOTH : reverse ? Direction.REVERSE : Direction.FORWARD,
        residual,
        layerNorm,
        new DropoutSpec(wordDropout, p, p, p, weightDrop, lockedDropout),
        pooling,
        charEmbedding,
        charHidden,
        head == Head.CRF,
        labelSmoothing,
        classWeights == ClassWeights.BALANCED,
        beam);
  }
}
