// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.corpus.TextCodec;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.task.RowTask.UnusableRowException;

/**
 * A row encoder knows how the rows of a model become numbers and its answers become words: the
 * vocabularies, the labels, and how numbers are scaled.
 *
 * @param vocabularies of the columns of tokens
 * @param characters of the first column's words, or null
 * @param target the texts that are written, or null
 * @param labels in the order of their ids; empty for numbers
 * @param labelCounts how often each of them occurs in the training data; empty for a saved model
 * @param unseen labels that may be there but are never an answer
 * @param statistics of the channels, or null
 * @param maxLength steps of a sequence that are read, its last ones; 0 for all
 * @param labelIds of all labels, those of the unseen ones among them
 */
@DefaultSerializer(JavaSerializer.class)
public record RowEncoder(
    List<Vocabulary> vocabularies,
    Vocabulary characters,
    TextCodec target,
    List<String> labels,
    Map<String, Long> labelCounts,
    List<String> unseen,
    ChannelStatistics statistics,
    int maxLength,
    Map<String, Integer> labelIds)
    implements Serializable {
  private static final String LABEL = "label";

  /** Makes the encoder of training data, or of a model, which knows no counts. */
  RowEncoder(
      List<Vocabulary> vocabularies,
      Vocabulary characters,
      TextCodec target,
      List<String> labels,
      Map<String, Long> labelCounts,
      ChannelStatistics statistics,
      int maxLength) {
    this(
        List.copyOf(vocabularies),
        characters,
        target,
        List.copyOf(labels),
        new LinkedHashMap<>(labelCounts),
        List.of(),
        statistics,
        maxLength,
        new HashMap<>());
    for (int i = 0; i < labels.size(); i++) {
      labelIds.put(labels.get(i), i);
    }
  }

  /** Returns the same encoder for data that have labels, too, which no answer can get right. */
  RowEncoder withUnseen(List<String> more) {
    Map<String, Integer> ids = new HashMap<>(labelIds);
    for (int i = 0; i < more.size(); i++) {
      ids.put(more.get(i), Example.unseenLabel(i));
    }
    return new RowEncoder(
        vocabularies, characters, target, labels, labelCounts, more, statistics, maxLength, ids);
  }

  /**
   * Returns every character that a word of a vocabulary has, as often as the words that have it,
   * and one for all others.
   */
  static Vocabulary charactersOf(Vocabulary words) {
    Map<String, Long> counts = new HashMap<>();
    for (Vocabulary.Entry entry : words.entries()) {
      if (!entry.token().equals(Vocabulary.UNK)) {
        characters(entry.token()).forEach(c -> counts.merge(c, entry.count(), Long::sum));
      }
    }
    return Vocabulary.build(counts, "char", 0, 1, true);
  }

  /** Returns the code points of a word, as texts. */
  static List<String> characters(String word) {
    List<String> characters = new ArrayList<>(word.length());
    word.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return characters;
  }

  /** Returns D, the numbers of a step. */
  int channels() {
    return statistics == null ? 0 : statistics.means().length;
  }

  int[] labelIds(String... some) throws UnusableRowException {
    int[] ids = new int[some.length];
    for (int t = 0; t < ids.length; t++) {
      ids[t] = labelId(LABEL, some[t]);
    }
    return ids;
  }

  /** Returns the id of a label that people call so. */
  int labelId(String what, String label) throws UnusableRowException {
    int id = find(label);
    if (id == -1) {
      throw new UnusableRowException(
          "its %s '%s' is none of the training data, which have %s".formatted(what, label, some())
              + (what.equals(LABEL) ? " (as a mistake it counts with --unseen-labels wrong)" : ""));
    }
    return id;
  }

  /** Returns the id of a label; -1 if the training data do not have it. */
  int find(String label) {
    return labelIds.getOrDefault(label, -1);
  }

  private String some() {
    String first = String.join(", ", labels.subList(0, Math.min(10, labels.size())));
    return labels.size() > 10 ? first + " and " + (labels.size() - 10) + " more" : first;
  }

  /** Returns a sequence without a target, cut to the longest that is read. */
  Example inputs(SequenceRow row) {
    float[] features = statistics == null ? null : scaled(row);
    Example all =
        new Example(name(row), row.steps(), tokens(row), words(row), features, null, null);
    return maxLength == 0 ? all : all.cut(maxLength, true);
  }

  /** Returns the name of a row in messages. */
  static String name(SequenceRow row) {
    return row.id() == null ? row.key().toString() : row.id();
  }

  /** Returns the numbers {@code [T, D]} with mean 0 and deviation 1; missing ones stay missing. */
  float[] scaled(SequenceRow row) {
    float[] features = row.features().clone();
    statistics.scale(features);
    return features;
  }

  private int[][] tokens(SequenceRow row) {
    int[][] tokens = new int[vocabularies.size()][];
    for (int c = 0; c < tokens.length; c++) {
      Vocabulary vocabulary = vocabularies.get(c);
      tokens[c] = Arrays.stream(row.tokens()[c]).mapToInt(vocabulary::id).toArray();
    }
    return tokens;
  }

  private int[][] words(SequenceRow row) {
    return characters == null
        ? null
        : Arrays.stream(row.tokens()[0])
            .map(word -> characters(word).stream().mapToInt(characters::id).toArray())
            .toArray(int[][]::new);
  }
}
