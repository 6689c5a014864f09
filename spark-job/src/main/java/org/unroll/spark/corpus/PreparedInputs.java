// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.store.HadoopFiles;

/** Finds prepared corpora among inputs, and checks that what is used together goes together. */
public final class PreparedInputs {
  private static final String VOCABULARY_SIZE = "vocab_size";
  private static final String MIN_COUNT = "min_count";

  private PreparedInputs() {}

  /**
   * The prepared corpus that is the input, or null if the input is text.
   *
   * @param reader what it is for, for people
   * @throws InputException if it is one among other inputs, or cannot be used as a stream
   */
  public static PreparedCorpus findOrNull(List<String> inputs, Configuration conf, String reader) {
    String found =
        inputs.stream().filter(path -> PreparedCorpus.isAt(path, conf)).findFirst().orElse(null);
    if (found == null) {
      return null;
    }
    if (inputs.size() > 1) {
      throw new InputException(
          found
              + " is a prepared corpus, which cannot be read together with other inputs: give it"
              + " alone, or prepare all of the text together.");
    }
    PreparedCorpus corpus = PreparedCorpus.open(found, conf);
    if (corpus.kind() != CorpusDescription.Kind.STREAM) {
      throw new InputException(
          "The prepared corpus "
              + name(corpus)
              + " is made of separate documents; "
              + reader
              + " reads one stream of text: prepare it with --kind stream.");
    }
    return corpus;
  }

  private static String name(PreparedCorpus corpus) {
    return HadoopFiles.show(corpus.path());
  }

  /** The --vocab-size that a corpus was prepared with, special symbols among them; 0 for all. */
  public static int vocabularySize(PreparedCorpus corpus) {
    return ((Number) corpus.description().options().getOrDefault(VOCABULARY_SIZE, 0)).intValue();
  }

  /** The --min-count that a corpus was prepared with. */
  public static long minCount(PreparedCorpus corpus) {
    return ((Number) corpus.description().options().getOrDefault(MIN_COUNT, 1)).longValue();
  }

  /**
   * An option may say what a corpus says, or nothing.
   *
   * @param asked its value, or null
   * @param expected the value that says the same
   * @param prepared what prepare was told, for people
   * @throws InputException if it says something else
   */
  public static void requireSame(
      String option, Object asked, Object expected, Object prepared, PreparedCorpus corpus) {
    if (asked != null && !asked.equals(expected)) {
      throw new InputException(
          option
              + " "
              + asked
              + " does not go with the prepared corpus "
              + name(corpus)
              + ", which was prepared with "
              + option
              + " "
              + prepared
              + ": leave the option out, or prepare the text again.");
    }
  }

  /**
   * A prepared corpus must have the tokens that a model or another corpus has.
   *
   * @param whose who that is, for people
   * @throws InputException if it was prepared in another way
   */
  public static void requireSame(
      PreparedCorpus corpus, String unit, Vocabulary vocabulary, String whose) {
    String difference = difference(corpus, unit, vocabulary);
    if (difference != null) {
      throw new InputException(
          "The prepared corpus "
              + name(corpus)
              + " does not go with "
              + whose
              + ": "
              + difference
              + ". Give the text that it was made of, which is then read with that vocabulary, or"
              + " prepare it with --vocabulary and the corpus that was learnt.");
    }
  }

  private static String difference(PreparedCorpus corpus, String unit, Vocabulary vocabulary) {
    String own = corpus.description().unit();
    if (!own.equals(unit)) {
      return "its tokens are of --unit " + own + ", not " + unit;
    }
    Vocabulary other = corpus.vocabulary();
    for (int id = 0; id < Math.min(other.size(), vocabulary.size()); id++) {
      if (!other.token(id).equals(vocabulary.token(id))) {
        return "its token "
            + id
            + " is "
            + Vocabulary.describe(other.token(id))
            + ", not "
            + Vocabulary.describe(vocabulary.token(id));
      }
    }
    return other.size() == vocabulary.size()
        ? null
        : "its vocabulary has " + other.size() + " tokens, not " + vocabulary.size();
  }

  /** Text that is read with a vocabulary must not be prepared, as that has one of its own. */
  public static void requireText(String option, String path, Configuration conf) {
    if (path != null && PreparedCorpus.isAt(path, conf)) {
      throw new InputException(
          option
              + " "
              + HadoopFiles.show(new Path(path))
              + " is a prepared corpus, but --input is text, which gets a vocabulary of its own:"
              + " prepare the input too, or give the text of "
              + option
              + ".");
    }
  }
}
