// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Metric;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Search;
import org.unroll.spark.corpus.PreparedRows;
import org.unroll.spark.corpus.TextCodec;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.FrameRows;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.rows.TextSplitter.Unit;
import org.unroll.spark.store.SavedModel;

/**
 * A model of any task that was trained, ready to read rows.
 *
 * @param saved its files
 * @param task it was trained for
 * @param encoder how rows become numbers
 * @param columns what it reads of a row
 */
public record TaskModel(SavedModel saved, Task task, RowEncoder encoder, Columns columns) {
  private static final String SOURCE = "config.json of the model";

  /**
   * Columns are what a model of a row task remembers of its data, as {@code config.json} has it.
   *
   * @param text columns of tokens
   * @param features columns of numbers
   * @param label column of labels, or null
   * @param unit of the tokens that text is cut into
   * @param lowerCase whether capitals become small letters
   * @param maxLength steps of a sequence that are read; 0 for all
   * @param settings what the task remembers
   * @param labels that answers are made of, in the order of their ids
   * @param means of the channels, or null
   * @param deviations of the channels, or null
   * @param input how its files were written, or null if that is not known
   */
  record Columns(
      List<String> text,
      List<String> features,
      String label,
      Unit unit,
      boolean lowerCase,
      int maxLength,
      Map<String, Object> settings,
      List<String> labels,
      List<Double> means,
      List<Double> deviations,
      RowsInput.Form input) {
    Columns {
      Checks.present("text", text);
      Checks.present("features", features);
      Checks.present("unit", unit);
      Checks.present("settings", settings);
      Checks.present("labels", labels);
      Checks.notNegative("max_length", maxLength);
    }

    /** Returns what config.json has; folders of earlier builds do not tell the form of files. */
    private static Columns of(Map<String, Object> data) {
      Map<String, Object> all = new LinkedHashMap<>(data);
      all.putIfAbsent("input", null);
      return StrictJson.bind(all, SOURCE, "data", Columns.class);
    }

    /** Returns what a language model reads of a row: the text, whole. */
    private static Columns ofText(Map<String, Object> data) {
      TextSplits.Origin told = TextSplits.Origin.of(data, SOURCE);
      return new Columns(
          told.text(),
          List.of(),
          null,
          Unit.WHOLE,
          false,
          0,
          Map.of(),
          List.of(),
          null,
          null,
          told.input());
    }

    /** Returns what is read of the rows of a training. */
    static Columns of(
        Task task, RowEncoder encoder, RowSet train, TextSplitter splitter, RowsInput.Form input) {
      ChannelStatistics statistics = encoder.statistics();
      return new Columns(
          train.columns().text(),
          train.columns().features(),
          train.columns().label(),
          splitter.unit(),
          splitter.lowerCase(),
          encoder.maxLength(),
          task.settings(),
          encoder.labels(),
          statistics == null ? null : Arrays.stream(statistics.means()).boxed().toList(),
          statistics == null ? null : Arrays.stream(statistics.deviations()).boxed().toList(),
          input);
    }

    TextSplitter splitter() {
      return new TextSplitter(unit, lowerCase);
    }

    private ChannelStatistics statistics() {
      if (means == null && deviations == null) {
        return null;
      }
      if (!areNumbers(means) || !areNumbers(deviations) || means.size() != deviations.size()) {
        throw new InputException(
            SOURCE + ": data.means and data.deviations must be as many numbers each");
      }
      long[] counts = new long[means.size()];
      Arrays.fill(counts, 1);
      return new ChannelStatistics(counts, array(means), array(deviations));
    }

    private static boolean areNumbers(List<Double> all) {
      return all != null && all.stream().allMatch(n -> n != null && Double.isFinite(n));
    }

    private static double[] array(List<Double> numbers) {
      return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }

  /**
   * Makes a model of its files.
   *
   * @throws InputException if they make no sense, naming the field
   */
  public static TaskModel of(SavedModel saved) {
    Task task = Task.of(saved, SOURCE);
    Map<String, Object> data = saved.config().data();
    Columns columns = task instanceof LanguageModel ? Columns.ofText(data) : Columns.of(data);
    RowEncoder encoder =
        new RowEncoder(
            saved.vocabularies(),
            saved.characters(),
            target(saved, columns),
            columns.labels(),
            Map.of(),
            columns.statistics(),
            columns.maxLength());
    if (task instanceof RowTask rows) {
      requireSame(saved.config().model(), rows, encoder);
    }
    if (task instanceof State state && !saved.tensors().isEmpty()) {
      task = state.with(Probes.of(saved, state, encoder));
    }
    return new TaskModel(saved, task, encoder, columns);
  }

  private static TextCodec target(SavedModel saved, Columns columns) {
    try {
      return saved.target() == null ? null : TextCodec.of(columns.splitter(), saved.target());
    } catch (IllegalArgumentException e) {
      throw new InputException("%s: data.unit: %s".formatted(SOURCE, e.getMessage()), e);
    }
  }

  /** Refuses a file that says of rows what does not go with its own network. */
  private static void requireSame(NetworkSpec network, RowTask task, RowEncoder encoder) {
    requireSame("numbers of a step", "means", task.features(encoder), network.inputs().features());
    HeadSpec head = network.head();
    int answers = head instanceof HeadSpec.Alignment a ? a.labels() : head.scores();
    if ((task instanceof Writing) != (encoder.target() != null)) {
      throw new InputException(
          ("%s: the task %s and a network %s a decoder do not go together: it is damaged. Restore it"
                  + " from a copy or train again.")
              .formatted(SOURCE, task.name(), encoder.target() == null ? "without" : "with"));
    }
    if (task instanceof Writing) {
      return;
    }
    if (task.metric(encoder) instanceof Metric.Errors errors) {
      requireSame("answers", "settings", errors.values(), answers);
    } else {
      requireSame("answers", "labels", encoder.labels().size(), answers);
    }
  }

  private static void requireSame(String what, String field, int data, int model) {
    if (data != model) {
      throw new InputException(
          ("%s: there are %s %s by its field data.%s, but %s by its field model: it is damaged."
                  + " Restore it from a copy or train again.")
              .formatted(SOURCE, data, what, field, model));
    }
  }

  /**
   * Reads other rows, whose columns are called as those it was trained on unless told otherwise.
   *
   * @param labelled whether labels are read
   * @throws InputException if they cannot be used
   */
  public RowSet open(SparkSession spark, RowsInput input, ColumnChoice told, boolean labelled) {
    RowsInput alike = input.like(columns.input());
    ColumnChoice choice = choice(alike, told, labelled);
    RowSet rows = PreparedRows.open(spark, alike, choice, columns.splitter(), encoder.channels());
    try {
      return isCut() ? rows.cut(source()::tokens) : rows;
    } catch (RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  /**
   * Finds out the columns of a data frame that the model reads.
   *
   * @param column the one to read instead of the one that was learnt; null for those that were
   * @throws InputException if a column is not there or cannot be read, or one is named and the
   *     model reads several
   */
  public FrameRows open(Dataset<Row> frame, String column) {
    ColumnChoice learnt =
        new ColumnChoice(
            columns.text(), columns.features(), null, null, LabelKind.NONE, task.missing());
    boolean several = columns.text().size() + columns.features().size() > 1;
    if (column != null && several) {
      throw new InputException(
          ("The model reads the columns %s, so that one cannot be read instead (%s): rename those of"
                  + " the data frame, and clear inputCol.")
              .formatted(
                  Stream.concat(columns.text().stream(), columns.features().stream())
                      .collect(Collectors.joining(", ")),
                  column));
    }
    ColumnChoice choice =
        column == null
            ? learnt
            : columns.features().isEmpty()
                ? learnt.of(List.of(column))
                : new ColumnChoice(
                    List.of(), List.of(column), null, null, LabelKind.NONE, task.missing());
    FrameRows rows = FrameRows.of(frame, choice, columns.splitter());
    return isCut() ? rows.cut(source()::tokens) : rows;
  }

  /** Returns the columns of text that it reads; of plain text, which has none, the usual name. */
  List<String> textColumns() {
    return columns.text().isEmpty() && readsTexts() ? List.of("text") : columns.text();
  }

  /** Returns the columns of a row that it reads, those of text first. */
  public List<String> readColumns() {
    return Stream.concat(textColumns().stream(), columns.features().stream()).toList();
  }

  /**
   * Returns what programs should know before they ask it: its task, what it reads of a row and what
   * it answers, as JSON has it.
   */
  public Map<String, Object> description() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("task", task.name());
    all.put("text_columns", textColumns());
    all.put("feature_columns", columns.features());
    all.put("channels", channels());
    all.put("label_column", columns.label());
    all.put("labels", encoder.labels());
    all.put("answers", List.of(task.columns().fieldNames()));
    all.put("unit", task instanceof LanguageModel lm ? lm.unit() : columns.splitter().name());
    all.put(
        "vocabulary", encoder.vocabularies().isEmpty() ? 0 : encoder.vocabularies().get(0).size());
    all.put("max_length", columns.maxLength());
    all.put("settings", columns.settings());
    all.put("parameters", saved.params().length);
    return all;
  }

  /** Returns D, how many numbers each step of a row must have. */
  public int channels() {
    return encoder.channels();
  }

  /** Returns whether texts are read in byte pairs. */
  boolean isCut() {
    return columns.unit() == Unit.BYTE_PAIRS && !encoder.vocabularies().isEmpty();
  }

  /** Returns how the texts of the only column become tokens. */
  TextCodec source() {
    return TextCodec.of(columns.splitter(), encoder.vocabularies().get(0));
  }

  private ColumnChoice choice(RowsInput input, ColumnChoice told, boolean labelled) {
    boolean asked = isTold(input, told);
    if (task instanceof LanguageModel) {
      requireOneText(told);
    } else if (asked && input.hasColumns() && told.text().size() != columns.text().size()) {
      throw new InputException(
          ("The model reads the tokens of %s, but --text names %s: name as many, in the"
                  + " same order.")
              .formatted(named(columns.text()), named(told.text())));
    }
    return new ColumnChoice(
        asked ? told.text() : columns.text(),
        asked ? told.features() : columns.features(),
        told.label() == null ? columns.label() : told.label(),
        told.id(),
        labelled ? task.labelKind() : LabelKind.NONE,
        task.missing(),
        told.slices());
  }

  /**
   * Returns whether the columns to read are told, or none could be the one that was learnt, as of
   * plain text.
   */
  boolean isTold(RowsInput input, ColumnChoice told) {
    return !told.text().isEmpty()
        || !told.features().isEmpty()
        || readsTexts() && !input.hasColumns();
  }

  private boolean readsTexts() {
    return task instanceof LanguageModel || task instanceof Writing && encoder.channels() == 0;
  }

  private static void requireOneText(ColumnChoice told) {
    if (told.text().size() > 1 || !told.features().isEmpty()) {
      throw new InputException(
          "A language model reads one column of text: name it with --text, and no --features.");
    }
  }

  private static String named(List<String> names) {
    return (names.size() == 1 ? "1 column" : names.size() + " columns")
        + (names.isEmpty() ? "" : " (" + String.join(", ", names) + ")");
  }

  /**
   * Returns the same model with or without a look at where the agent is.
   *
   * @param column that says it; null for no look
   * @throws InputException if it is one of states and has no probe
   */
  public TaskModel probing(String column) {
    if (!(task instanceof State state)) {
      return this;
    }
    if (column != null && state.probes() == null) {
      throw new InputException(
          "The model has no probe: train it with --probe %s%s"
              .formatted(column, state.form().probed() ? " to the end." : "."));
    }
    State.Form form = new State.Form(state.form().numeric(), column != null, state.form().places());
    State look = new State(form, column == null ? null : state.probes());
    Map<String, Object> others = new LinkedHashMap<>(saved.config().data());
    others.put("label", column);
    return new TaskModel(saved, look, encoder, Columns.of(others));
  }

  /** Returns the labels of other rows that it does not know. */
  public RowTask.UnseenLabels unseenLabels(RowSet data) {
    return RowTask.UnseenLabels.of(data, (RowTask) task, encoder);
  }

  /** Returns the same model where such labels count as mistakes. */
  public TaskModel counting(RowTask.UnseenLabels unseen) {
    return new TaskModel(saved, task, encoder.withUnseen(unseen.names()), columns);
  }

  /**
   * A text that was typed.
   *
   * @param row it as a row
   * @param example what is read of it
   * @param tokens what is read, step by step, as the vocabulary calls it
   */
  public record Typed(SequenceRow row, Example example, List<String> tokens) {}

  /**
   * Returns what the model reads of a text that is typed.
   *
   * @throws InputException if it does not read one text, or nothing of this one
   */
  public Typed typed(String text) {
    if (encoder.vocabularies().size() != 1 || encoder.channels() > 0) {
      throw new InputException(
          ("A typed text can be answered by a model that reads one text, but this one reads %s of text"
                  + " and %s by step: name a file with --input.")
              .formatted(named(columns.text()), Figures.count(encoder.channels(), "number")));
    }
    String[][] tokens = {source().tokens(text).toArray(String[]::new)};
    if (tokens[0].length == 0) {
      throw new InputException("The text to be answered is empty: type one.");
    }
    SequenceRow row =
        new SequenceRow(new RowKey(0, 0), "1", tokens, new float[0], 0, null, null, null);
    Example example = task.toRead(row, encoder);
    Vocabulary vocabulary = encoder.vocabularies().get(0);
    return new Typed(
        row, example, IntStream.of(example.tokens()[0]).mapToObj(vocabulary::token).toList());
  }

  /**
   * Returns what the model says of a text, by the names of {@link Task#columns}.
   *
   * @throws InputException if it does not read one text
   */
  public Map<String, Object> answer(String text, Search search) {
    return reader().answers(List.of(typed(text).row()), search, false).get(0).fields();
  }

  /** Returns somebody who answers rows in this process, with buffers of their own. */
  public TaskReader reader() {
    return new TaskReader(this);
  }

  /**
   * Returns the same language model that tells of every row the outputs of its last recurrent layer
   * behind each token, instead of how well it knows the text.
   */
  public TaskModel tellingStates() {
    return new TaskModel(saved, ((LanguageModel) task).tellingStates(), encoder, columns);
  }

  /** Returns W, how many numbers the last recurrent layer gives for a step. */
  public int stateWidth() {
    return saved.config().model().encoder().outputSize();
  }

  /** Returns the same model told what answers are to say; one that does not write has none. */
  public TaskModel telling(Writing.Form form) {
    return task instanceof Writing writing
        ? new TaskModel(saved, writing.with(form), encoder, columns)
        : this;
  }

  /**
   * Returns what executors need of it.
   *
   * @throws InputException if the search follows more texts than there are tokens to begin with
   */
  ModelInHand inHand(Search search) {
    ModelInHand.requireTokens(search, encoder);
    return new ModelInHand(task, encoder, saved.config().model(), saved.params(), search);
  }

  /** Returns a record as the fields of JSON, in the order of its components. */
  static Map<String, Object> fields(Record values) {
    return StrictJson.fields(StrictJson.plain(values));
  }
}
