// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.train.BucketSource;
import org.unroll.rnn.train.ExampleSource;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.corpus.RowShards;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.task.RowTask.UnusableRowException;

/**
 * The shards of rows, which are encoded once, and of which a worker makes examples when it opens
 * them.
 *
 * @param task makes examples of rows
 * @param spec how they are read
 * @param learnt what there is to learn
 * @param rounds the batches of an epoch
 * @param splits that there are
 * @param bytes of the examples to learn from
 * @param folder where the encoded rows are
 * @param encoder knows their vocabularies
 */
record ExampleShards(
    RowTask task,
    TrainSpec spec,
    Encoded learnt,
    int rounds,
    Set<Split> splits,
    long bytes,
    RowShards folder,
    Broadcast<RowEncoder> encoder)
    implements TrainingData.Shards {

  /**
   * The rows of one shard, or of all, that were encoded.
   *
   * @param rows that there is something to learn from, or to be scored by
   * @param examples made of them
   * @param blank rows that can be read, but have nothing of that
   */
  @DefaultSerializer(JavaSerializer.class)
  record Encoded(long rows, long blank, long examples, long steps, RowTask.Unusable unusable)
      implements Serializable {
    private static final Encoded NONE = new Encoded(0, 0, 0, 0, RowTask.Unusable.NONE);

    private static Encoded of(List<Example> examples) {
      int known = examples.stream().anyMatch(Example::isKnown) ? 1 : 0;
      long steps = examples.stream().mapToLong(Example::steps).sum();
      return new Encoded(known, 1 - known, examples.size(), steps, RowTask.Unusable.NONE);
    }

    private Encoded plus(Encoded other) {
      return new Encoded(
          rows + other.rows,
          blank + other.blank,
          examples + other.examples,
          steps + other.steps,
          unusable.plus(other.unusable));
    }
  }

  /** Encodes a split once: the rows of every shard that the task can use go into a file. */
  record Encoding(RowTask task, Broadcast<RowEncoder> encoder, Split split, RowShards folder)
      implements Function2<Integer, Iterator<SequenceRow>, Iterator<Encoded>> {
    @Override
    public Iterator<Encoded> call(Integer shard, Iterator<SequenceRow> rows) throws IOException {
      RowEncoder known = encoder.value();
      Encoded all = Encoded.NONE;
      try (RowShards.Writer writer = folder.write(split, shard, known.vocabularies())) {
        while (rows.hasNext()) {
          SequenceRow row = rows.next();
          try {
            List<Example> more = examples(task, split, row, known);
            writer.add(row);
            all = all.plus(Encoded.of(more));
          } catch (UnusableRowException e) {
            all = all.plus(new Encoded(0, 0, 0, 0, RowTask.Unusable.of(row, e)));
          }
        }
        writer.finish();
      }
      return List.of(all).iterator();
    }

    /**
     * Encodes the split's rows as a Spark job.
     *
     * @throws InputException if the task cannot use a row and those are not to be left out, or
     *     nothing is left to be learnt or scored
     */
    Encoded of(RowSet data, int shards, OnBadRow onBadRow) {
      Encoded all =
          data.sharded(shards).mapPartitionsWithIndex(this, true).collect().stream()
              .reduce(Encoded.NONE, Encoded::plus);
      all.unusable().require(data, onBadRow, all.rows());
      RowTask.requireKnown(
          all.rows(),
          switch (split) {
            case TRAIN -> "learn";
            case VALID -> "validate";
            case TEST -> "test";
          });
      return all;
    }
  }

  /**
   * Returns what is learnt from a row of training data, or what another row is scored by.
   *
   * @throws UnusableRowException if the task cannot use the row
   */
  private static List<Example> examples(
      RowTask task, Split split, SequenceRow row, RowEncoder encoder) throws UnusableRowException {
    return switch (split) {
      case TRAIN -> task.toLearn(row, encoder).stream().filter(Example::isKnown).toList();
      case VALID -> task.toValidate(row, encoder);
      case TEST -> List.of(task.toScore(row, encoder));
    };
  }

  @Override
  public int windows() {
    return rounds;
  }

  /** Returns the mean over shards and rounds. */
  @Override
  public double steps() {
    return (double) learnt.steps() / rounds / spec.shards();
  }

  /** Returns 0: sequences are read whole. */
  @Override
  public int streams(int shard) {
    return 0;
  }

  @Override
  public boolean has(Split split) {
    return splits.contains(split);
  }

  @Override
  public long bytes(int hosted) {
    return bytes / spec.shards() * hosted;
  }

  @Override
  public ExampleSource open(Network network, int first, int end) {
    List<Map<Split, List<Example>>> data = new ArrayList<>();
    for (int shard = first; shard < end; shard++) {
      Map<Split, List<Example>> own = new EnumMap<>(Split.class);
      for (Split split : splits) {
        own.put(split, read(split, shard));
      }
      data.add(own);
    }
    return new BucketSource(network, spec, rounds, first, data);
  }

  private List<Example> read(Split split, int shard) {
    RowEncoder known = encoder.value();
    List<Example> all = new ArrayList<>();
    folder.read(
        split,
        shard,
        known.vocabularies(),
        row -> {
          try {
            all.addAll(examples(task, split, row, known));
          } catch (UnusableRowException e) {
            throw new IllegalStateException("only rows that can be used were encoded", e);
          }
        });
    return all;
  }
}
