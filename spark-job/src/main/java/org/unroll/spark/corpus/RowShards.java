// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.Split;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.HadoopFiles;

/**
 * Row shards are the encoded rows of a training: a file for every shard of every split, in the form
 * that {@code prepare} writes as well. Tasks write them once, and workers read those that they
 * hold.
 */
public final class RowShards implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The names of shards, finished and not. */
  private static final Pattern OURS =
      Pattern.compile("[.]?(train|valid|test)-\\d{5,}[.]zstd[.]parquet.*");

  private final String folder;
  private final SerializableConfiguration conf;

  /**
   * Names the folder, which is made when something is written.
   *
   * @param folder as people write it
   */
  public RowShards(String folder, Configuration conf) {
    this.folder = HadoopFiles.resolve(folder, conf).toString();
    this.conf = new SerializableConfiguration(conf);
  }

  private Path file(Split split, int shard) {
    String name = split.name().toLowerCase(Locale.ROOT);
    return new Path(folder, "%s-%05d.zstd.parquet".formatted(name, shard));
  }

  /**
   * Begins to write a shard's part of a split, in place of one that is there.
   *
   * @param vocabularies of the text columns
   */
  public Writer write(Split split, int shard, List<Vocabulary> vocabularies) throws IOException {
    return new Writer(file(split, shard), conf.value(), vocabularies);
  }

  /** Writes the rows of a shard, which appears when it is finished. */
  public static final class Writer implements Closeable {
    private final ShardFile<EncodedRow> file;
    private final List<Vocabulary> vocabularies;

    private Writer(Path file, Configuration conf, List<Vocabulary> vocabularies)
        throws IOException {
      this.file = EncodedRow.shard(file, conf, vocabularies.size());
      this.vocabularies = vocabularies;
    }

    /** Appends a row. */
    public void add(SequenceRow row) throws IOException {
      file.write(EncodedRow.of(row, vocabularies));
    }

    /** Puts the shard in its place. */
    public void finish() throws IOException {
      file.finish();
    }

    /** Removes the shard if it has not been finished. */
    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /**
   * Checks, where the driver has the folder, that it sees the shards of a split.
   *
   * @throws UncheckedIOException if it does not, as where machines do not share the folder
   */
  public void requireSeen(Split split, int shards) {
    Path path = new Path(folder);
    List<String> names =
        IntStream.range(0, shards).mapToObj(shard -> file(split, shard).getName()).toList();
    try {
      HadoopFiles.requireSeen(
          HadoopFiles.fileSystem(path, conf.value()), path, names, "--shards-dir");
    } catch (IOException e) {
      throw failure(path, "read", e);
    }
  }

  /**
   * Reads a shard's part of a split, row by row in the order in which it was written.
   *
   * @param vocabularies of the text columns
   * @throws InputException if it is not there
   */
  public void read(
      Split split, int shard, List<Vocabulary> vocabularies, Consumer<SequenceRow> out) {
    Path file = file(split, shard);
    try (RowShardReader reader = new RowShardReader(file, conf.value(), vocabularies.size())) {
      SequenceRow row;
      while ((row = reader.next(vocabularies)) != null) {
        out.accept(row);
      }
    } catch (FileNotFoundException e) {
      throw new InputException(
          "A worker cannot see the encoded rows in "
              + HadoopFiles.show(file)
              + ": name a folder that all machines share with --shards-dir.",
          e);
    } catch (IOException e) {
      throw failure(file, "read", e);
    }
  }

  /** Removes all shards, and the folder if nothing else is in it. */
  public void remove() {
    Path path = new Path(folder);
    try {
      FileSystem fs = HadoopFiles.fileSystem(path, conf.value());
      FileStatus[] files = HadoopFiles.list(fs, path);
      int removed = 0;
      for (FileStatus file : files) {
        if (OURS.matcher(file.getPath().getName()).matches()) {
          fs.delete(file.getPath(), false);
          removed++;
        }
      }
      if (removed == files.length) {
        fs.delete(path, false);
      }
    } catch (IOException e) {
      throw failure(path, "removed", e);
    }
  }

  private static UncheckedIOException failure(Path path, String what, IOException e) {
    return new UncheckedIOException(
        "The encoded rows in %s cannot be %s: %s."
            .formatted(HadoopFiles.show(path), what, HadoopFiles.reason(e)),
        e);
  }
}
