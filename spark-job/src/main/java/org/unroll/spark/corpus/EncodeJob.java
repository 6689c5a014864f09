// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import scala.Tuple2;

/** The Spark jobs that encode the text and write the shards. */
final class EncodeJob {
  private final JavaSparkContext spark;
  private final Broadcast<TextPlan> plan;
  private final Broadcast<TokenIds> ids;
  private final CorpusShardFolder folder;

  EncodeJob(
      JavaSparkContext spark,
      Broadcast<TextPlan> plan,
      Broadcast<TokenIds> ids,
      CorpusShardFolder folder) {
    this.spark = spark;
    this.plan = plan;
    this.ids = ids;
    this.folder = folder;
  }

  /**
   * What was written.
   *
   * @param shards in the order of the corpus
   * @param unknown tokens without an id of their own
   */
  record Written(List<Shard> shards, long unknown) {}

  /**
   * Writes a stream of tokens.
   *
   * @param chunks what was counted, in order
   * @param firstFile the number of the first file
   * @param firstToken the position of the first token in the corpus
   */
  Written writeStream(List<ChunkResult> chunks, int firstFile, long firstToken) {
    List<StreamRun> runs = StreamRun.cut(chunks, firstFile, firstToken);
    Broadcast<TextPlan> sharedPlan = plan;
    Broadcast<TokenIds> sharedIds = ids;
    CorpusShardFolder shards = folder;
    return gather(
        spark
            .parallelize(runs, Math.max(1, runs.size()))
            .map(run -> StreamTask.write(sharedPlan.value(), sharedIds.value(), shards, run))
            .collect());
  }

  private static Written gather(List<ShardResult> results) {
    List<Shard> shards = new ArrayList<>();
    long unknown = 0;
    for (ShardResult result : results) {
      if (result.problem() != null) {
        throw new InputException(result.problem());
      }
      shards.addAll(result.shards());
      unknown += result.unknown();
    }
    return new Written(shards, unknown);
  }

  /** Writes documents by length; see {@link DocumentLayout}. */
  Written writeDocuments(List<ChunkResult> chunks, int firstFile, long firstToken) {
    Broadcast<DocumentLayout> layout = spark.broadcast(DocumentLayout.of(chunks));
    ChunkResults problems = new ChunkResults();
    spark.sc().register(problems);
    Broadcast<TextPlan> sharedPlan = plan;
    Broadcast<TokenIds> sharedIds = ids;
    CorpusShardFolder shards = folder;
    int unk = ids.value().unk();
    JavaPairRDD<Long, byte[]> placed =
        ChunkRanges.of(spark, plan.value().reader().table())
            .flatMapToPair(
                range ->
                    new DocumentTask(
                        sharedPlan.value(),
                        sharedIds.value(),
                        layout.value(),
                        problems,
                        range[0],
                        range[1]));
    List<ShardResult> results =
        placed
            .repartitionAndSortWithinPartitions(new ByFile(layout.value().files()))
            .mapPartitionsWithIndex(
                (file, rows) -> writeFile(rows, shards, firstFile + file, unk), true)
            .collect();
    layout.destroy();
    problems.value().entrySet().stream()
        .min(Comparator.comparing(Map.Entry::getKey))
        .ifPresent(
            first -> {
              throw new InputException(first.getValue().problem());
            });
    Written written = gather(results);
    return new Written(numbered(written.shards(), firstToken), written.unknown());
  }

  private static List<Shard> numbered(List<Shard> shards, long firstToken) {
    List<Shard> numbered = new ArrayList<>();
    long first = firstToken;
    for (Shard shard : shards) {
      numbered.add(
          new Shard(shard.file(), first, shard.tokens(), shard.documents(), shard.bytes()));
      first += shard.tokens();
    }
    return numbered;
  }

  private static Iterator<ShardResult> writeFile(
      Iterator<Tuple2<Long, byte[]>> rows, CorpusShardFolder folder, int file, int unk) {
    if (!rows.hasNext()) {
      return List.<ShardResult>of().iterator();
    }
    long tokens = 0;
    long documents = 0;
    long unknown = 0;
    try (DocumentShardWriter writer = new DocumentShardWriter(folder.file(file), folder.conf())) {
      while (rows.hasNext()) {
        EncodedDocument document = EncodedDocument.of(rows.next()._2());
        writer.add(document);
        documents++;
        tokens += document.tokens().length;
        for (int token : document.tokens()) {
          unknown += token == unk ? 1 : 0;
        }
      }
      Shard shard = new Shard(CorpusShardFolder.name(file), 0, tokens, documents, writer.finish());
      return List.of(new ShardResult(List.of(shard), unknown, null)).iterator();
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
}
