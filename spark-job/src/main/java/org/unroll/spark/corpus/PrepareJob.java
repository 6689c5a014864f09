// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.corpus.CorpusDescription.Source;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputFormat;
import org.unroll.spark.rows.InputListing;

/** Prepares a corpus: lists files, counts, chooses a vocabulary, encodes, writes. */
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
   * Does it.
   *
   * @throws InputException if the input cannot be used or the output is taken; nothing is changed
   *     then
   */
  public PrepareResult run() {
    long start = System.nanoTime();
    List<InputFile> files = InputListing.list(request.inputs(), conf);
    InputFormat format = InputChoice.format(request, files);
    try (CorpusFolder folder = CorpusFolder.take(request.out(), conf, request.overwrite())) {
      PreparedCorpus before = folder.before();
      if (before != null) {
        Additions.requireSame(before, request, format, folder.show());
        files = Additions.newFiles(before, files);
        if (files.isEmpty()) {
          terminal.note("There is nothing to add: " + folder.show() + " has all these files.");
          return new PrepareResult(before, 0, 0, start);
        }
      }
      return prepare(folder, new InputChoice(request, format, files, chunkBytes, conf), start);
    }
  }

  private PrepareResult prepare(CorpusFolder folder, InputChoice input, long start) {
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
      EncodeJob job = text.encodeJob(new CorpusShardFolder(folder.work(), input.files()));
      EncodeJob.Written written =
          request.kind() == Kind.STREAM
              ? job.writeStream(text.counts().chunks(), shards.size(), tokens(shards))
              : job.writeDocuments(text.counts().chunks(), shards.size(), tokens(shards));
      shards.addAll(written.shards());
      CorpusStatistics added = text.statistics(written.unknown());
      CorpusDescription description = describe(before, input, text, added, shards);
      folder.publish(description, text.vocabulary());
      PreparedCorpus corpus = PreparedCorpus.open(request.out(), conf);
      return new PrepareResult(corpus, input.listed().size(), added.bytes(), start);
    } finally {
      text.close();
    }
  }

  private static long tokens(List<Shard> shards) {
    return shards.stream().mapToLong(Shard::tokens).sum();
  }

  private CorpusDescription describe(
      PreparedCorpus before,
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
        before != null ? before.description().options() : request.options(input.format()),
        statistics,
        CorpusHash.of(sources, text.vocabulary(), tokenizer, request.kind()),
        sources,
        shards);
  }

  /** Classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      TextPlan.class,
      TokenIds.class,
      TopTokens.class,
      StreamRun.class,
      ShardResult.class,
      ShardResult[].class,
      DocumentLayout.class
    };
  }
}
