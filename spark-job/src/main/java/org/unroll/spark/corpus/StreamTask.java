// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.rows.Documents;
import org.unroll.spark.rows.InputProblems;

/** Encodes the chunks of a run and writes them, one behind the other, into its files. */
final class StreamTask implements DocumentVisitor, Closeable {
  private final TextPlan plan;
  private final TokenIds ids;
  private final SliceEncoder encoder;
  private final CorpusShardFolder folder;
  private final List<Shard> shards = new ArrayList<>();
  private final long fileTokens;
  private TokenShardWriter writer;
  private int file;
  private long position;
  private long fileStart;
  private long unknown;
  private boolean nameless;

  private StreamTask(TextPlan plan, TokenIds ids, CorpusShardFolder folder, StreamRun run) {
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
  static ShardResult write(TextPlan plan, TokenIds ids, CorpusShardFolder folder, StreamRun run)
      throws IOException {
    try (StreamTask task = new StreamTask(plan, ids, folder, run)) {
      for (int chunk = run.fromChunk(); chunk < run.toChunk(); chunk++) {
        task.encode(chunk);
      }
      if (task.position != run.firstToken() + run.tokens()) {
        throw InputProblems.changed(
            plan.reader().table().chunk(run.fromChunk()),
            "has other text than when it was counted");
      }
      task.finishFile();
      return new ShardResult(task.shards, task.unknown, null);
    } catch (InputException e) {
      return ShardResult.of(e);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void encode(int chunk) throws IOException {
    try (ChunkCursor cursor =
        new ChunkCursor(plan.reader(), chunk, plan.tokenizer(), plan.kind(), this)) {
      while (cursor.advance()) {
        if (nameless) {
          throw CorpusShardFolder.unknownToken(
              plan.reader().table().chunk(chunk), cursor.documents().place());
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
      shards.add(
          new Shard(CorpusShardFolder.name(file), fileStart, position - fileStart, 0, bytes));
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
