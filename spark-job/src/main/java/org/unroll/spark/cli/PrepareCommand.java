// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.corpus.BytePairs;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusStatistics;
import org.unroll.spark.corpus.LengthHistogram;
import org.unroll.spark.corpus.PrepareJob;
import org.unroll.spark.corpus.PrepareRequest;
import org.unroll.spark.corpus.PreparedCorpus;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prepares a corpus. */
@Command(
    name = "prepare",
    description = {
      "Makes a corpus of files on Spark, once for many trainings: a vocabulary, tokens as numbers"
          + " in Parquet files, and statistics.",
      "Run again with more files, it adds those that the corpus has not."
    })
final class PrepareCommand extends BaseCommand {
  /** The size of a vocabulary of byte pairs without --vocab-size. */
  @Option(
      names = "--input",
      paramLabel = "PATH",
      description =
          "Text or a table: a file, directory or glob on any Hadoop file system, .gz, .bz2 and .zst"
              + " too; repeatable. Files are taken in the order of their paths.")
  List<String> input = new ArrayList<>();

  @Mixin DataOptions.Targets targets;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the corpus, on any Hadoop file system.")
  String out;

  @Option(
      names = "--overwrite",
      description = "Replace the corpus that is in the folder (default: add to it).")
  boolean overwrite;

  @Mixin RowOptions rowOptions;

  @Option(names = "--whole-files", description = "Of text: a file is one row (default: a line is).")
  boolean wholeFiles;

  @Mixin UnitOptions units;

  @Option(
      names = "--vocab-size",
      paramLabel = "TOKENS",
      description =
          "Keep the most frequent ones, <unk> and <eos> among them; 0 for all"
              + " (default: 0, for bpe 8000).")
  @Range
  Integer vocabularySize;

  @Option(
      names = "--min-count",
      paramLabel = "TIMES",
      description = "Leave out tokens seen less often.")
  @Range(min = 1)
  long minCount = 1;

  @Option(
      names = "--vocabulary",
      paramLabel = "DIR",
      description =
          "Another prepared corpus, whose --unit and vocabulary are used: for validation and test"
              + " text (default: learnt from the input).")
  String vocabulary;

  @Option(
      names = "--kind",
      description =
          "stream (one run of tokens, for language models) or documents (rows, whole and in their"
              + " order, for all other tasks).")
  Kind kind = Kind.STREAM;

  @Option(
      names = "--joint",
      description =
          "Of --unit bpe and documents: byte pairs are learnt of the text and of what is to be"
              + " written together, as train --joint does (default: of each by itself).")
  @OptionRule(
      needs = "--kind=documents",
      notWith = "--vocabulary",
      why = "both say which byte pairs there are")
  boolean joint;

  @Override
  Map<String, Object> run() {
    PrepareRequest request = request();
    try (SparkRuntime spark = startSpark()) {
      if (vocabulary != null && units.isSaid()) {
        requireUnit(spark.session().sparkContext().hadoopConfiguration(), request.unit());
      }
      PrepareJob.Result prepared = new PrepareJob(spark.session(), request, terminal()).run();
      result(table(prepared));
      return prepared.figures();
    }
  }

  /** Refuses other tokens than those that the given vocabulary is of. */
  private void requireUnit(Configuration conf, String unit) {
    PreparedCorpus given = PreparedCorpus.open(vocabulary, conf);
    String then = given.description().unit().replace("+lowercase", " --lowercase");
    given.requireSame("--unit", unit.replace("+lowercase", " --lowercase"), then, then);
  }

  private PrepareRequest request() {
    OptionRules.require(input, "--input is missing: name the text, as in --input books/*.txt.");
    OptionRules.require(out, "--out is missing: name a folder for the corpus.");
    boolean stream = kind == Kind.STREAM;
    boolean bpe = units.unit() == UnitOptions.Unit.BPE;
    int size = vocabularySize == null ? (bpe ? BytePairs.USUAL : 0) : vocabularySize;
    int least = bpe && !stream ? BytePairs.LEAST : units.leastVocabulary();
    if (size < least && (bpe || size > 0)) {
      throw new InputException(
          "--vocab-size %s is too small for --unit %s: give at least %s%s"
              .formatted(
                  size, Converters.name(units.unit()), least, bpe ? "." : ", or 0 for all."));
    }
    if (stream && (rowOptions.text.size() > 1 || !rowOptions.features.isEmpty())) {
      throw new InputException(
          "A stream has one column of text and no features: name it with --text, and leave"
              + " --features out, or keep rows whole with --kind documents.");
    }
    return new PrepareRequest(
        rowOptions.input(input).at(input, targets.files),
        rowOptions.choice(),
        wholeFiles,
        out,
        overwrite,
        stream ? units.tokenizer() : units.ofRows(),
        size,
        minCount,
        vocabulary,
        kind,
        joint);
  }

  private static String table(PrepareJob.Result prepared) {
    CorpusStatistics text = prepared.corpus().description().statistics();
    String documents = Figures.count(text.documents());
    String duplicates = Figures.count(text.duplicates()) + " of them the same as another";
    String vocabulary = Figures.count(prepared.corpus().vocabulary().size());
    String unknown = Figures.percent(text.oovRate()) + " of the tokens not in it";
    Map<String, Object> rows =
        Json.fields(
            "documents", documents + ", " + duplicates,
            "tokens",
                Figures.count(text.tokens()) + " in " + Figures.bytes(text.bytes()) + " of text",
            "types", Figures.count(text.types()),
            "vocabulary", vocabulary + ", " + unknown,
            "lengths", lengths(text.lengths()));
    if (text.invalidBytes() + text.emptyRows() > 0) {
      rows.put(
          "replaced",
          "%s that were no UTF-8, %s without text"
              .formatted(
                  Figures.count(text.invalidBytes(), "byte"),
                  Figures.count(text.emptyRows(), "row")));
    }
    if (text.badRows() > 0) {
      rows.put("left out", Figures.count(text.badRows(), "row") + " that could not be used");
    }
    rows.put("shards", Figures.count(prepared.corpus().shards().size()));
    rows.put(
        "speed",
        "%s/s, %s in all"
            .formatted(
                Figures.bytes((long) (prepared.addedBytes() / prepared.seconds())),
                Figures.duration(prepared.seconds())));
    return ResultTable.text(rows);
  }

  private static String lengths(LengthHistogram lengths) {
    return "half of the documents up to %s, 95 %% up to %s, the longest up to %s"
        .formatted(
            Figures.count(lengths.quantile(0.5), "token"),
            Figures.count(lengths.quantile(0.95)),
            Figures.count(lengths.quantile(1)));
  }
}
