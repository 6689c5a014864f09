// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.rows.RowFormat;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.HadoopFiles.Parser;

/**
 * The folder that {@code prepare} writes, on any Hadoop file system: {@code corpus.json}, {@code
 * vocabulary.tsv} and {@code shards/*.parquet}. What {@code corpus.json} does not name does not
 * belong to it. It takes memory by source file and shard, and for the vocabulary.
 *
 * @param path of the folder, with its file system
 * @param description its {@code corpus.json}
 * @param vocabulary the ids of its tokens
 * @param pairs of rows in byte pairs; null where tokens are others, or where a build prepared the
 *     rows that learnt no pairs of what is to be written
 */
public record PreparedCorpus(
    Path path, CorpusDescription description, Vocabulary vocabulary, BytePairs pairs) {
  public static final String DESCRIPTION = "corpus.json";
  public static final String VOCABULARY = "vocabulary.tsv";
  public static final String TARGET_VOCABULARY = "vocabulary_target.tsv";
  public static final String SHARDS = "shards";

  /** The option of rows in byte pairs that says whether both sides share them. */
  static final String JOINT = "joint";

  /** Returns whether a folder as people write it holds a prepared corpus, whole or damaged. */
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
    BytePairs pairs = pairsOrNull(path, description, vocabulary, conf);
    PreparedCorpus corpus = new PreparedCorpus(path, description, vocabulary, pairs);
    corpus.requireShards(conf);
    return corpus;
  }

  private static BytePairs pairsOrNull(
      Path path, CorpusDescription description, Vocabulary vocabulary, Configuration conf) {
    Map<String, Object> options = description.options();
    if (!options.containsKey(JOINT)) {
      return null;
    }
    if (Boolean.TRUE.equals(options.get(JOINT))) {
      return new BytePairs(vocabulary, vocabulary);
    }
    return new BytePairs(
        options.get("text") == null ? null : vocabulary,
        options.get("label") == null
            ? null
            : read(path, TARGET_VOCABULARY, conf, Vocabulary::read));
  }

  /**
   * Returns the byte pairs of rows.
   *
   * @throws InputException if a build prepared them that learnt none of what is to be written
   */
  BytePairs requirePairs() {
    if (pairs == null) {
      throw new InputException(
          ("The rows of %s were prepared by an earlier version, which learnt no byte pairs of what is"
                  + " to be written: prepare them again, with --overwrite.")
              .formatted(name()));
    }
    return pairs;
  }

  private static <T> T read(Path folder, String name, Configuration conf, Parser<T> parser) {
    Path file = new Path(folder, name);
    try (InputStream in = new BufferedInputStream(HadoopFiles.fileSystem(file, conf).open(file))) {
      return parser.parse(in, HadoopFiles.show(file));
    } catch (FileNotFoundException e) {
      throw new InputException(
          ("%s is no prepared corpus, as it has no %s. Give the folder that prepare"
                  + " wrote with --out.")
              .formatted(HadoopFiles.show(folder), name),
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
          "The folder %s cannot be listed: %s."
              .formatted(HadoopFiles.show(folder), HadoopFiles.reason(e)),
          e);
    }
    for (Shard shard : shards()) {
      Long bytes = found.get(shard.file());
      if (bytes == null || bytes != shard.bytes()) {
        throw new InputException(
            ("The prepared corpus %s is not whole: %s%s%s. Restore it from a copy or"
                    + " prepare the text again.")
                .formatted(
                    HadoopFiles.show(path),
                    shard.file(),
                    bytes == null ? " is missing" : " has " + bytes + " bytes",
                    bytes == null ? "" : " where " + shard.bytes() + " were written"));
      }
    }
  }

  /** Returns the columns that an option named when it was prepared, such as {@code text}. */
  public List<String> columns(String option) {
    String names = Objects.toString(description.options().get(option), "");
    return names.isEmpty() ? List.of() : List.of(names.split(","));
  }

  /** Returns how the files were written that it was made of. */
  public RowsInput.Form form() {
    boolean whole = Boolean.TRUE.equals(description.options().get("whole_files"));
    String word = description.options().get("format").toString();
    RowFormat format = whole ? RowFormat.FILE : RowFormat.valueOf(word.toUpperCase(Locale.ROOT));
    return new RowsInput.Form(format, null, columns("columns"), null);
  }

  /** Returns N, the number of tokens. */
  public long tokens() {
    return description.statistics().tokens();
  }

  /** Returns how text becomes the tokens of this corpus. */
  public Tokenizer tokenizer() {
    return Tokenizer.of(description.unit(), vocabulary);
  }

  /** Returns the files with the tokens, in the order of the corpus. */
  public List<Shard> shards() {
    return description.shards();
  }

  /** Returns the path of a shard. */
  public Path file(Shard shard) {
    return new Path(path, shard.file());
  }

  /** Returns the folder as messages name it. */
  public String name() {
    return HadoopFiles.show(path);
  }

  /**
   * Returns the prepared corpus that is the input, or null if the input is files.
   *
   * @throws InputException if it is one among other inputs
   */
  public static PreparedCorpus findOrNull(List<String> inputs, Configuration conf) {
    String found = inputs.stream().filter(path -> isAt(path, conf)).findFirst().orElse(null);
    if (found == null) {
      return null;
    }
    if (inputs.size() > 1) {
      throw new InputException(
          found
              + " is a prepared corpus, which cannot be read together with other inputs: give it"
              + " alone, or prepare all of the text together.");
    }
    return open(found, conf);
  }

  /**
   * Returns the prepared corpus of a stream that is the input, or null if the input is text.
   *
   * @param reader what it is for, for people
   * @throws InputException if it is one among other inputs, or cannot be used as a stream
   */
  public static PreparedCorpus findStreamOrNull(
      List<String> inputs, Configuration conf, String reader) {
    PreparedCorpus corpus = findOrNull(inputs, conf);
    if (corpus != null && corpus.description.kind() != Kind.STREAM) {
      throw new InputException(
          ("The prepared corpus %s is made of separate documents; %s reads one stream"
                  + " of text: prepare it with --kind stream.")
              .formatted(corpus.name(), reader));
    }
    return corpus;
  }

  /**
   * Returns the --vocab-size that the corpus was prepared with, special symbols among them; 0 for
   * all.
   */
  public int vocabularySize() {
    return ((Number) description.options().getOrDefault("vocab_size", 0)).intValue();
  }

  /** Returns the --min-count that the corpus was prepared with. */
  public long minCount() {
    return ((Number) description.options().getOrDefault("min_count", 1)).longValue();
  }

  /**
   * Checks that an option says what the corpus says, or nothing.
   *
   * @param asked its value, or null
   * @param expected the value that says the same
   * @param prepared what prepare was told, for people
   * @throws InputException if it says something else
   */
  public void requireSame(String option, Object asked, Object expected, Object prepared) {
    if (asked != null && !asked.equals(expected)) {
      throw new InputException(
          ("%s %s does not go with the prepared corpus %s, which was prepared with %s"
                  + " %s: leave the option out, or prepare the text again.")
              .formatted(option, asked, name(), option, prepared));
    }
  }

  /**
   * Checks that the corpus has the tokens that a model or another corpus has.
   *
   * @param whose who that is, for people
   * @throws InputException if it was prepared in another way
   */
  public void requireSame(String unit, Vocabulary other, String whose) {
    String difference = difference(unit, other);
    if (difference != null) {
      throw new InputException(
          ("The prepared corpus %s does not go with %s: %s. Give the text that it was"
                  + " made of, which is then read with that vocabulary, or prepare it with"
                  + " --vocabulary and the corpus that was learnt.")
              .formatted(name(), whose, difference));
    }
  }

  private String difference(String unit, Vocabulary other) {
    if (!description.unit().equals(unit)) {
      return "its tokens are of --unit " + description.unit() + ", not " + unit;
    }
    for (int id = 0; id < Math.min(vocabulary.size(), other.size()); id++) {
      if (!vocabulary.token(id).equals(other.token(id))) {
        return "its token %s is %s, not %s"
            .formatted(
                id,
                Vocabulary.describe(vocabulary.token(id)),
                Vocabulary.describe(other.token(id)));
      }
    }
    return vocabulary.size() == other.size()
        ? null
        : "its vocabulary has " + vocabulary.size() + " tokens, not " + other.size();
  }

  /** Refuses a corpus where text is read with a vocabulary, as a corpus has one of its own. */
  public static void requireText(String option, String path, Configuration conf) {
    if (path != null && isAt(path, conf)) {
      throw new InputException(
          ("%s %s is a prepared corpus, but --input is text, which gets a vocabulary of"
                  + " its own: prepare the input too, or give the text of %s.")
              .formatted(option, HadoopFiles.show(new Path(path)), option));
    }
  }
}
