// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputListing;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.store.HadoopFiles;

/**
 * Text files on any Hadoop file system as one sequence of tokens: the files in the order of their
 * paths, one behind the other, with nothing between them. Executors read, check and cut the text
 * into tokens once, chunk by chunk, and keep what they found on their disks; vocabularies, counts
 * and ids are made of that. The driver holds a few numbers for every chunk, and the tokens of the
 * vocabulary.
 */
public final class TextCorpus implements TokenCorpus {
  /** Bytes of a plain file that are read in one go. */
  public static final long CHUNK_BYTES = 32L << 20;

  private final JavaSparkContext spark;
  private final Broadcast<TextPlan> plan;
  private final JavaRDD<TokenBlocks.Block> kept;
  private final ChunkCounts.Results results;
  private final Broadcast<TokenBlocks> blocks;
  private final long bytes;
  private final String hash;

  /** The vocabulary that was used last: training and validation data share theirs. */
  private Vocabulary lastVocabulary;

  private Broadcast<TokenIds> lastIds;

  private TextCorpus(JavaSparkContext spark, TextPlan text, List<InputFile> files) {
    this.spark = spark;
    this.plan = spark.broadcast(text);
    this.results = ChunkCounts.Results.register(spark);
    Broadcast<TextPlan> shared = plan;
    ChunkCounts.Results counted = results;
    this.kept =
        text.ranges(spark)
            .flatMap(range -> new TokenBlocks.Task(shared.value(), counted, range[0], range[1]));
    kept.persist(StorageLevel.DISK_ONLY());
    kept.count();
    List<ChunkCounts> chunks = results.inOrder(text.table().chunks());
    long[] firstToken = new long[chunks.size() + 1];
    for (int c = 0; c < chunks.size(); c++) {
      firstToken[c + 1] = firstToken[c] + chunks.get(c).tokens();
    }
    requireText(files, firstToken[chunks.size()]);
    this.blocks =
        spark.broadcast(new TokenBlocks(text, kept.id(), text.table().tasks(), firstToken));
    this.bytes = chunks.stream().mapToLong(ChunkCounts::bytes).sum();
    this.hash = ContentHash.ofText(files, text.table(), chunks);
  }

  private static void requireText(List<InputFile> files, long tokens) {
    if (tokens == 0) {
      throw new InputException(
          "There is no text in the input: "
              + HadoopFiles.show(new Path(files.get(0).path()))
              + (files.size() > 1 ? " and the other " + (files.size() - 1) + " files have" : " has")
              + " nothing to learn from.");
    }
  }

  /**
   * Lists the files, and checks and cuts their text in a Spark job. Files are plain or compressed
   * (.gz, .bz2, .zst and whatever else Hadoop has a codec for), in UTF-8. Folders are taken with
   * all they contain, except names that begin with {@code _} or {@code .}.
   *
   * @param inputs files, folders and patterns
   * @throws InputException if one cannot be found, read, unpacked or decoded, or if there is no
   *     text
   */
  public static TextCorpus open(SparkSession session, List<String> inputs, Tokenizer tokenizer) {
    return open(session, inputs, tokenizer, CHUNK_BYTES);
  }

  static TextCorpus open(
      SparkSession session, List<String> inputs, Tokenizer tokenizer, long chunkBytes) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    List<InputFile> files = InputListing.list(inputs, spark.hadoopConfiguration());
    DocumentReader lines =
        DocumentReader.ofText(
            RowsInput.of(inputs), files, false, chunkBytes, spark.hadoopConfiguration());
    return new TextCorpus(spark, new TextPlan(lines, tokenizer, Kind.STREAM), files);
  }

  @Override
  public long tokens() {
    long[] first = blocks.value().firstToken();
    return first[first.length - 1];
  }

  /** Returns the bytes of text, unpacked. */
  public long bytes() {
    return bytes;
  }

  /** Returns the number of files. */
  public int files() {
    return plan.value().table().files();
  }

  /**
   * Returns a number in hexadecimal that is different for other files, names or text, but not for
   * another place.
   */
  @Override
  public String hash() {
    return hash;
  }

  /**
   * Counts the tokens in a Spark job and chooses those of a vocabulary, as {@link Vocabulary#build}
   * does.
   *
   * @param maxSize the most entries in all, 0 for no limit; no more than these come to the driver
   * @param minCount tokens that occur less often are left out
   * @param forceUnk whether characters get {@link Vocabulary#UNK} in any case
   * @throws InputException if nothing is left
   */
  public Vocabulary vocabulary(int maxSize, long minCount, boolean forceUnk) {
    Tokenizer tokenizer = plan.value().tokenizer();
    VocabularyChoice choice = new VocabularyChoice(tokenizer.name(), maxSize, minCount, forceUnk);
    int partitions = CountJob.partitions(spark, plan.value().table());
    Broadcast<TextPlan> shared = plan;
    JavaPairRDD<Integer, byte[]> counts =
        kept.mapPartitionsToPair(
            own -> TokenBlocks.counts(own, shared.value().tokenizer(), partitions));
    int most = maxSize == 0 ? Integer.MAX_VALUE : maxSize;
    TopTokens top = CountBlocks.top(counts, partitions, most, minCount);
    results.requireNoProblem();
    return choice.among(top.toMap(), tokens());
  }

  /** Returns the number of tokens that a vocabulary does not have, counted by a Spark job. */
  public long unknown(Vocabulary vocabulary) {
    Broadcast<TokenIds> ids = ids(vocabulary);
    long unknown = kept.aggregate(0L, (sum, block) -> sum + block.unknown(ids.value()), Long::sum);
    results.requireNoProblem();
    return unknown;
  }

  /** Returns all tokens; see {@link #source(Vocabulary, long, long)}. */
  public TokenSource source(Vocabulary vocabulary) {
    return source(vocabulary, 0, tokens());
  }

  /**
   * Returns the tokens {@code [from, to)}. They get their ids where they are read.
   *
   * @param vocabulary must have an id for each of them, or {@link Vocabulary#UNK}: see {@link
   *     #unknown}; of byte pairs it is that of the tokenizer
   */
  @Override
  public TokenSource source(Vocabulary vocabulary, long from, long to) {
    TokenSource.requireWithin(from, to, tokens(), "the corpus");
    return new Source(kept, blocks, ids(vocabulary), from, to);
  }

  private Broadcast<TokenIds> ids(Vocabulary vocabulary) {
    if (lastVocabulary != vocabulary) {
      lastIds = spark.broadcast(new TokenIds(plan.value().tokenizer(), vocabulary));
      lastVocabulary = vocabulary;
    }
    return lastIds;
  }

  /** Returns the classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {TokenBlocks.class, TokenBlocks.Block.class, TokenBlocks.Block[].class};
  }

  /** A run of the corpus' tokens. Blocks and vocabulary are broadcast, so that this stays small. */
  private static final class Source implements TokenSource {
    private static final long serialVersionUID = 1L;

    /** Spark forgets what it keeps when nobody on the driver refers to it any more. */
    @SuppressWarnings("unused")
    private final transient JavaRDD<TokenBlocks.Block> kept;

    private final Broadcast<TokenBlocks> blocks;
    private final Broadcast<TokenIds> ids;
    private final long first;
    private final long end;

    Source(
        JavaRDD<TokenBlocks.Block> kept,
        Broadcast<TokenBlocks> blocks,
        Broadcast<TokenIds> ids,
        long first,
        long end) {
      this.kept = kept;
      this.blocks = blocks;
      this.ids = ids;
      this.first = first;
      this.end = end;
    }

    @Override
    public long tokens() {
      return end - first;
    }

    @Override
    public int[] read(long from, long to) {
      length(from, to);
      return blocks.value().read(ids.value(), first + from, first + to);
    }
  }
}
