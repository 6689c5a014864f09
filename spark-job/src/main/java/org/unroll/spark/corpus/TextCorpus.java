// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputListing;

/**
 * Text files on any Hadoop file system as one sequence of tokens: the files in the order of their
 * paths, one behind the other, with nothing between them. The text stays where it is: executors
 * read, check, count and encode it, chunk by chunk. The driver holds a few numbers for every chunk,
 * and the tokens of the vocabulary.
 */
public final class TextCorpus implements TokenCorpus {
  /** Bytes of a plain file that are read in one go. */
  public static final long CHUNK_BYTES = 32L << 20;

  private final JavaSparkContext spark;
  private final Broadcast<CorpusReader> reader;
  private final ChunkTable table;
  private final Tokenizer tokenizer;
  private final CorpusCounts counts;

  /** Training and validation data share theirs. */
  private Broadcast<Encoding> lastEncoding;

  private TextCorpus(
      JavaSparkContext spark,
      Broadcast<CorpusReader> reader,
      ChunkTable table,
      Tokenizer tokenizer,
      CorpusCounts counts) {
    this.spark = spark;
    this.reader = reader;
    this.table = table;
    this.tokenizer = tokenizer;
    this.counts = counts;
  }

  /**
   * Lists the files, and checks and counts their text in a Spark job. Files are plain or compressed
   * (.gz, .bz2, .zst and whatever else Hadoop has a codec for), in UTF-8. Folders are taken with
   * all they contain, except names that begin with {@code _} or {@code .}.
   *
   * @param inputs files, folders and patterns
   * @throws org.unroll.rnn.io.InputException if one cannot be found, read, unpacked or decoded, or
   *     if there is no text
   */
  public static TextCorpus open(SparkSession session, List<String> inputs, Tokenizer tokenizer) {
    return open(session, inputs, tokenizer, CHUNK_BYTES);
  }

  static TextCorpus open(
      SparkSession session, List<String> inputs, Tokenizer tokenizer, long chunkBytes) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    List<InputFile> files = InputListing.list(inputs, spark.hadoopConfiguration());
    ChunkTable table = new ChunkTable(files, chunkBytes);
    Broadcast<CorpusReader> reader =
        spark.broadcast(new CorpusReader(table, tokenizer, spark.hadoopConfiguration()));
    List<TaskResult> results =
        ChunkRanges.of(spark, table)
            .map(range -> ChunkCounts.all(reader.value(), range[0], range[1]))
            .collect();
    CorpusCounts counts = CorpusCounts.of(files, table, results);
    return new TextCorpus(spark, reader, table, tokenizer, counts);
  }

  @Override
  public long tokens() {
    return counts.tokens();
  }

  /** Bytes of text, unpacked. */
  public long bytes() {
    return counts.bytes();
  }

  public int files() {
    return table.files();
  }

  /**
   * A number in hexadecimal that is different for other files, names or text, but not for another
   * place.
   */
  @Override
  public String hash() {
    return counts.hash();
  }

  /**
   * Counts the tokens in a Spark job and chooses those of a vocabulary, as {@link Vocabulary#build}
   * does.
   *
   * @param maxSize the most entries in all, 0 for no limit; no more than these come to the driver
   * @param minCount tokens that occur less often are left out
   * @param forceUnk whether characters get {@link Vocabulary#UNK} in any case
   * @throws org.unroll.rnn.io.InputException if nothing is left
   */
  public Vocabulary vocabulary(int maxSize, long minCount, boolean forceUnk) {
    Broadcast<CorpusReader> shared = reader;
    JavaPairRDD<String, Long> parts =
        ChunkRanges.of(spark, table)
            .flatMapToPair(range -> new TokenCounts(shared.value(), range[0], range[1]));
    return new VocabularyChoice(tokenizer.name(), maxSize, minCount, forceUnk)
        .from(parts.reduceByKey(Long::sum), tokens());
  }

  /** The number of tokens that a vocabulary does not have, counted by a Spark job. */
  public long unknown(Vocabulary vocabulary) {
    Broadcast<CorpusReader> shared = reader;
    Broadcast<Encoding> encoding = encoding(vocabulary);
    List<TaskResult> results =
        ChunkRanges.of(spark, table)
            .map(
                r -> ChunkCounts.unknown(shared.value(), encoding.value().vocabulary(), r[0], r[1]))
            .collect();
    TaskResult.requireNoProblem(results);
    return results.stream().flatMapToLong(result -> Arrays.stream(result.counts())).sum();
  }

  /** All tokens; see {@link #source(Vocabulary, long, long)}. */
  public TokenSource source(Vocabulary vocabulary) {
    return source(vocabulary, 0, tokens());
  }

  /**
   * The tokens {@code [from, to)}. They are encoded where they are read; only the chunks that hold
   * them are.
   *
   * @param vocabulary must have an id for each of them, or {@link Vocabulary#UNK}: see {@link
   *     #unknown}
   */
  @Override
  public TokenSource source(Vocabulary vocabulary, long from, long to) {
    TokenRange.requireWithin(this, from, to);
    return new CorpusSource(reader, encoding(vocabulary), from, to);
  }

  private Broadcast<Encoding> encoding(Vocabulary vocabulary) {
    if (lastEncoding == null || lastEncoding.value().vocabulary() != vocabulary) {
      lastEncoding = spark.broadcast(new Encoding(vocabulary, counts.firstToken()));
    }
    return lastEncoding;
  }

  /** Classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      CorpusReader.class, CorpusSource.class, Encoding.class, TaskResult.class, TaskResult[].class
    };
  }
}
