// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.CollectionAccumulator;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.TooLittleException;
import org.unroll.rnn.train.Split;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputListing;
import org.unroll.spark.rows.RowFormat;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.store.HadoopFiles;

/**
 * Text files on any Hadoop file system as one sequence of tokens: the files in the order of their
 * paths, one behind the other, with nothing between them. Executors read, check and cut the text
 * into tokens once, chunk by chunk, and keep what they found on their disks; vocabularies, counts
 * and ids are made of that. The driver holds a few numbers for every chunk, and the tokens of the
 * vocabulary.
 */
public final class TextCorpus implements TokenCorpus, AutoCloseable {
  /** Bytes of a plain file that are read in one go. */
  public static final long CHUNK_BYTES = 32L << 20;

  /** Text whose tokens and documents one task adds up. */
  private static final long PARTITION_BYTES = 32L << 20;

  private static final int MOST_PARTITIONS = 2048;

  /** The factor by which text is larger than its compressed file, more or less. */
  private static final int UNPACKING = 4;

  private final JavaSparkContext spark;
  private final Broadcast<TextPlan> plan;
  private final JavaRDD<TokenBlocks.Block> kept;
  private final List<ChunkCounts> chunks;
  private final Broadcast<TokenBlocks> blocks;
  private final String hash;

  /** The vocabulary that was used last: training and validation data share theirs. */
  private Vocabulary lastVocabulary;

  private Broadcast<TokenIds> lastIds;

  /** Cuts the text of a plan in a Spark job. */
  TextCorpus(JavaSparkContext spark, TextPlan text, List<InputFile> files) {
    this.spark = spark;
    this.plan = spark.broadcast(text);
    CollectionAccumulator<ChunkCounts> results = ChunkCounts.results(spark);
    Broadcast<TextPlan> shared = plan;
    int[] starts = text.table().tasks();
    this.kept =
        text.ranges(spark)
            .flatMap(range -> new BlockTask(shared.value(), results, range[0], range[1]));
    kept.persist(StorageLevel.DISK_ONLY());
    try {
      kept.count();
      this.chunks = ChunkCounts.inOrder(results, text.table().chunks());
      long[] firstToken = new long[chunks.size() + 1];
      for (int c = 0; c < chunks.size(); c++) {
        firstToken[c + 1] = firstToken[c] + chunks.get(c).text().tokens();
      }
      requireText(text, files, firstToken[chunks.size()]);
      this.blocks = spark.broadcast(new TokenBlocks(text, kept.id(), starts, firstToken));
    } catch (RuntimeException e) {
      kept.unpersist(false);
      throw e;
    }
    this.hash = ContentHash.ofText(files, text.table(), chunks);
  }

  private static void requireText(TextPlan plan, List<InputFile> files, long tokens) {
    if (tokens == 0 && plan.held() != null) {
      throw new TooLittleException(plan.held().none("documents", plan.split()));
    }
    if (tokens == 0) {
      throw new TooLittleException(
          "There is no text in the input: %s%s nothing to learn from."
              .formatted(
                  HadoopFiles.show(new Path(files.get(0).path())),
                  files.size() > 1
                      ? " and the other " + (files.size() - 1) + " files have"
                      : " has"));
    }
  }

  /**
   * Lists the files, and checks and cuts their text in a Spark job. They are of any format and
   * plain or compressed, as for rows; of tables the text is a column, a row a line or several.
   *
   * @param columns name the column of text
   * @throws InputException if one cannot be found, read, unpacked or decoded, or if there is no
   *     text
   */
  public static TextCorpus open(
      SparkSession session, RowsInput input, ColumnChoice columns, Tokenizer tokenizer) {
    return open(session, input, columns, tokenizer, null, null);
  }

  /**
   * Does the same with the documents of one side: lines of text, rows of tables, or whole files.
   *
   * @param held what divides the documents; null for all of them on one side
   * @throws InputException as the other method does, or if the side has no text
   */
  public static TextCorpus open(
      SparkSession session,
      RowsInput input,
      ColumnChoice columns,
      Tokenizer tokenizer,
      HoldOut held,
      Split split) {
    return open(session, input, columns, tokenizer, held, split, CHUNK_BYTES);
  }

  static TextCorpus open(
      SparkSession session,
      RowsInput input,
      ColumnChoice columns,
      Tokenizer tokenizer,
      HoldOut held,
      Split split,
      long chunkBytes) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Configuration conf = spark.hadoopConfiguration();
    List<InputFile> files = InputListing.list(input.paths(), conf);
    RowFormat format = RowFormat.ofText(input, files);
    DocumentReader lines = DocumentReader.of(input, format, files, columns, chunkBytes, conf);
    return new TextCorpus(spark, new TextPlan(lines, tokenizer, false, held, split), files);
  }

  @Override
  public long tokens() {
    long[] first = blocks.value().firstToken();
    return first[first.length - 1];
  }

  /** Returns the chunks that it was read in. */
  ChunkTable table() {
    return plan.value().table();
  }

  /** Returns what was counted of each chunk, in order. */
  List<ChunkCounts> chunks() {
    return chunks;
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
    int most = maxSize == 0 ? Integer.MAX_VALUE : maxSize;
    return new VocabularyChoice(plan.value().tokenizer().name(), maxSize, minCount, forceUnk)
        .among(top(most, minCount).toMap(), tokens());
  }

  /**
   * Counts the tokens in Spark jobs and chooses those of a vocabulary that was there before and
   * grows.
   */
  public Vocabulary vocabulary(VocabularyChoice.Grown choice) {
    Vocabulary before = choice.before();
    Map<String, Long> counts = new HashMap<>();
    if (choice.most() > 0) {
      // Those that are known may be among the most frequent ones.
      long most = Math.min(Integer.MAX_VALUE, (long) choice.most() + before.size());
      counts.putAll(top((int) most, choice.minCount()).toMap());
      counts.keySet().removeIf(before::contains);
    }
    Broadcast<TokenIds> ids = ids(before);
    long[] known =
        kept.treeAggregate(
            new long[before.size()],
            (sum, block) -> block.count(ids.value(), sum),
            TextCorpus::sum);
    for (int id = 0; id < known.length; id++) {
      if (!before.token(id).equals(Vocabulary.UNK)) {
        counts.put(before.token(id), known[id]);
      }
    }
    return before.grown(counts, tokens(), choice.most(), choice.minCount());
  }

  private static long[] sum(long[] a, long[] b) {
    Arrays.setAll(a, i -> a[i] + b[i]);
    return a;
  }

  /**
   * Counts the tokens, and different documents where those are counted, in a Spark job.
   *
   * @param most tokens that come to the driver, the most frequent ones
   * @param minCount those that occur less often are not among them
   */
  TopTokens top(int most, long minCount) {
    int partitions = partitions();
    Broadcast<TextPlan> shared = plan;
    JavaPairRDD<Integer, byte[]> counts =
        kept.mapPartitionsToPair(
            own -> TokenBlocks.counts(own, shared.value().tokenizer(), partitions));
    return CountBlocks.top(counts, partitions, most, minCount);
  }

  /** Returns how many partitions add up counts. */
  private int partitions() {
    ChunkTable table = plan.value().table();
    long all = 0;
    for (int f = 0; f < table.files(); f++) {
      if (table.firstChunk(f) < table.firstChunk(f + 1)) {
        ChunkTable.Chunk chunk = table.chunk(table.firstChunk(f));
        all += chunk.packed() ? UNPACKING * chunk.fileBytes() : chunk.fileBytes();
      }
    }
    long wanted = Math.max(spark.defaultParallelism(), all / PARTITION_BYTES);
    return (int) Math.min(MOST_PARTITIONS, Math.max(1, wanted));
  }

  /** Counts how often each id of a tokenizer of byte pairs occurs, in a Spark job. */
  long[] countIds(int size) {
    return kept.treeAggregate(new long[size], TokenBlocks::countIds, TextCorpus::sum);
  }

  /** Writes the text as a stream; see {@link StreamEncoding}. */
  ShardFolder.Written write(
      ShardFolder folder, Vocabulary vocabulary, int firstFile, long firstToken) {
    return StreamEncoding.write(kept, blocks, ids(vocabulary), folder, firstFile, firstToken);
  }

  /** Frees what the executors keep; nothing can be read any more. */
  @Override
  public void close() {
    kept.unpersist(false);
    blocks.destroy();
    plan.destroy();
    if (lastIds != null) {
      lastIds.destroy();
    }
  }

  /** Returns the number of tokens that a vocabulary does not have, counted by a Spark job. */
  @Override
  public long unknown(Vocabulary vocabulary) {
    Broadcast<TokenIds> ids = ids(vocabulary);
    return kept.aggregate(0L, (sum, block) -> sum + block.unknown(ids.value()), Long::sum);
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
