// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.List;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.SequenceRow;

/**
 * An encoded row is a row of the user's data as a shard keeps it: whole, with its tokens as ids. Of
 * tokens that a vocabulary does not know, which all have the id of {@link Vocabulary#UNK}, it has
 * the texts as well.
 *
 * @param number its place in the input, from 0
 * @param key where it stands in the input
 * @param id its name, or null
 * @param tokens ids by text column and step
 * @param unknown texts of the unknown tokens of each column, in their order
 * @param steps T
 * @param features {@code [T, D]}, or null
 * @param label of the whole row, or null
 * @param stepLabels a label for each step, or null
 * @param targets numbers to predict, or null
 */
record EncodedRow(
    long number,
    RowKey key,
    String id,
    int[][] tokens,
    List<List<String>> unknown,
    int steps,
    float[] features,
    String label,
    String[] stepLabels,
    float[] targets) {
  private static final String[] NO_TOKENS = {};
  private static final float[] NO_FEATURES = {};

  /**
   * Encodes a row.
   *
   * @param vocabularies of its text columns, all with {@link Vocabulary#UNK}
   */
  static EncodedRow of(long number, SequenceRow row, List<Vocabulary> vocabularies) {
    int[][] tokens = new int[row.tokens().length][];
    List<List<String>> unknown = new ArrayList<>();
    for (int c = 0; c < tokens.length; c++) {
      String[] texts = row.tokens()[c];
      Vocabulary vocabulary = vocabularies.get(c);
      int unk = vocabulary.id(Vocabulary.UNK);
      tokens[c] = new int[texts.length];
      unknown.add(new ArrayList<>());
      for (int t = 0; t < texts.length; t++) {
        tokens[c][t] = vocabulary.id(texts[t]);
        if (tokens[c][t] == unk) {
          unknown.get(c).add(texts[t]);
        }
      }
    }
    return new EncodedRow(
        number,
        row.key(),
        row.id(),
        tokens,
        unknown,
        row.steps(),
        row.channels() == 0 ? null : row.features(),
        row.label(),
        row.stepLabels(),
        row.targets());
  }

  /** Returns the row with the texts of its tokens. */
  SequenceRow decode(List<Vocabulary> vocabularies) {
    String[][] texts = new String[tokens.length][];
    for (int c = 0; c < texts.length; c++) {
      Vocabulary vocabulary = vocabularies.get(c);
      int unk = vocabulary.hasUnk() ? vocabulary.id(Vocabulary.UNK) : TokenIds.NONE;
      texts[c] = tokens[c].length == 0 ? NO_TOKENS : new String[tokens[c].length];
      int next = 0;
      for (int t = 0; t < texts[c].length; t++) {
        int token = tokens[c][t];
        texts[c][t] = token == unk ? unknown.get(c).get(next++) : vocabulary.token(token);
      }
    }
    return new SequenceRow(
        key,
        id,
        texts,
        features == null ? NO_FEATURES : features,
        features == null || steps == 0 ? 0 : features.length / steps,
        label,
        stepLabels,
        targets);
  }

  /** Returns how many tokens of all columns there are. */
  long tokenCount() {
    long count = 0;
    for (int[] column : tokens) {
      count += column.length;
    }
    return count;
  }

  /** Returns how many tokens have no id of their own. */
  long unknownCount() {
    return unknown.stream().mapToLong(List::size).sum();
  }

  /** Packs the row for a shuffle. */
  byte[] toBytes() {
    Output out = new Output(1 << 8, -1);
    out.writeLong(number, true);
    out.writeInt(key.file(), true);
    out.writeLong(key.position(), true);
    out.writeString(id);
    out.writeInt(tokens.length, true);
    for (int c = 0; c < tokens.length; c++) {
      out.writeInt(tokens[c].length, true);
      out.writeInts(tokens[c]);
      write(out, unknown.get(c));
    }
    out.writeInt(steps, true);
    write(out, features);
    out.writeString(label);
    write(out, stepLabels == null ? null : List.of(stepLabels));
    write(out, targets);
    return out.toBytes();
  }

  /** Writes texts behind their number, which is one higher: 0 stands for null. */
  private static void write(Output out, List<String> texts) {
    out.writeInt(texts == null ? 0 : texts.size() + 1, true);
    if (texts != null) {
      texts.forEach(out::writeString);
    }
  }

  private static void write(Output out, float[] values) {
    out.writeInt(values == null ? 0 : values.length + 1, true);
    if (values != null) {
      out.writeFloats(values);
    }
  }

  /** Unpacks what {@link #toBytes} packed. */
  static EncodedRow of(byte[] bytes) {
    Input in = new Input(bytes);
    long number = in.readLong(true);
    RowKey key = new RowKey(in.readInt(true), in.readLong(true));
    String id = in.readString();
    int[][] tokens = new int[in.readInt(true)][];
    List<List<String>> unknown = new ArrayList<>();
    for (int c = 0; c < tokens.length; c++) {
      tokens[c] = in.readInts(in.readInt(true));
      unknown.add(readTexts(in));
    }
    int steps = in.readInt(true);
    float[] features = readFloats(in);
    String label = in.readString();
    List<String> stepLabels = readTexts(in);
    return new EncodedRow(
        number,
        key,
        id,
        tokens,
        unknown,
        steps,
        features,
        label,
        stepLabels == null ? null : stepLabels.toArray(String[]::new),
        readFloats(in));
  }

  private static List<String> readTexts(Input in) {
    int count = in.readInt(true) - 1;
    if (count < 0) {
      return null;
    }
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(in.readString());
    }
    return texts;
  }

  private static float[] readFloats(Input in) {
    int count = in.readInt(true) - 1;
    return count < 0 ? null : in.readFloats(count);
  }
}
