// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A description of a corpus as {@code corpus.json} has it. */
public final class WrittenDescription {
  private WrittenDescription() {}

  static CorpusDescription description() {
    LengthHistogram lengths = new LengthHistogram();
    lengths.add(3, 2);
    lengths.add(100, 1);
    return new CorpusDescription(
        CorpusDescription.Kind.STREAM,
        "word+lowercase",
        Map.of("name", "word", "lowercase", true),
        Map.of("min_count", 1),
        new CorpusStatistics(3, 106, 20, 4, 1, 0, 2, 0, 500, lengths),
        "abc",
        List.of(new CorpusDescription.Source("file:/a.txt", "a.txt", 500, 12, "def")),
        List.of(
            new CorpusDescription.Shard("shards/0", 0, 100, 0, 300),
            new CorpusDescription.Shard("shards/1", 100, 6, 0, 20)));
  }

  /** Returns the bytes of the file. */
  public static byte[] bytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    description().write(out);
    return out.toByteArray();
  }
}
