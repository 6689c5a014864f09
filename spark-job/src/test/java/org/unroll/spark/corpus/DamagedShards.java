// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/** The shards of a stream for those who damage them. */
public final class DamagedShards {
  private DamagedShards() {}

  /** Returns the first tokens of a shard that has the length which it was written with. */
  public static int[] tokens(java.nio.file.Path file, int count) throws IOException {
    int[] ids = new int[count];
    long bytes = file.toFile().length();
    try (TokenShardReader shard =
        new TokenShardReader(file.toUri().toString(), bytes, 0, new Configuration())) {
      shard.read(0, count, ids, 0);
    }
    return ids;
  }
}
