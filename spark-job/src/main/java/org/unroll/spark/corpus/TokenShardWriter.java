// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * Writes one shard of a stream of tokens: a Parquet file with the columns {@code first}, the
 * position in the corpus of a row's first token, and {@code tokens}, a list of {@link #ROW_TOKENS}
 * ids, in the last row fewer. Row groups hold about 4 MB of ids, and every row is a page.
 */
public final class TokenShardWriter implements Closeable {
  /** Tokens of a row. */
  public static final int ROW_TOKENS = 1 << 16;

  /** The most tokens of a file. */
  public static final long FILE_TOKENS = 256L * ROW_TOKENS;

  static final String FIRST = "first";
  static final String IDS = "tokens";

  private static final int ROWS_PER_GROUP = 16;
  private static final List<ShardColumn<Row>> COLUMNS =
      List.of(
          new ShardColumn<>(
              Types.required(PrimitiveTypeName.INT64).named(FIRST), false, row -> row.first),
          new ShardColumn<>(
              Types.requiredList().requiredElement(PrimitiveTypeName.INT32).named(IDS),
              true,
              row -> row.tokens));

  private final ShardFile<Row> file;
  private final int[] tokens = new int[ROW_TOKENS];
  private int count;
  private long first;

  private record Row(long first, int[] tokens) {}

  /**
   * Begins a shard.
   *
   * @param file its final path; until {@link #finish} it has another name
   * @param first corpus position of its first token
   */
  public TokenShardWriter(Path file, Configuration conf, long first) throws IOException {
    this.file = new ShardFile<>(file, conf, "stream", COLUMNS, ROWS_PER_GROUP, 1);
    this.first = first;
  }

  /** Appends a token. */
  public void add(int id) throws IOException {
    tokens[count++] = id;
    if (count == ROW_TOKENS) {
      writeRow();
    }
  }

  private void writeRow() throws IOException {
    file.write(new Row(first, count == ROW_TOKENS ? tokens : Arrays.copyOf(tokens, count)));
    first += count;
    count = 0;
  }

  /** Puts the shard in its place and returns its length in bytes. */
  public long finish() throws IOException {
    if (count > 0) {
      writeRow();
    }
    return file.finish();
  }

  /** Removes the shard if it has not been finished. */
  @Override
  public void close() throws IOException {
    file.close();
  }
}
