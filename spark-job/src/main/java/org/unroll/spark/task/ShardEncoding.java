// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.Split;
import org.unroll.spark.corpus.RowShards;
import org.unroll.spark.rows.OnBadRow;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;

/**
 * Encodes rows once, as a Spark job: the rows of every shard of a split that the task can use go
 * into a file of their own.
 */
final class ShardEncoding
    implements Function2<Integer, Iterator<SequenceRow>, Iterator<ShardSummary>>, Serializable {
  private static final long serialVersionUID = 1L;

  private final Broadcast<RowEncoder> encoder;
  private final Split split;
  private final RowShards folder;

  private ShardEncoding(Broadcast<RowEncoder> encoder, Split split, RowShards folder) {
    this.encoder = encoder;
    this.split = split;
    this.folder = folder;
  }

  /**
   * Encodes a split.
   *
   * @throws InputException if the task cannot use a row and those are not to be left out, or none
   *     is left
   */
  static ShardSummary run(
      RowSet data,
      Broadcast<RowEncoder> encoder,
      Split split,
      int shards,
      RowShards folder,
      OnBadRow onBadRow) {
    ShardSummary all =
        data
            .sharded(shards)
            .mapPartitionsWithIndex(new ShardEncoding(encoder, split, folder), true)
            .collect()
            .stream()
            .reduce(new ShardSummary(0, 0, 0, null, null), ShardSummary::plus);
    requireUsable(data, all, onBadRow);
    return all;
  }

  private static void requireUsable(RowSet data, ShardSummary all, OnBadRow onBadRow) {
    if (all.first() == null || onBadRow == OnBadRow.SKIP && all.examples() > 0) {
      return;
    }
    throw unusable(data, all.first(), all.reason());
  }

  /** That a row cannot be used, with its place. */
  static InputException unusable(RowSet data, RowKey row, String reason) {
    String place = data.where(row);
    return new InputException(
        Character.toUpperCase(place.charAt(0))
            + place.substring(1)
            + " cannot be used: "
            + reason
            + ". Correct it, or leave such rows out with --on-bad-row skip.");
  }

  @Override
  public Iterator<ShardSummary> call(Integer shard, Iterator<SequenceRow> rows) throws IOException {
    RowEncoder examples = encoder.value();
    ShardSummary summary = new ShardSummary(0, 0, 0, null, null);
    try (RowShards.Writer writer = folder.write(split, shard, examples.vocabularies())) {
      while (rows.hasNext()) {
        SequenceRow row = rows.next();
        try {
          List<SequenceExample> more = examples.examples(split, row);
          writer.add(row);
          long steps = more.stream().mapToLong(SequenceExample::steps).sum();
          summary = summary.plus(new ShardSummary(more.size(), steps, 0, null, null));
        } catch (UnusableRowException e) {
          summary = summary.plus(new ShardSummary(0, 0, 1, e.getMessage(), row.key()));
        }
      }
      writer.finish();
    }
    return List.of(summary).iterator();
  }
}
