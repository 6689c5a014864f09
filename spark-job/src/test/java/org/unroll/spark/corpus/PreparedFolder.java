// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;

/** Writes a prepared corpus from ids that a test knows, with files as small as it likes. */
public final class PreparedFolder {
  private final Path folder;
  private final Vocabulary vocabulary;
  private CorpusDescription.Kind kind = CorpusDescription.Kind.STREAM;
  private String unit = "char";
  private String hash = "0123";
  private Map<String, Object> options = Map.of("vocab_size", 0, "min_count", 1);

  public PreparedFolder(Path folder, Vocabulary vocabulary) {
    this.folder = folder;
    this.vocabulary = vocabulary;
  }

  /** The text of a vocabulary of its own. */
  public static PreparedFolder ofText(Path folder, String text, String unit) {
    return new PreparedFolder(folder, vocabulary(text, unit)).unit(unit);
  }

  /** All tokens of a text, chosen and ordered as a training does. */
  public static Vocabulary vocabulary(String text, String unit) {
    List<String> tokens = new ArrayList<>();
    Tokenizer.of(unit).tokenize(text, tokens::add);
    return Vocabulary.build(Twin.counts(tokens), unit, 0, 1, false);
  }

  public PreparedFolder kind(CorpusDescription.Kind kind) {
    this.kind = kind;
    return this;
  }

  public PreparedFolder unit(String unit) {
    this.unit = unit;
    return this;
  }

  public PreparedFolder hash(String hash) {
    this.hash = hash;
    return this;
  }

  public PreparedFolder options(int vocabularySize, int minCount) {
    options = Map.of("vocab_size", vocabularySize, "min_count", minCount);
    return this;
  }

  /** Writes a text's tokens to files of so many. */
  public Path write(String text, int fileTokens) {
    List<String> tokens = new ArrayList<>();
    Tokenizer.of(unit).tokenize(text, tokens::add);
    return write(Twin.ids(tokens, vocabulary), fileTokens);
  }

  /** Writes ids to files of so many. */
  public Path write(int[] ids, int fileTokens) {
    try {
      Files.createDirectories(folder.resolve(PreparedCorpus.SHARDS));
      List<CorpusDescription.Shard> shards = new ArrayList<>();
      for (int first = 0; first < ids.length; first += fileTokens) {
        int end = Math.min(ids.length, first + fileTokens);
        String name = PreparedCorpus.SHARDS + "/part-%05d.zstd.parquet".formatted(shards.size());
        long bytes = shard(folder.resolve(name), ids, first, end);
        shards.add(new CorpusDescription.Shard(name, first, end - first, 0, bytes));
      }
      CorpusStatistics statistics =
          new CorpusStatistics(
              1, ids.length, vocabulary.size(), 0, 0, 0, 0, 0, ids.length, new LengthHistogram());
      try (OutputStream out = Files.newOutputStream(folder.resolve(PreparedCorpus.DESCRIPTION))) {
        new CorpusDescription(
                kind, unit, Map.of("name", unit), options, statistics, hash, List.of(), shards)
            .write(out);
      }
      try (OutputStream out = Files.newOutputStream(folder.resolve(PreparedCorpus.VOCABULARY))) {
        vocabulary.write(out);
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long shard(Path file, int[] ids, int from, int to) throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file.toUri());
    try (TokenShardWriter writer = new TokenShardWriter(path, new Configuration(), from)) {
      for (int i = from; i < to; i++) {
        writer.add(ids[i]);
      }
      return writer.finish();
    }
  }
}
