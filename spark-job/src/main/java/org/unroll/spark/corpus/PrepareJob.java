// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.corpus.CorpusDescription.Source;
import org.unroll.spark.corpus.ShardFolder.Written;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputListing;
import org.unroll.spark.rows.RowFormat;

/** A prepare job lists files, counts, chooses a vocabulary, encodes, and writes a corpus. */
public final class PrepareJob {
  private final JavaSparkContext spark;
  private final Configuration conf;
  private final PrepareRequest request;
  private final Terminal terminal;
  private final long chunkBytes;

  public PrepareJob(SparkSession session, PrepareRequest request, Terminal terminal) {
    this(session, request, terminal, TextCorpus.CHUNK_BYTES);
  }

  PrepareJob(SparkSession session, PrepareRequest request, Terminal terminal, long chunkBytes) {
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.conf = spark.hadoopConfiguration();
    this.request = request;
    this.terminal = terminal;
    this.chunkBytes = chunkBytes;
  }

  /**
   * Prepares the corpus.
   *
   * @throws InputException if the input cannot be used or the output is taken; nothing is changed
   *     then
   */
  public Result run() {
    long start = System.nanoTime();
    List<InputFile> files = InputListing.list(request.input().paths(), conf);
    RowFormat format = RowFormat.ofDocuments(request.input(), files);
    try (CorpusFolder folder = CorpusFolder.take(request.out(), conf, request.overwrite())) {
      PreparedCorpus before = folder.before();
      if (before != null) {
        requireSame(before, request, format, folder.show());
        files = newFiles(before, files);
        if (files.isEmpty()) {
          terminal.note("There is nothing to add: " + folder.show() + " has all these files.");
          return Result.since(start, before, 0, 0);
        }
      }
      DocumentReader reader =
          DocumentReader.of(
              request.input(),
              format,
              files,
              request.columns(),
              request.wholeFiles(),
              chunkBytes,
              conf);
      return prepare(folder, format, new InputChoice(files, reader), start);
    }
  }

  private Result prepare(CorpusFolder folder, RowFormat format, InputChoice input, long start) {
    PreparedCorpus before = folder.before();
    PreparedCorpus given = before;
    if (before == null && request.vocabulary() != null) {
      given = PreparedCorpus.open(request.vocabulary(), conf);
    }
    TokenizedText text =
        given == null
            ? TokenizedText.learn(spark, input, request, terminal::status)
            : TokenizedText.encode(
                spark, input, given.tokenizer(), given.vocabulary(), request, terminal::status);
    try {
      if (text.counts().tokens() == 0) {
        throw new InputException("There is no text in the input: all its documents are empty.");
      }
      terminal.status("encoding");
      List<Shard> shards = new ArrayList<>();
      if (before != null) {
        shards.addAll(before.shards());
      }
      ShardFolder work = new ShardFolder(folder.work(), input.reader().files());
      Written written =
          request.kind() == Kind.STREAM
              ? text.writeStream(work, shards.size(), tokens(shards))
              : text.writeDocuments(work, DocumentEncoding.Start.behind(before));
      shards.addAll(written.shards());
      CorpusStatistics added = text.statistics(written.unknown());
      CorpusDescription description = describe(before, format, input, text, added, shards);
      folder.publish(description, text.vocabulary());
      PreparedCorpus corpus = PreparedCorpus.open(request.out(), conf);
      return Result.since(start, corpus, input.listed().size(), added.bytes());
    } finally {
      text.close();
    }
  }

  private static long tokens(List<Shard> shards) {
    return shards.stream().mapToLong(Shard::tokens).sum();
  }

  private CorpusDescription describe(
      PreparedCorpus before,
      RowFormat format,
      InputChoice input,
      TokenizedText text,
      CorpusStatistics added,
      List<Shard> shards) {
    List<Source> sources = new ArrayList<>();
    CorpusStatistics statistics = added;
    if (before != null) {
      sources.addAll(before.description().sources());
      statistics = before.description().statistics().plus(added);
    }
    sources.addAll(input.sources(text.counts().chunks()));
    Tokenizer tokenizer = text.tokenizer();
    return new CorpusDescription(
        request.kind(),
        tokenizer.name(),
        tokenizer.options(),
        before != null ? before.description().options() : request.options(format),
        statistics,
        ContentHash.ofCorpus(sources, text.vocabulary(), tokenizer, request.kind()),
        sources,
        shards);
  }

  /**
   * Checks that a corpus was prepared in the way that is asked for now.
   *
   * @throws InputException if not, naming an option and both its values
   */
  private static void requireSame(
      PreparedCorpus before, PrepareRequest request, RowFormat format, String folder) {
    require(
        folder,
        "kind",
        before.kind().name().toLowerCase(Locale.ROOT),
        request.kind().name().toLowerCase(Locale.ROOT));
    if (request.vocabulary() == null) {
      require(folder, "unit", before.description().unit(), request.unit());
    }
    Map<String, Object> now = request.options(format);
    Map<String, Object> then = before.description().options();
    now.forEach((option, value) -> require(folder, option, then.get(option), value));
    then.forEach(
        (option, value) -> {
          // Corpora of older versions tell whether quoted values could hold newlines.
          if (!option.equals("multiline")) {
            require(folder, option, value, now.get(option));
          }
        });
  }

  private static void require(String folder, String option, Object then, Object now) {
    String before = Objects.toString(then, "none");
    String asked = Objects.toString(now, "none");
    if (!before.equals(asked)) {
      throw new InputException(
          "The corpus in "
              + folder
              + " was prepared with "
              + option.replace('_', '-')
              + " "
              + before
              + ", but "
              + asked
              + " is asked for. Nothing was changed. Give the same options to add files,"
              + " --overwrite to prepare all text again, or another folder.");
    }
  }

  /**
   * Returns the files that the corpus has not.
   *
   * @throws InputException if one that it has was changed since
   */
  private static List<InputFile> newFiles(PreparedCorpus before, List<InputFile> files) {
    Map<String, Source> known = new HashMap<>();
    before.description().sources().forEach(source -> known.put(source.path(), source));
    List<InputFile> added = new ArrayList<>();
    for (InputFile file : files) {
      Source source = known.get(file.path());
      if (source == null) {
        added.add(file);
      } else if (source.bytes() != file.bytes() || source.modified() != file.modified()) {
        throw new InputException(
            "The input file "
                + file.path().replaceFirst("^file:", "")
                + " was changed since it was prepared. Nothing was changed in the corpus. Prepare"
                + " all text again with --overwrite.");
      }
    }
    return added;
  }

  /** Returns the classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      TextPlan.class,
      TokenIds.class,
      TopTokens.class,
      StreamEncoding.Run.class,
      Written.class,
      Written[].class,
      DocumentLayout.class
    };
  }

  /**
   * A result is what a run made.
   *
   * @param corpus as it is now
   * @param addedFiles files that this run read
   * @param addedBytes text that this run read, unpacked
   * @param seconds that it took
   */
  public record Result(PreparedCorpus corpus, int addedFiles, long addedBytes, double seconds) {
    private static final double NANOS = 1e9;

    private static Result since(long startNanos, PreparedCorpus corpus, int files, long bytes) {
      return new Result(corpus, files, bytes, (System.nanoTime() - startNanos) / NANOS);
    }

    /** Returns its figures by their names in JSON. */
    public Map<String, Object> figures() {
      Map<String, Object> figures = new LinkedHashMap<>(corpus.description().statistics().fields());
      figures.put("vocabulary", corpus.vocabulary().size());
      figures.put("shards", corpus.shards().size());
      figures.put("files", corpus.description().sources().size());
      figures.put("added_files", addedFiles);
      figures.put("added_bytes", addedBytes);
      figures.put("seconds", seconds);
      figures.put("bytes_per_second", addedBytes / seconds);
      return figures;
    }
  }
}
