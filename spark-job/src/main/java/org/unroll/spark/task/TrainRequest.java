// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.rounds.Demand;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rounds.SumKind;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.TextSplitter;

/**
 * A model to be trained.
 *
 * @param task what is learnt
 * @param data from what
 * @param network by which network
 * @param embeddings what the vectors of the first column of tokens start from, or null
 * @param start another model that the parameters start from, or null
 * @param train how
 * @param settings all that decides the result besides the data, by the names of the options
 * @param run where it is computed and where it goes
 */
public record TrainRequest(
    Task task,
    Data data,
    NetworkChoice network,
    EmbeddingStart embeddings,
    Start start,
    TrainSpec train,
    Map<String, Object> settings,
    Run run) {

  /**
   * Returns the same training of rows that are in data frames.
   *
   * @param frames by the names that the inputs of this request have for them
   */
  public TrainRequest of(Map<String, Dataset<Row>> frames) {
    Rows rows = ((Rows) data).of(frames);
    return new TrainRequest(task, rows, network, embeddings, start, train, settings, run);
  }

  /** Returns the same request with parameters that start from another model. */
  public TrainRequest startingFrom(Start other) {
    return new TrainRequest(task, data, network, embeddings, other, train, settings, run);
  }

  /** Returns whether the vectors of the first column stay as they start. */
  boolean frozen() {
    return embeddings != null && embeddings.frozen();
  }

  /** Returns what the training demands of the machines. */
  Demand demand(SparkSession spark, int workers) {
    return Demand.ofTraining(spark, train, workers, data instanceof Text);
  }

  /** Returns the recurrent layers over the narrowest inputs that the data may turn out to have. */
  RnnSpec leastLayers() {
    boolean tokens = data instanceof Text || !((Rows) data).choice().text().isEmpty();
    return tokens ? network.layers() : network.layers().withInput(1);
  }

  /** The data of a training: text in one stream, or rows. */
  public sealed interface Data permits Text, Rows {
    /** Returns what is learnt, and how its files are read. */
    RowsInput input();

    /** Returns the files, directories or globs of what is learnt. */
    default List<String> inputs() {
      return input().paths();
    }
  }

  /**
   * The text of a language model, and how it becomes tokens. What is null of the latter was not
   * said: a prepared corpus says it, and for text there are defaults.
   *
   * @param input files, one behind the other, or a prepared corpus
   * @param columns name the column of text where the files are tables
   * @param valid where the validation text is, or null
   * @param validFraction without {@code valid}: the part of the input's tokens, its end, to hold
   *     out; 0 for none
   * @param held instead of {@code valid} and {@code test}: which documents of the input are held
   *     out; null for none
   * @param test where the test text is, or null
   * @param unit a tokenizer's name, or null
   * @param vocabularySize most tokens of the vocabulary, 0 for no limit; or null
   * @param minCount least occurrences of a token of the vocabulary, or null
   */
  public record Text(
      RowsInput input,
      ColumnChoice columns,
      String valid,
      double validFraction,
      HoldOut held,
      String test,
      String unit,
      Integer vocabularySize,
      Long minCount)
      implements Data {
    /** Returns the same text with all that was not said. */
    Text with(String otherUnit, int otherSize, long otherCount) {
      return new Text(
          input,
          columns,
          valid,
          validFraction,
          held,
          test,
          unit == null ? otherUnit : unit,
          vocabularySize == null ? Integer.valueOf(otherSize) : vocabularySize,
          minCount == null ? Long.valueOf(otherCount) : minCount);
    }
  }

  /**
   * Rows to learn from, and how they are read.
   *
   * @param input of the training rows
   * @param valid files of the validation rows; empty for none, or for a fraction of the input
   * @param validTargets files of lines that go with theirs; empty for none
   * @param validFraction of the input's rows that are held out; 0 for none
   * @param held instead of {@code valid} and {@code test}: which rows of the input are held out;
   *     null for none
   * @param test files of the test rows; empty for none
   * @param testTargets files of lines that go with theirs; empty for none
   * @param choice the columns
   * @param splitter for text that is not yet tokens
   * @param vocabularySize most tokens of a column, 0 for no limit; of byte pairs null if nothing
   *     was said, which is what a prepared corpus has, or the usual number
   * @param minCount least occurrences of a token
   * @param joint whether what is read and what is written have one vocabulary
   * @param unseenAreWrong whether labels that only validation and test rows have count as mistakes,
   *     instead of making their rows unusable
   * @param maxLength steps of a sequence that are read, its last ones; 0 for all
   * @param shardsFolder where encoded rows are kept while a model is trained
   */
  public record Rows(
      RowsInput input,
      List<String> valid,
      List<String> validTargets,
      double validFraction,
      HoldOut held,
      List<String> test,
      List<String> testTargets,
      ColumnChoice choice,
      TextSplitter splitter,
      Integer vocabularySize,
      long minCount,
      boolean joint,
      boolean unseenAreWrong,
      int maxLength,
      String shardsFolder)
      implements Data {
    /** Returns the same rows with vocabularies of so many tokens. */
    Rows with(int size) {
      return with(input, size);
    }

    /** Returns the same rows in data frames. */
    Rows of(Map<String, Dataset<Row>> frames) {
      return with(input.with(frames), vocabularySize);
    }

    private Rows with(RowsInput other, Integer size) {
      return new Rows(
          other,
          valid,
          validTargets,
          validFraction,
          held,
          test,
          testTargets,
          choice,
          splitter,
          size,
          minCount,
          joint,
          unseenAreWrong,
          maxLength,
          shardsFolder);
    }
  }

  /**
   * A run says where a training is computed and what it leaves.
   *
   * @param rounds where the shards live
   * @param sum where their sums are added
   * @param workers Spark tasks, 0 for as many as can work
   * @param out folder of the model
   * @param overwrite whether a model that is there may be replaced
   * @param checkpoints how the training survives its driver
   * @param tensorBoard folder for TensorBoard's events; null for none
   * @param command as a person would type it again
   */
  public record Run(
      RoundsKind rounds,
      SumKind sum,
      int workers,
      String out,
      boolean overwrite,
      CheckpointSettings checkpoints,
      String tensorBoard,
      String command) {}

  /**
   * The settings of checkpoints say what is wanted of them.
   *
   * @param every how often
   * @param keep how many of the newest stay
   * @param folder where, or null for beside the model
   */
  public record CheckpointSettings(CheckpointInterval every, int keep, String folder) {}

  /**
   * An interval says how often a training keeps its state.
   *
   * @param rounds from one checkpoint to the next, or 0
   * @param seconds from the end of one to the next, or 0
   */
  public record CheckpointInterval(long rounds, long seconds) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})([smh]?)");

    /** Returns whether checkpoints are kept at all. */
    boolean isOn() {
      return rounds > 0 || seconds > 0;
    }

    /**
     * Reads {@code 500} (rounds), {@code 30s}, {@code 10m}, {@code 2h}; 0 is never.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static CheckpointInterval parse(String text) {
      Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "'" + text + "' is neither a number of rounds nor a time such as 30s, 10m or 2h");
      }
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "s" -> new CheckpointInterval(0, number);
        case "m" -> new CheckpointInterval(0, 60 * number);
        case "h" -> new CheckpointInterval(0, 3600 * number);
        default -> new CheckpointInterval(number, 0);
      };
    }
  }

  /** Returns what is learnt, for people. */
  public String title() {
    List<String> inputs = data.inputs();
    String first = inputs.get(0).replaceFirst("/+$", "").replaceFirst(".*/", "");
    String name = inputs.size() == 1 ? first : first + " and " + (inputs.size() - 1) + " more";
    return task instanceof LanguageModel
        ? "A language model of " + name
        : "A model to " + task.purpose() + " " + name;
  }
}
