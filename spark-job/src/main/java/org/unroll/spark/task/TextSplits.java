// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;
import org.unroll.rnn.io.TooLittleException;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.train.Split;
import org.unroll.spark.corpus.PreparedCorpus;
import org.unroll.spark.corpus.StreamCorpus;
import org.unroll.spark.corpus.TextCorpus;
import org.unroll.spark.corpus.TokenCorpus;
import org.unroll.spark.corpus.TokenSource;
import org.unroll.spark.corpus.VocabularyChoice;
import org.unroll.spark.report.Figures;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.RowsInput;

/**
 * The text of a run, counted and cut into what is learnt and what is held out.
 *
 * @param data what was asked for, with all that was not said
 * @param sources where workers read the tokens of every split that there is
 * @param vocabulary of the text that is learnt
 * @param hash of the bytes of all texts, and of how those that were prepared became tokens
 */
public record TextSplits(
    TrainRequest.Text data, Map<Split, TokenSource> sources, Vocabulary vocabulary, String hash) {
  private static final String DEFAULT_UNIT = "char";

  /**
   * An origin is what a language model remembers of its text, as {@code config.json} has it.
   *
   * @param unit of the tokens
   * @param text the column that was named, if any
   * @param input how the files were written, or null if that is not known
   */
  record Origin(String unit, List<String> text, RowsInput.Form input) {
    Origin {
      Checks.present("unit", unit);
      Checks.present("text", text);
    }

    static Origin of(TrainRequest.Text data) {
      return new Origin(data.unit(), data.columns().text(), data.input().form());
    }

    /** Returns what a model's folder has; earlier builds told the unit alone. */
    static Origin of(Map<String, Object> data, String source) {
      Map<String, Object> all = new LinkedHashMap<>(data);
      all.putIfAbsent("text", List.of());
      all.putIfAbsent("input", null);
      return StrictJson.bind(all, source, "data", Origin.class);
    }
  }

  /**
   * Counts the texts, as Spark jobs; of a prepared corpus only its description is read.
   *
   * @param asked may leave out what a prepared corpus says, or has a default
   * @param window T: a text to learn must be longer
   * @param growing the model whose vocabulary grows; null for a vocabulary of the text
   * @throws InputException if a text cannot be read or is too short, or options contradict a
   *     prepared corpus
   */
  public static TextSplits open(
      SparkSession spark, TrainRequest.Text asked, int window, ModelStart growing) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    PreparedCorpus prepared = preparedOrNull(asked.inputs(), conf);
    if (prepared == null) {
      PreparedCorpus.requireText("--valid", asked.valid(), conf);
      PreparedCorpus.requireText("--test", asked.test(), conf);
      return ofText(spark, asked.with(DEFAULT_UNIT, 0, 1), window, growing);
    }
    requireDocuments(asked.held(), prepared);
    TrainRequest.Text data = complete(asked, prepared);
    return cut(
        data,
        new StreamCorpus(spark, prepared),
        besideOrNull(spark, data, data.valid(), prepared),
        besideOrNull(spark, data, data.test(), prepared),
        prepared.vocabulary(),
        window);
  }

  private static PreparedCorpus preparedOrNull(List<String> inputs, Configuration conf) {
    return PreparedCorpus.findStreamOrNull(inputs, conf, "a language model");
  }

  /** Refuses to look for documents in a stream, which has none. */
  private static void requireDocuments(HoldOut held, PreparedCorpus stream) {
    if (held != null) {
      throw new InputException(
          ("--hold-out %s divides the documents of a text, but the prepared corpus %s is one stream"
                  + " without any: give the text that it was prepared from, or leave --hold-out"
                  + " out.")
              .formatted(held, stream.name()));
    }
  }

  /** Returns the data with what a prepared corpus says, which the options may say too. */
  private static TrainRequest.Text complete(TrainRequest.Text asked, PreparedCorpus corpus) {
    String unit = corpus.description().unit();
    int size = corpus.vocabularySize();
    long count = corpus.minCount();
    corpus.requireSame("--unit", asked.unit(), unit, unit);
    corpus.requireSame("--vocab-size", asked.vocabularySize(), size, size);
    corpus.requireSame("--min-count", asked.minCount(), count, count);
    return asked.with(unit, size, count);
  }

  private static TextSplits ofText(
      SparkSession spark, TrainRequest.Text data, int window, ModelStart growing) {
    if (growing != null) {
      growing.requireText(data);
    } else if (data.unit().equals(BpeTokenizer.NAME)) {
      throw new InputException(
          "--unit bpe has to be learnt first: run prepare --unit bpe on the text, and train on the"
              + " folder that it writes.");
    }
    Vocabulary before = growing == null ? null : growing.model().vocabularies().get(0);
    Tokenizer tokenizer =
        growing == null ? Tokenizer.of(data.unit()) : Tokenizer.of(data.unit(), before);
    TextCorpus input = side(spark, data, Split.TRAIN, tokenizer);
    TextCorpus valid = heldOutOrNull(spark, data, Split.VALID, data.valid(), tokenizer);
    TextCorpus test = heldOutOrNull(spark, data, Split.TEST, data.test(), tokenizer);
    Vocabulary vocabulary =
        growing == null
            ? vocabulary(data, input, valid, test)
            : grown(growing.growth().of(before), tokenizer, input, valid, test);
    return cut(data, input, valid, test, vocabulary, window);
  }

  /** Returns what is held out beside a prepared corpus: prepared alike, or text. */
  private static TokenCorpus besideOrNull(
      SparkSession spark, TrainRequest.Text data, String path, PreparedCorpus input) {
    if (path == null) {
      return null;
    }
    RowsInput beside = data.input().at(List.of(path));
    String unit = input.description().unit();
    return open(
        spark, beside, data.columns(), unit, input.vocabulary(), "that of --input", null, null);
  }

  /** Opens a text, or a corpus that was prepared in tokens of this vocabulary. */
  private static TokenCorpus open(
      SparkSession spark,
      RowsInput input,
      ColumnChoice columns,
      String unit,
      Vocabulary vocabulary,
      String whose,
      HoldOut held,
      Split split) {
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    PreparedCorpus prepared = preparedOrNull(input.paths(), conf);
    if (prepared == null) {
      return TextCorpus.open(spark, input, columns, Tokenizer.of(unit, vocabulary), held, split);
    }
    requireDocuments(held, prepared);
    prepared.requireSame(unit, vocabulary, whose);
    return new StreamCorpus(spark, prepared);
  }

  private static TextSplits cut(
      TrainRequest.Text data,
      TokenCorpus input,
      TokenCorpus valid,
      TokenCorpus test,
      Vocabulary vocabulary,
      int window) {
    long learnt = (long) Math.floor(input.tokens() * (1 - data.validFraction()));
    requireLonger("text to learn in " + String.join(", ", data.inputs()), learnt, window);
    Map<Split, TokenSource> sources = new EnumMap<>(Split.class);
    sources.put(Split.TRAIN, input.source(vocabulary, 0, learnt));
    if (data.validFraction() > 0) {
      String end = "end of the input to hold out (--valid-fraction)";
      sources.put(Split.VALID, scored(end, input, vocabulary, learnt));
    } else if (valid != null) {
      sources.put(Split.VALID, scored("text " + of(data, "--valid"), valid, vocabulary, 0));
    }
    if (test != null) {
      sources.put(Split.TEST, scored("text " + of(data, "--test"), test, vocabulary, 0));
    }
    // The sides of one input have its hash, which says nothing of how it is divided.
    String hash = data.held() == null ? hash(input, valid, test) : input.hash() + " " + data.held();
    return new TextSplits(data, sources, vocabulary, hash);
  }

  /** Says where a text that is held out comes from. */
  private static String of(TrainRequest.Text data, String option) {
    return data.held() == null
        ? "of " + option
        : "that --hold-out %s gives to %s".formatted(data.held(), option.substring(2));
  }

  private static TextCorpus side(
      SparkSession spark, TrainRequest.Text data, Split split, Tokenizer tokenizer) {
    return TextCorpus.open(spark, data.input(), data.columns(), tokenizer, data.held(), split);
  }

  private static TextCorpus heldOutOrNull(
      SparkSession spark, TrainRequest.Text data, Split split, String path, Tokenizer tokenizer) {
    if (data.held() != null && data.held().splits().contains(split)) {
      return side(spark, data, split, tokenizer);
    }
    return path == null
        ? null
        : TextCorpus.open(spark, data.input().at(List.of(path)), data.columns(), tokenizer);
  }

  private static void requireLonger(String what, long tokens, int window) {
    if (tokens <= window) {
      throw new TooLittleException(
          ("The %s has %s, but --window %s needs more than %s: give more text, or"
                  + " a smaller --window.")
              .formatted(what, Figures.count(tokens, "token"), window, window));
    }
  }

  /** Returns the tokens of a text from one on, to be scored. */
  private static TokenSource scored(
      String what, TokenCorpus corpus, Vocabulary vocabulary, long from) {
    long tokens = corpus.tokens() - from;
    if (tokens < 2) {
      throw new TooLittleException(
          "The %s has %s, but to score a prediction takes 2: give more text."
              .formatted(what, Figures.count(tokens, "token")));
    }
    return corpus.source(vocabulary, from, corpus.tokens());
  }

  /**
   * Characters get a symbol for unknown ones only where a held-out text has such, or where a rule
   * holds out for ever and the text may grow; words always have it.
   */
  private static Vocabulary vocabulary(
      TrainRequest.Text data, TextCorpus input, TextCorpus valid, TextCorpus test) {
    Vocabulary own = input.vocabulary(data.vocabularySize(), data.minCount(), false);
    boolean isWhole = data.held() == null && knowsAll(own, valid) && knowsAll(own, test);
    if (own.hasUnk() || isWhole) {
      return own;
    }
    return input.vocabulary(data.vocabularySize(), data.minCount(), true);
  }

  /** Returns a vocabulary that grows: byte pairs, of which all text is made, do not. */
  private static Vocabulary grown(
      VocabularyChoice.Grown choice,
      Tokenizer tokenizer,
      TextCorpus input,
      TextCorpus valid,
      TextCorpus test) {
    if (tokenizer instanceof BpeTokenizer) {
      return choice.before();
    }
    Vocabulary grown = input.vocabulary(choice);
    long unknown = grown.hasUnk() ? 0 : input.unknown(grown);
    if (grown.hasUnk() || unknown == 0 && knowsAll(grown, valid) && knowsAll(grown, test)) {
      return grown;
    }
    List<Vocabulary.Entry> entries = new ArrayList<>(grown.entries());
    entries.add(new Vocabulary.Entry(Vocabulary.UNK, unknown));
    return Vocabulary.of(entries);
  }

  private static boolean knowsAll(Vocabulary vocabulary, TextCorpus corpus) {
    return corpus == null || corpus.unknown(vocabulary) == 0;
  }

  private static String hash(TokenCorpus... corpora) {
    return Stream.of(corpora)
        .filter(Objects::nonNull)
        .map(TokenCorpus::hash)
        .collect(Collectors.joining(" "));
  }

  /** Returns how much text there is, in a sentence. */
  String describe() {
    String noun =
        switch (data.unit()) {
          case DEFAULT_UNIT -> "character";
          case "word" -> "word";
          default -> "token";
        };
    return Figures.count(tokens(Split.TRAIN), noun)
        + " to learn"
        + TrainingData.heldOut(sources, TokenSource::tokens)
        + ".";
  }

  /** Returns the tokens of a split, 0 if it is not there. */
  long tokens(Split split) {
    return sources.containsKey(split) ? sources.get(split).tokens() : 0;
  }

  /**
   * A text to be scored on.
   *
   * @param unknown how many of its tokens the model has no name for but that of unknown ones
   */
  record ToScore(TokenSource tokens, long unknown) {}

  /**
   * Returns the tokens of a text, or of a prepared corpus, that a model is to be scored on.
   *
   * @param columns name the column of text where the files are tables
   * @throws InputException if the text cannot be read, is too short or has tokens that the model
   *     cannot read
   */
  static ToScore toScore(
      SparkSession spark, TaskModel model, RowsInput input, ColumnChoice columns) {
    return toScore(spark, model, input, columns, null, null);
  }

  /**
   * Does the same with the documents of one side.
   *
   * @param held what divides the documents; null to score all
   * @param split the side that is scored
   * @throws InputException as the other method does, or if a prepared corpus has no documents
   */
  static ToScore toScore(
      SparkSession spark,
      TaskModel model,
      RowsInput input,
      ColumnChoice columns,
      HoldOut held,
      Split split) {
    Vocabulary vocabulary = model.saved().vocabularies().get(0);
    String unit = (String) model.saved().config().data().get("unit");
    TaskModel.Columns learnt = model.columns();
    RowsInput alike = input.like(learnt.input());
    ColumnChoice text = model.isTold(alike, columns) ? columns : columns.of(learnt.text());
    TokenCorpus corpus =
        open(spark, alike, text, unit, vocabulary, "that of the model", held, split);
    long count = corpus.tokens();
    if (count < 2) {
      throw new TooLittleException(
          "The text in %s has %s, but to score a prediction takes 2."
              .formatted(String.join(", ", input.paths()), Figures.count(count, "token")));
    }
    long unknown = vocabulary.hasUnk() ? corpus.unknown(vocabulary) : 0;
    return new ToScore(corpus.source(vocabulary, 0, count), unknown);
  }
}
