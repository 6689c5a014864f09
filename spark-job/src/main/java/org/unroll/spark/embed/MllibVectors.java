// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.embed;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.mllib.feature.Word2Vec;
import org.apache.spark.mllib.feature.Word2VecModel;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.SkipGramSpec;
import org.unroll.rnn.embed.SkipGramText;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.TokenSource;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Learns word vectors by {@link Word2Vec} of Spark MLlib. Its partitions learn by themselves and
 * are averaged after every epoch.
 */
final class MllibVectors {
  /** The most words of a sentence for MLlib, which does not look across its end. */
  private static final int SENTENCE = 1000;

  /** The classes that MLlib sends around, some of which are its own. */
  private static final List<String> SENT =
      List.of(
          "org.apache.spark.mllib.feature.VocabWord",
          "[Lorg.apache.spark.mllib.feature.VocabWord;",
          "[Lscala.Tuple2;");

  private MllibVectors() {}

  static Class<?>[] kryoClasses() {
    Class<?>[] classes = new Class<?>[SENT.size()];
    for (int i = 0; i < classes.length; i++) {
      try {
        classes[i] = Class.forName(SENT.get(i), false, Word2Vec.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("this Spark's MLlib has no " + SENT.get(i), e);
      }
    }
    return classes;
  }

  /**
   * Learns the vectors of a text's words.
   *
   * @return {@code [V, D]} in the order of the words
   * @throws InputException if MLlib cannot hold so many numbers
   */
  static float[] fit(JavaSparkContext spark, EmbedText text, SkipGramSpec spec, int partitions) {
    Vocabulary words = text.words();
    if ((long) words.size() * spec.size() * Float.BYTES >= Integer.MAX_VALUE) {
      throw new InputException(
          ("MLlib cannot hold %s vectors of %s numbers: raise --min-count, lower"
                  + " --vocab-size or --embedding, or use --method skipgram.")
              .formatted(words.size(), spec.size()));
    }
    Broadcast<String[]> shared =
        spark.broadcast(
            words.entries().stream().map(Vocabulary.Entry::token).toArray(String[]::new));
    Sentences sentences = new Sentences(text.source(), text.wordOfToken(), shared);
    JavaRDD<List<String>> input = EmbedText.pieces(spark, text.source()).flatMap(sentences::of);
    try {
      Word2VecModel model =
          new Word2Vec()
              .setVectorSize(spec.size())
              .setWindowSize(spec.window())
              .setMinCount(1)
              .setNumIterations(spec.epochs())
              .setNumPartitions(partitions)
              .setLearningRate(spec.lr())
              .setMaxSentenceLength(SENTENCE)
              .setSeed(spec.seed())
              .fit(input);
      return inOrder(model, words, spec.size());
    } finally {
      shared.destroy();
    }
  }

  private static float[] inOrder(Word2VecModel model, Vocabulary words, int size) {
    float[] values = new float[Math.multiplyExact(words.size(), size)];
    for (Tuple2<String, float[]> vector : CollectionConverters.asJava(model.getVectors().toSeq())) {
      System.arraycopy(vector._2(), 0, values, words.id(vector._1()) * size, size);
    }
    return values;
  }

  /** Cuts text into sentences of words. */
  private record Sentences(TokenSource source, int[] wordOfToken, Broadcast<String[]> words)
      implements Serializable {

    Iterator<List<String>> of(long[] piece) {
      List<List<String>> sentences = new ArrayList<>();
      List<String> sentence = new ArrayList<>();
      for (int token : source.read(piece[0], piece[1])) {
        int word = wordOfToken[token];
        if (word >= 0) {
          sentence.add(words.value()[word]);
        }
        if (sentence.size() == SENTENCE || word == SkipGramText.BORDER && !sentence.isEmpty()) {
          sentences.add(sentence);
          sentence = new ArrayList<>();
        }
      }
      if (!sentence.isEmpty()) {
        sentences.add(sentence);
      }
      return sentences.iterator();
    }
  }
}
