// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.io.HadoopFiles;

/** Text that is small enough to be read here, without a Spark job. */
public final class LocalText {
  private LocalText() {}

  /**
   * Ids of all tokens of some inputs, the same that {@link TextCorpus} gives.
   *
   * @param inputs files, folders and patterns, on any Hadoop file system
   * @throws InputException if an input cannot be read, is empty, or has a token without an id
   */
  public static int[] read(List<String> inputs, Tokenizer tokenizer, Vocabulary vocabulary) {
    Configuration conf = HadoopFiles.configuration();
    List<InputFile> files = InputListing.list(inputs, conf);
    ChunkTable table = new ChunkTable(files, TextCorpus.CHUNK_BYTES);
    CorpusReader reader = new CorpusReader(table, tokenizer, conf);
    try {
      TaskResult counted = ChunkCounts.all(reader, 0, table.chunks());
      CorpusCounts counts = CorpusCounts.of(files, table, List.of(counted));
      if (counts.tokens() > Integer.MAX_VALUE - Long.BYTES) {
        throw new InputException(
            "The input has "
                + counts.tokens()
                + " tokens, which is too much to be read at once; give a part of it.");
      }
      return new Encoding(vocabulary, counts.firstToken()).read(reader, 0, counts.tokens());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
