// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.SequenceExample;
import org.unroll.rnn.data.UnseenLabel;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.train.Split;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.SequenceRow;

/** How the rows of a model become numbers and its answers become words. */
@DefaultSerializer(JavaSerializer.class)
public final class RowEncoder implements Serializable {
  private static final String LABEL = "label";

  private static final long serialVersionUID = 1L;

  private final ReadingTask task;
  private final List<Vocabulary> vocabularies;
  private final Vocabulary characters;
  private final List<String> labels;
  private final List<String> unseen;
  private final ChannelStatistics statistics;
  private final int maxLength;
  private final Map<String, Integer> labelIds = new HashMap<>();

  /**
   * @param vocabularies of the columns of tokens
   * @param characters of the first column's words, or null
   * @param labels by id; empty for numbers
   * @param statistics of the channels in the training data, or null
   * @param maxLength steps of a sequence that are read, its last ones; 0 for all
   */
  RowEncoder(
      ReadingTask task,
      List<Vocabulary> vocabularies,
      Vocabulary characters,
      List<String> labels,
      ChannelStatistics statistics,
      int maxLength) {
    this(task, vocabularies, characters, labels, List.of(), statistics, maxLength);
  }

  private RowEncoder(
      ReadingTask task,
      List<Vocabulary> vocabularies,
      Vocabulary characters,
      List<String> labels,
      List<String> unseen,
      ChannelStatistics statistics,
      int maxLength) {
    this.task = task;
    this.vocabularies = List.copyOf(vocabularies);
    this.characters = characters;
    this.labels = List.copyOf(labels);
    this.unseen = List.copyOf(unseen);
    this.statistics = statistics;
    this.maxLength = maxLength;
    for (int i = 0; i < this.labels.size(); i++) {
      labelIds.put(this.labels.get(i), i);
    }
    for (int i = 0; i < this.unseen.size(); i++) {
      labelIds.put(this.unseen.get(i), UnseenLabel.id(i));
    }
  }

  /** The same for data that have labels, too, which no answer can get right. */
  RowEncoder withUnseen(List<String> labelsThere) {
    return new RowEncoder(
        task, vocabularies, characters, labels, labelsThere, statistics, maxLength);
  }

  /** The same for a task that knows more. */
  RowEncoder with(ReadingTask other) {
    return new RowEncoder(other, vocabularies, characters, labels, unseen, statistics, maxLength);
  }

  ReadingTask task() {
    return task;
  }

  List<Vocabulary> vocabularies() {
    return vocabularies;
  }

  Vocabulary characters() {
    return characters;
  }

  List<String> labels() {
    return labels;
  }

  /** Labels that may be there but are never an answer. */
  List<String> unseen() {
    return unseen;
  }

  ChannelStatistics statistics() {
    return statistics;
  }

  int maxLength() {
    return maxLength;
  }

  /** D, the numbers of a step. */
  int channels() {
    return statistics == null ? 0 : statistics.means().length;
  }

  /** The id of a label. */
  int labelId(String label) throws UnusableRowException {
    return labelId(LABEL, label);
  }

  /** The id of a label that people call so. */
  int labelId(String what, String label) throws UnusableRowException {
    int id = find(label);
    if (id == -1) {
      throw new UnusableRowException(
          "its "
              + what
              + " '"
              + label
              + "' is none of the training data, which have "
              + some()
              + (what.equals(LABEL) ? " (as a mistake it counts with --unseen-labels wrong)" : ""));
    }
    return id;
  }

  /** The id of a label; -1 if the training data do not have it. */
  int find(String label) {
    return labelIds.getOrDefault(label, -1);
  }

  private String some() {
    String first = String.join(", ", labels.subList(0, Math.min(10, labels.size())));
    return labels.size() > 10 ? first + " and " + (labels.size() - 10) + " more" : first;
  }

  /**
   * Returns what is learnt from a row of training data, or what another row is scored by.
   *
   * @throws UnusableRowException if the task cannot use the row
   */
  List<SequenceExample> examples(Split split, SequenceRow row) throws UnusableRowException {
    return split == Split.TRAIN ? task.toLearn(row, this) : List.of(task.toScore(row, this));
  }

  /** A sequence without a target, cut to the longest that is read. */
  SequenceExample inputs(SequenceRow row) {
    float[] features = statistics == null ? null : scaled(row);
    SequenceExample all =
        new SequenceExample(name(row), row.steps(), tokens(row), words(row), features, null, null);
    return maxLength == 0 ? all : all.cut(maxLength, true);
  }

  static String name(SequenceRow row) {
    return row.id() == null ? row.key().toString() : row.id();
  }

  /** The numbers {@code [T, D]} with mean 0 and deviation 1; missing ones stay missing. */
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
            .map(word -> Characters.of(word).stream().mapToInt(characters::id).toArray())
            .toArray(int[][]::new);
  }
}
