// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.corpus.ShardFolder.Written;

/** Writes a text that was cut into tokens as one stream of ids, on Spark. */
final class StreamEncoding {
  private StreamEncoding() {}

  /**
   * Writes the shards of a stream: one or several for each partition of the text's blocks, so that
   * they depend on the text alone and a task writes what it keeps.
   *
   * @param firstFile the number of the first file
   * @param firstToken the position of the first token in the corpus
   * @throws InputException if a token has no id
   */
  static Written write(
      JavaRDD<TokenBlocks.Block> kept,
      Broadcast<TokenBlocks> blocks,
      Broadcast<TokenIds> ids,
      ShardFolder folder,
      int firstFile,
      long firstToken) {
    int[] starts = blocks.value().starts();
    long[] tokens = blocks.value().firstToken();
    long fileTokens = ShardFolder.fileTokens(tokens[tokens.length - 1]);
    int[] files = new int[starts.length];
    files[0] = firstFile;
    for (int p = 0; p + 1 < starts.length; p++) {
      long own = tokens[starts[p + 1]] - tokens[starts[p]];
      files[p + 1] = Math.toIntExact(files[p] + (own + fileTokens - 1) / fileTokens);
    }
    List<Shard> shards = new ArrayList<>();
    long unknown = 0;
    for (Written one :
        kept.mapPartitionsWithIndex(
                (p, own) -> {
                  long first = firstToken + tokens[starts[p]];
                  Files out = new Files(folder, ids.value(), files[p], first, fileTokens);
                  return List.of(out.write(blocks.value(), own)).iterator();
                },
                true)
            .collect()) {
      if (one.problem() != null) {
        throw new InputException(one.problem());
      }
      shards.addAll(one.shards());
      unknown += one.unknown();
    }
    return new Written(shards, unknown, null);
  }

  /** The files of a partition, one behind the other. */
  private static final class Files {
    private final ShardFolder folder;
    private final TokenIds ids;
    private final List<Shard> shards = new ArrayList<>();
    private final long fileTokens;
    private TokenShardWriter writer;
    private int file;
    private long position;
    private long fileStart;
    private long unknown;

    Files(ShardFolder folder, TokenIds ids, int file, long position, long fileTokens) {
      this.folder = folder;
      this.ids = ids;
      this.file = file;
      this.position = position;
      this.fileTokens = fileTokens;
    }

    Written write(TokenBlocks blocks, Iterator<TokenBlocks.Block> own) throws IOException {
      try {
        blocks.encode(own, ids, this::add);
        finishFile();
        return new Written(shards, unknown, null);
      } catch (InputException e) {
        return new Written(List.of(), 0, e.getMessage());
      } finally {
        if (writer != null) {
          writer.close();
        }
      }
    }

    private void add(int id) throws IOException {
      if (writer == null) {
        fileStart = position;
        writer = new TokenShardWriter(folder.file(file), folder.conf(), position);
      }
      unknown += id == ids.unk() ? 1 : 0;
      writer.add(id);
      position++;
      if (position - fileStart == fileTokens) {
        finishFile();
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
  }
}
