// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.Split;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.HadoopFiles;

/** Where the encoded rows of a training are, a file for every shard of every split. */
final class ShardFolder implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String folder;
  private final SerializableConfiguration conf;

  ShardFolder(String folder, Configuration conf) {
    this.folder = HadoopFiles.resolve(folder, conf).toString();
    this.conf = new SerializableConfiguration(conf);
  }

  private Path file(Split split, int shard) {
    return new Path(folder, "%s-%05d.bin".formatted(split.name().toLowerCase(Locale.ROOT), shard));
  }

  /** Writes a shard's part of a split, in place of one that is there. */
  void write(Split split, int shard, Iterator<SequenceExample> examples) throws IOException {
    AtomicFiles.write(file(split, shard), conf.value(), out -> ExampleFile.write(examples, out));
  }

  /**
   * A shard's part of a split.
   *
   * @throws InputException if it is not there
   */
  List<SequenceExample> read(Split split, int shard) {
    Path file = file(split, shard);
    try (InputStream in = HadoopFiles.fileSystem(file, conf.value()).open(file)) {
      return ExampleFile.read(in);
    } catch (FileNotFoundException e) {
      throw new InputException(
          "A worker cannot see the encoded rows in "
              + HadoopFiles.show(file)
              + ": name a folder that all machines share with --shards-dir.",
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The encoded rows in "
              + HadoopFiles.show(file)
              + " cannot be read: "
              + HadoopFiles.reason(e)
              + ".",
          e);
    }
  }

  /** Removes everything. */
  void remove() {
    Path path = new Path(folder);
    try {
      HadoopFiles.fileSystem(path, conf.value()).delete(path, true);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The encoded rows in "
              + HadoopFiles.show(path)
              + " cannot be removed: "
              + HadoopFiles.reason(e)
              + ".",
          e);
    }
  }
}
