// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
import scala.Function1;

/**
 * The params of all estimators and models, each with its name, its meaning, its values, and the
 * option of {@code train} that says the same. Names are those of MLlib where it has them.
 */
enum Declaration {
  INPUT_COL(
      Kind.TEXT,
      "inputCol",
      null,
      "input column name: strings, which are cut into tokens; arrays of strings, which are tokens;"
          + " vectors or arrays of numbers, which are a series; or arrays of vectors, one a step"),
  LABEL_COL(Kind.TEXT, "labelCol", null, "label column name"),
  PREDICTION_COL(Kind.TEXT, "predictionCol", null, "prediction column name", "prediction"),
  PROBABILITY_COL(
      Kind.TEXT,
      "probabilityCol",
      null,
      "column name for the probabilities of the classes; empty for no such column",
      "probability"),
  RAW_PREDICTION_COL(
      Kind.TEXT,
      "rawPredictionCol",
      null,
      "raw prediction (logarithms of the probabilities) column name; empty for no such column",
      "rawPrediction"),
  OUTPUT_COL(Kind.TEXT, "outputCol", null, "output column name", "features"),
  HANDLE_INVALID(
      Kind.TEXT,
      "handleInvalid",
      null,
      "what becomes of rows that cannot be used, such as those without a value: error (the job"
          + " fails and says which) or skip (they are left out)",
      "error",
      "error",
      "skip"),
  LABELS(
      Kind.TEXTS,
      "labels",
      null,
      "names of the classes, in the order of the indices that predictions are"),
  MAX_ITER(
      Kind.INT, "maxIter", "--epochs", "maximum number of passes over the training data", 10, 1),
  SEED(Kind.LONG, "seed", "--seed", "random seed", 1L),
  STEP_SIZE(
      Kind.DOUBLE,
      "stepSize",
      "--lr",
      "learning rate (> 0); unset, the usual one of the solver",
      null,
      Double.MIN_VALUE),
  SOLVER(
      Kind.TEXT,
      "solver",
      "--optimizer",
      "the rule of updates",
      "adam",
      "sgd",
      "momentum",
      "rmsprop",
      "adagrad",
      "adam",
      "adamw"),
  BATCH_SIZE(Kind.INT, "batchSize", "--batch", "rows or streams that are read side by side", 50, 1),
  WINDOW_SIZE(
      Kind.INT,
      "windowSize",
      "--window",
      "tokens of each stream in a round: how far back gradients reach",
      50,
      1),
  CELL_TYPE(Kind.TEXT, "cellType", "--cell", "the recurrent cell", "lstm", "rnn", "lstm", "gru"),
  HIDDEN_SIZE(Kind.INT, "hiddenSize", "--hidden", "width of each recurrent layer", 128, 1),
  NUM_LAYERS(Kind.INT, "numLayers", "--layers", "recurrent layers on top of each other", 2, 1),
  EMBEDDING_SIZE(
      Kind.INT,
      "embeddingSize",
      "--embedding",
      "width of a token's vector; unset, that of the layers",
      null,
      1),
  BIDIRECTIONAL(
      Kind.FLAG,
      "bidirectional",
      "--bidirectional",
      "whether sequences are read from both ends, each with hiddenSize units",
      false),
  POOLING(
      Kind.TEXT,
      "pooling",
      "--pooling",
      "how a sequence's vector is made of its steps",
      "last",
      "last",
      "mean",
      "max",
      "attention"),
  DROPOUT(
      Kind.DOUBLE,
      "dropout",
      "--dropout",
      "probability of zeroing an element on connections that are not recurrent, in training",
      0.0,
      0.0),
  TOKENIZER(
      Kind.TEXT,
      "tokenizer",
      "--unit",
      "how strings are cut: char, word, wordpunct, or bpe of a translator and a language model;"
          + " unset, what the command train takes for the task"),
  LOWERCASE(Kind.FLAG, "lowercase", "--lowercase", "whether capitals become small letters", false),
  MIN_COUNT(
      Kind.INT, "minCount", "--min-count", "least occurrences of a token of the vocabulary", 1, 1),
  VOCAB_SIZE(
      Kind.INT, "vocabSize", "--vocab-size", "most tokens of the vocabulary; 0 for all", 0, 0),
  MAX_LENGTH(
      Kind.INT,
      "maxLength",
      "--max-length",
      "longer sequences are read from there to their end; 0 for no limit",
      0,
      0),
  HEAD(
      Kind.TEXT,
      "head",
      "--head",
      "softmax (label by label) or crf (all labels of a sequence together)",
      "softmax",
      "softmax",
      "crf"),
  HORIZON(
      Kind.INT,
      "horizon",
      "--horizon",
      "how many next steps of the series are forecast, where there is no label column",
      1,
      1),
  CONTEXT_LENGTH(
      Kind.INT,
      "contextLength",
      "--context",
      "how many steps before those are read; 0 for all",
      0,
      0),
  BEAM_SIZE(
      Kind.INT,
      "beamSize",
      "--beam",
      "beginnings of an answer that are followed side by side",
      1,
      1),
  MAX_OUTPUT_LENGTH(
      Kind.INT,
      "maxOutputLength",
      "--max-answer",
      "tokens after which an answer ends at the latest",
      org.unroll.rnn.network.Search.LONGEST,
      1),
  LENGTH_PENALTY(
      Kind.DOUBLE,
      "lengthPenalty",
      "--length-penalty",
      "power of the length that scores are divided by; 0 not to prefer long answers",
      0.0,
      0.0),
  STATE_POOLING(
      Kind.TEXT,
      "statePooling",
      null,
      "what of the hidden states is told: the last one, the mean of all, or one a step (steps)",
      "last",
      "last",
      "mean",
      "steps"),
  VALIDATION_FRACTION(
      Kind.DOUBLE,
      "validationFraction",
      "--valid-fraction",
      "share of the rows that is held out to choose the best pass, in [0, 1)",
      0.0,
      0.0),
  VALIDATION_INDICATOR_COL(
      Kind.TEXT,
      "validationIndicatorCol",
      null,
      "name of the column that says whether a row is held out (true) to choose the best pass"),
  PATIENCE(
      Kind.INT,
      "patience",
      "--patience",
      "passes without a better validation before the training stops; 0 to go on to the end",
      0,
      0),
  NUM_SHARDS(
      Kind.INT,
      "numShards",
      "--shards",
      "fixed slices of the data, on which the result depends: the most tasks that can share the"
          + " work",
      2,
      1),
  NUM_WORKERS(
      Kind.INT,
      "numWorkers",
      "--workers",
      "Spark tasks that hold the shards, on which the result does not depend; unset, one for each"
          + " shard as far as there are slots",
      null,
      1),
  OPTIONS(
      Kind.TEXTS,
      "options",
      null,
      "further options of the command train, as they are typed: --optimizer, adamw, @my.args;"
          + " they win over params"),
  WORK_DIR(
      Kind.TEXT,
      "workDir",
      null,
      "folder that all machines share for what a training writes on the way; it is left as it was"
          + " (unset, the temporary folder of the default file system)"),
  VERBOSE(
      Kind.FLAG,
      "verbose",
      null,
      "whether the course of a training is told on standard error",
      false);

  /** The types of values, all of them plain so that they cross Spark Connect. */
  enum Kind {
    TEXT,
    TEXTS,
    INT,
    LONG,
    DOUBLE,
    FLAG
  }

  private final Kind kind;
  private final String param;
  private final String option;
  private final String doc;
  private final Object usual;
  private final List<String> values;
  private final double least;

  Declaration(Kind kind, String param, String option, String doc) {
    this(kind, param, option, doc, null, List.of(), Double.NEGATIVE_INFINITY);
  }

  Declaration(Kind kind, String param, String option, String doc, Object usual, String... values) {
    this(kind, param, option, doc, usual, List.of(values), Double.NEGATIVE_INFINITY);
  }

  Declaration(Kind kind, String param, String option, String doc, Object usual, double least) {
    this(kind, param, option, doc, usual, List.of(), least);
  }

  Declaration(
      Kind kind,
      String param,
      String option,
      String doc,
      Object usual,
      List<String> values,
      double least) {
    this.kind = kind;
    this.param = param;
    this.option = option;
    this.usual = usual;
    this.values = values;
    this.least = least;
    this.doc = values.isEmpty() ? doc : doc + ": " + String.join(", ", values);
  }

  /** The params of every training. */
  private static final Set<Declaration> TRAINING =
      EnumSet.of(
          MAX_ITER,
          SEED,
          STEP_SIZE,
          SOLVER,
          BATCH_SIZE,
          CELL_TYPE,
          HIDDEN_SIZE,
          NUM_LAYERS,
          EMBEDDING_SIZE,
          DROPOUT,
          TOKENIZER,
          LOWERCASE,
          MIN_COUNT,
          VOCAB_SIZE,
          VALIDATION_FRACTION,
          PATIENCE,
          NUM_SHARDS,
          NUM_WORKERS,
          OPTIONS,
          WORK_DIR,
          VERBOSE);

  /** Returns the params of a training, with those of its columns and its own. */
  static Set<Declaration> training(Set<Declaration> columns, Declaration... own) {
    Set<Declaration> all = EnumSet.copyOf(TRAINING);
    all.addAll(columns);
    all.addAll(List.of(own));
    return all;
  }

  /**
   * Returns the params of a training of rows with labels, with those of its columns and its own.
   */
  static Set<Declaration> labelled(Set<Declaration> columns, Declaration... own) {
    Set<Declaration> all = training(columns, own);
    all.addAll(List.of(LABEL_COL, VALIDATION_INDICATOR_COL, BIDIRECTIONAL));
    return all;
  }

  /** Returns the name of the param. */
  String param() {
    return param;
  }

  /** Returns the option of {@code train} that says the same, or null if none does. */
  String option() {
    return option;
  }

  /** Returns the value where nobody says another; null for none. */
  Object usual() {
    return usual;
  }

  /** Returns whether it is on or off, and as an option has no value. */
  boolean isFlag() {
    return kind == Kind.FLAG;
  }

  /** Returns the param of an owner whose uid is set already. */
  Param<?> of(Params owner) {
    Function1<Object, Object> number =
        least == Double.MIN_VALUE ? ParamValidators.gt(0) : ParamValidators.gtEq(least);
    return switch (kind) {
      case INT -> new IntParam(owner, param, doc, number);
      case LONG -> new LongParam(owner, param, doc);
      case DOUBLE -> new DoubleParam(owner, param, doc, number);
      case FLAG -> new BooleanParam(owner, param, doc);
      case TEXTS -> new StringArrayParam(owner, param, doc);
      // With its class, by which Spark Connect knows what may be set.
      case TEXT ->
          values.isEmpty()
              ? new Param<>(owner.uid(), param, doc, String.class)
              : new Param<>(
                  owner.uid(),
                  param,
                  doc,
                  ParamValidators.inArray(values.toArray(String[]::new)),
                  String.class);
    };
  }
}
