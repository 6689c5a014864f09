// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.corpus.ShardFolder.Written;
import org.unroll.spark.rows.Documents;
import org.unroll.spark.rows.InputProblems;

/** Encodes a text as one stream of tokens, on Spark, and writes its shards. */
final class StreamEncoding {
  private StreamEncoding() {}

  /**
   * Writes a stream of tokens.
   *
   * @param chunks what was counted, in order
   * @param firstFile the number of the first file
   * @param firstToken the position of the first token in the corpus
   * @throws InputException if there is a problem with the input
   */
  static Written write(
      JavaSparkContext spark,
      Broadcast<TextPlan> plan,
      Broadcast<TokenIds> ids,
      ShardFolder folder,
      List<ChunkCounts> chunks,
      int firstFile,
      long firstToken) {
    List<Run> runs = Run.cut(chunks, firstFile, firstToken);
    List<Shard> shards = new ArrayList<>();
    long unknown = 0;
    for (Written one :
        spark
            .parallelize(runs, Math.max(1, runs.size()))
            .map(run -> Task.write(plan.value(), ids.value(), folder, run))
            .collect()) {
      if (one.problem() != null) {
        throw new InputException(one.problem());
      }
      shards.addAll(one.shards());
      unknown += one.unknown();
    }
    return new Written(shards, unknown, null);
  }

  /**
   * A run of chunks that follow one another and become files of their own: the work of a task.
   *
   * @param fromChunk the first chunk
   * @param toChunk the chunk behind the last
   * @param firstFile the number of its first file
   * @param firstToken the position of its first token in the corpus
   * @param tokens of all its chunks
   * @param fileTokens the most tokens of a file
   */
  @DefaultSerializer(JavaSerializer.class)
  record Run(
      int fromChunk, int toChunk, int firstFile, long firstToken, long tokens, long fileTokens)
      implements Serializable {

    /**
     * Cuts a corpus into runs whose chunks fit into a file; a chunk that does not fit becomes
     * several files. The runs do not depend on the cluster.
     */
    static List<Run> cut(List<ChunkCounts> chunks, int firstFile, long firstToken) {
      List<Run> runs = new ArrayList<>();
      long fileTokens = ShardFolder.fileTokens(ChunkCounts.tokens(chunks));
      int from = 0;
      int file = firstFile;
      long position = firstToken;
      long tokens = 0;
      for (int c = 0; c <= chunks.size(); c++) {
        boolean full =
            c == chunks.size() || tokens > 0 && tokens + chunks.get(c).tokens() > fileTokens;
        if (full && tokens > 0) {
          runs.add(new Run(from, c, file, position, tokens, fileTokens));
          file += runs.get(runs.size() - 1).files();
          position += tokens;
          from = c;
          tokens = 0;
        }
        tokens += c < chunks.size() ? chunks.get(c).tokens() : 0;
      }
      return runs;
    }

    /** Returns how many files it becomes. */
    int files() {
      return Math.toIntExact((tokens + fileTokens - 1) / fileTokens);
    }
  }

  /** Encodes the chunks of a run and writes them, one behind the other, into its files. */
  private static final class Task implements TextPlan.Visitor, Closeable {
    private final TextPlan plan;
    private final TokenIds ids;
    private final TokenIds.Encoder encoder;
    private final ShardFolder folder;
    private final List<Shard> shards = new ArrayList<>();
    private final long fileTokens;
    private TokenShardWriter writer;
    private int file;
    private long position;
    private long fileStart;
    private long unknown;
    private boolean nameless;

    private Task(TextPlan plan, TokenIds ids, ShardFolder folder, Run run) {
      this.plan = plan;
      this.ids = ids;
      this.encoder = ids.encoder();
      this.folder = folder;
      this.file = run.firstFile();
      this.position = run.firstToken();
      this.fileStart = position;
      this.fileTokens = run.fileTokens();
    }

    /** Does the work of a run. */
    static Written write(TextPlan plan, TokenIds ids, ShardFolder folder, Run run)
        throws IOException {
      try (Task task = new Task(plan, ids, folder, run)) {
        for (int chunk = run.fromChunk(); chunk < run.toChunk(); chunk++) {
          task.encode(chunk);
        }
        if (task.position != run.firstToken() + run.tokens()) {
          throw InputProblems.changed(
              plan.table().chunk(run.fromChunk()), "has other text than when it was counted");
        }
        task.finishFile();
        return new Written(task.shards, task.unknown, null);
      } catch (InputException e) {
        return Written.ofProblem(e.getMessage());
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }

    private void encode(int chunk) throws IOException {
      try (TextPlan.Cursor cursor = plan.open(chunk, this)) {
        while (cursor.advance()) {
          if (nameless) {
            throw ShardFolder.unknownToken(plan.table().chunk(chunk), cursor.documents().place());
          }
        }
      }
    }

    @Override
    public void slice(byte[] text, int from, int to) {
      int count = encoder.encode(text, from, to);
      int[] codes = encoder.ids();
      for (int i = 0; i < count; i++) {
        add(codes[i]);
      }
    }

    @Override
    public void lineEnd() {
      add(ids.eos());
    }

    private void add(int id) {
      if (id == ids.unk()) {
        unknown++;
        if (id < 0) {
          nameless = true;
          return;
        }
      }
      try {
        if (writer == null) {
          fileStart = position;
          writer = new TokenShardWriter(folder.file(file), folder.conf(), position);
        }
        writer.add(id);
        position++;
        if (position - fileStart == fileTokens) {
          finishFile();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void finishFile() throws IOException {
      if (writer != null) {
        long bytes = writer.finish();
        shards.add(new Shard(ShardFolder.name(file), fileStart, position - fileStart, 0, bytes));
        writer = null;
        file++;
      }
    }

    @Override
    public void piece(byte[] text, int from, int to) {}

    @Override
    public void documentEnd(Documents documents) {}

    @Override
    public void close() throws IOException {
      if (writer != null) {
        writer.close();
      }
    }
  }
}
