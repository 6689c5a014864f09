// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.corpus.ShardFolder.Written;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.Documents;
import org.unroll.spark.rows.InputProblems;
import org.unroll.spark.rows.RowKey;
import scala.Tuple2;

/** Encodes a text as documents of their own, on Spark, and writes them by length. */
final class DocumentEncoding {
  private DocumentEncoding() {}

  /**
   * An offset says what the documents of a run come behind.
   *
   * @param files of the input
   * @param documents in the corpus
   * @param shards in the corpus
   * @param tokens in the corpus
   */
  record Start(int files, long documents, int shards, long tokens) implements java.io.Serializable {
    /** The start of documents that are added to a corpus, or of a new one. */
    static Start behind(PreparedCorpus before) {
      if (before == null) {
        return new Start(0, 0, 0, 0);
      }
      CorpusDescription description = before.description();
      return new Start(
          description.sources().size(),
          description.statistics().documents(),
          description.shards().size(),
          before.tokens());
    }
  }

  /**
   * Writes the documents of a text; see {@link DocumentLayout}.
   *
   * @param chunks what was counted, in order
   * @throws InputException if there is a problem with the input
   */
  static Written write(
      JavaSparkContext spark,
      Broadcast<TextPlan> plan,
      Broadcast<TokenIds> ids,
      ShardFolder folder,
      List<ChunkCounts> chunks,
      Start start) {
    Broadcast<DocumentLayout> layout =
        spark.broadcast(DocumentLayout.of(chunks.stream().map(ChunkCounts::lengths).toList()));
    ChunkCounts.Results problems = ChunkCounts.Results.register(spark);
    JavaPairRDD<Long, byte[]> placed =
        plan.value()
            .ranges(spark)
            .flatMapToPair(
                range ->
                    new Task(plan.value(), ids.value(), layout.value(), start, problems, range));
    RowShardWriter.Layout columns = new RowShardWriter.Layout(1, false, true, false, false);
    try {
      Written written = write(placed, layout.value().files(), folder, columns, start);
      problems.requireNoProblem();
      return written;
    } finally {
      layout.destroy();
    }
  }

  /**
   * Writes rows that have their places.
   *
   * @param placed rows as {@link EncodedRow#toBytes}, by their {@link DocumentLayout.Places}
   * @param files how many there are
   */
  static Written write(
      JavaPairRDD<Long, byte[]> placed,
      int files,
      ShardFolder folder,
      RowShardWriter.Layout columns,
      Start start) {
    List<Written> results =
        placed
            .repartitionAndSortWithinPartitions(new ByFile(files))
            .mapPartitionsWithIndex(
                (file, rows) -> writeFile(rows, folder, columns, start.shards + file), true)
            .collect();
    List<Shard> shards = new ArrayList<>();
    long first = start.tokens;
    for (Written one : results) {
      for (Shard shard : one.shards()) {
        shards.add(
            new Shard(shard.file(), first, shard.tokens(), shard.documents(), shard.bytes()));
        first += shard.tokens();
      }
    }
    return new Written(shards, results.stream().mapToLong(Written::unknown).sum(), null);
  }

  private static Iterator<Written> writeFile(
      Iterator<Tuple2<Long, byte[]>> rows,
      ShardFolder folder,
      RowShardWriter.Layout columns,
      int file) {
    if (!rows.hasNext()) {
      return List.<Written>of().iterator();
    }
    long tokens = 0;
    long documents = 0;
    long unknown = 0;
    try (RowShardWriter writer = new RowShardWriter(folder.file(file), folder.conf(), columns)) {
      while (rows.hasNext()) {
        EncodedRow row = EncodedRow.of(rows.next()._2());
        writer.add(row);
        documents++;
        tokens += row.tokenCount();
        unknown += row.unknownCount();
      }
      Shard shard = new Shard(ShardFolder.name(file), 0, tokens, documents, writer.finish());
      return List.of(new Written(List.of(shard), unknown, null)).iterator();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A partition for each file. */
  private static final class ByFile extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int files;

    ByFile(int files) {
      this.files = files;
    }

    @Override
    public int numPartitions() {
      return files;
    }

    @Override
    public int getPartition(Object place) {
      return DocumentLayout.Places.file((Long) place);
    }
  }

  /** Encodes documents, each with its place in the corpus. */
  private static final class Task extends ChunkTask<Tuple2<Long, byte[]>>
      implements TextPlan.Visitor {
    /** The most tokens of a document: it must fit into an array several times. */
    private static final int MOST_TOKENS = 1 << 26;

    private final TokenIds.Encoder encoder;
    private final int unk;
    private final DocumentLayout layout;
    private final Start start;
    private final List<String> unknown = new ArrayList<>();
    private int[] tokens = new int[1 << 10];
    private int count;
    private long documents;
    private boolean nameless;
    private Deque<Tuple2<Long, byte[]>> out;
    private DocumentLayout.Places places;

    Task(
        TextPlan plan,
        TokenIds ids,
        DocumentLayout layout,
        Start start,
        ChunkCounts.Results problems,
        int[] range) {
      super(plan, problems, range[0], range[1]);
      this.encoder = ids.encoder();
      this.unk = ids.unk();
      this.layout = layout;
      this.start = start;
    }

    @Override
    void fill(Deque<Tuple2<Long, byte[]>> ready) throws IOException {
      out = ready;
      advance();
    }

    @Override
    TextPlan.Visitor begin(int begun) {
      places = layout.places(begun);
      documents = 0;
      return this;
    }

    @Override
    void end(TextPlan.Cursor ended) {}

    private ChunkTable.Chunk file() {
      return plan().table().chunk(chunk());
    }

    @Override
    public void slice(byte[] text, int from, int to) {
      int more = encoder.encode(text, from, to);
      if (count + more > tokens.length) {
        tokens = Arrays.copyOf(tokens, Math.max(count + more, tokens.length * 2));
      }
      int[] codes = encoder.ids();
      for (int i = 0; i < more; i++) {
        tokens[count++] = codes[i];
        if (codes[i] == unk) {
          nameless |= unk == TokenIds.NONE;
          unknown.add(plan().tokenizer().token(text, from, to));
        }
      }
      if (count > MOST_TOKENS) {
        throw new InputException(
            "The input file "
                + InputProblems.name(file())
                + " has a document of more than "
                + MOST_TOKENS
                + " tokens. Prepare it as a stream (--kind stream), or cut it.");
      }
    }

    @Override
    public void lineEnd() {
      throw new IllegalStateException("lines do not end in documents");
    }

    @Override
    public void piece(byte[] text, int from, int to) {}

    @Override
    public void documentEnd(Documents ended) throws IOException {
      if (nameless) {
        throw ShardFolder.unknownToken(file(), ended.place());
      }
      long place = places.next(count);
      if (place < 0) {
        throw InputProblems.changed(file(), "has other text than when it was counted");
      }
      ChunkTable table = plan().table();
      int file = table.fileOf(chunk());
      long inFile = layout.documentsBefore(table.firstChunk(file), chunk()) + documents;
      long number = start.documents + layout.documentsBefore(0, chunk()) + documents;
      EncodedRow row =
          new EncodedRow(
              number,
              new RowKey(start.files + file, inFile),
              ended.id() != null ? ended.id() : table.name(file) + ":" + inFile,
              new int[][] {Arrays.copyOf(tokens, count)},
              List.of(unknown),
              count,
              null,
              ended.label(),
              null,
              null);
      out.add(new Tuple2<>(place, row.toBytes()));
      documents++;
      count = 0;
      unknown.clear();
    }
  }
}
