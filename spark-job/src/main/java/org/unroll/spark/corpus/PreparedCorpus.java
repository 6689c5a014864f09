// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.store.HadoopFiles;

/**
 * The folder that {@code prepare} writes, on any Hadoop file system: {@code corpus.json}, {@code
 * vocabulary.tsv} and {@code shards/*.parquet}. What {@code corpus.json} does not name does not
 * belong to it. Takes memory by source file and shard, and for the vocabulary.
 *
 * @param path of the folder, with its file system
 * @param description its {@code corpus.json}
 * @param vocabulary the ids of its tokens
 */
public record PreparedCorpus(Path path, CorpusDescription description, Vocabulary vocabulary) {
  public static final String DESCRIPTION = "corpus.json";
  public static final String VOCABULARY = "vocabulary.tsv";
  public static final String SHARDS = "shards";

  /** Whether a folder as people write it holds a prepared corpus, whole or damaged. */
  public static boolean isAt(String folder, Configuration conf) {
    Path path = HadoopFiles.resolve(folder, conf);
    try {
      return HadoopFiles.fileSystem(path, conf).exists(new Path(path, DESCRIPTION));
    } catch (IOException e) {
      return false; // whoever reads the path next tells why it cannot be read
    }
  }

  /**
   * Reads the description and the vocabulary, and checks that all shards are there with their
   * lengths.
   *
   * @param folder as people write it
   * @throws InputException if it is no prepared corpus, or one that is damaged, naming the file
   */
  public static PreparedCorpus open(String folder, Configuration conf) {
    Path path = HadoopFiles.resolve(folder, conf);
    CorpusDescription description = read(path, DESCRIPTION, conf, CorpusDescription::read);
    Vocabulary vocabulary = read(path, VOCABULARY, conf, Vocabulary::read);
    PreparedCorpus corpus = new PreparedCorpus(path, description, vocabulary);
    corpus.requireShards(conf);
    return corpus;
  }

  @FunctionalInterface
  private interface Reader<T> {
    T read(InputStream in, String sourceName) throws IOException;
  }

  private static <T> T read(Path folder, String name, Configuration conf, Reader<T> reader) {
    Path file = new Path(folder, name);
    try (InputStream in = new BufferedInputStream(HadoopFiles.fileSystem(file, conf).open(file))) {
      return reader.read(in, HadoopFiles.show(file));
    } catch (FileNotFoundException e) {
      throw new InputException(
          HadoopFiles.show(folder)
              + " is no prepared corpus, as it has no "
              + name
              + ". Give the folder that prepare wrote with --out.",
          e);
    } catch (IOException e) {
      throw new InputException(
          HadoopFiles.show(file) + " cannot be read: " + HadoopFiles.reason(e) + ".", e);
    }
  }

  private void requireShards(Configuration conf) {
    Map<String, Long> found = new HashMap<>();
    Path folder = new Path(path, SHARDS);
    try {
      FileSystem fs = HadoopFiles.fileSystem(path, conf);
      for (FileStatus status : fs.listStatus(folder)) {
        found.put(SHARDS + "/" + status.getPath().getName(), status.getLen());
      }
    } catch (FileNotFoundException e) {
      // every shard is missing then, as is said below
    } catch (IOException e) {
      throw new InputException(
          "The folder "
              + HadoopFiles.show(folder)
              + " cannot be listed: "
              + HadoopFiles.reason(e)
              + ".",
          e);
    }
    for (Shard shard : shards()) {
      Long bytes = found.get(shard.file());
      if (bytes == null || bytes != shard.bytes()) {
        throw new InputException(
            "The prepared corpus "
                + HadoopFiles.show(path)
                + " is not whole: "
                + shard.file()
                + (bytes == null ? " is missing" : " has " + bytes + " bytes")
                + (bytes == null ? "" : " where " + shard.bytes() + " were written")
                + ". Restore it from a copy or prepare the text again.");
      }
    }
  }

  public Kind kind() {
    return description.kind();
  }

  /** N, the number of tokens. */
  public long tokens() {
    return description.statistics().tokens();
  }

  /** Different for other text, names of files, or ways of preparing. */
  public String hash() {
    return description.hash();
  }

  /** How text becomes the tokens of this corpus. */
  public Tokenizer tokenizer() {
    return Tokenizer.of(description.unit(), vocabulary);
  }

  /** The files with the tokens, in the order of the corpus. */
  public List<Shard> shards() {
    return description.shards();
  }

  /** The path of a shard. */
  public Path file(Shard shard) {
    return new Path(path, shard.file());
  }
}
