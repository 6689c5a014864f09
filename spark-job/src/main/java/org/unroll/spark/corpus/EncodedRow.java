// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.SequenceRow;

/**
 * An encoded row is a row of the user's data as a shard keeps it: whole, with its tokens as ids. Of
 * tokens that a vocabulary does not know, which all have the id of {@link Vocabulary#UNK}, it has
 * the texts as well.
 *
 * <pre>
 * columns of a shard
 * id           text, or null        tokens, tokens_2, ...    ids of a text column each
 * length       steps T              unknown, unknown_2, ...  texts of the unknown tokens, or null
 * file         of the input         features                 T times D numbers, or null
 * position     in that file         step_labels, targets     lists, or null
 * label        text, or null
 * </pre>
 *
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
    RowKey key,
    String id,
    int[][] tokens,
    List<List<String>> unknown,
    int steps,
    float[] features,
    String label,
    String[] stepLabels,
    float[] targets) {
  private static final int ROWS_PER_GROUP = 1 << 16;
  private static final int ROWS_PER_PAGE = 1 << 10;
  private static final String[] NO_TOKENS = {};
  private static final float[] NO_FEATURES = {};

  /**
   * Encodes a row.
   *
   * @param vocabularies of its text columns
   * @throws IllegalArgumentException if a vocabulary has neither a token nor {@link Vocabulary#UNK}
   */
  static EncodedRow of(SequenceRow row, List<Vocabulary> vocabularies) {
    int[][] tokens = new int[row.tokens().length][];
    List<List<String>> unknown = new ArrayList<>();
    for (int c = 0; c < tokens.length; c++) {
      String[] texts = row.tokens()[c];
      Vocabulary vocabulary = vocabularies.get(c);
      int unk = unk(vocabulary);
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

  private static int unk(Vocabulary vocabulary) {
    return vocabulary.hasUnk() ? vocabulary.id(Vocabulary.UNK) : TokenIds.NONE;
  }

  /** Returns the row with the texts of its tokens. */
  SequenceRow decode(List<Vocabulary> vocabularies) {
    String[][] texts = new String[tokens.length][];
    for (int c = 0; c < texts.length; c++) {
      Vocabulary vocabulary = vocabularies.get(c);
      int unk = unk(vocabulary);
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

  /**
   * Begins a shard of rows.
   *
   * @param file its final path
   * @param texts how many columns of tokens rows have
   */
  static ShardFile<EncodedRow> shard(Path file, Configuration conf, int texts) throws IOException {
    return new ShardFile<>(file, conf, "documents", columns(texts), ROWS_PER_GROUP, ROWS_PER_PAGE);
  }

  /** Returns the columns of a shard whose rows have so many columns of tokens. */
  static List<ShardColumn<EncodedRow>> columns(int texts) {
    List<ShardColumn<EncodedRow>> columns = new ArrayList<>();
    columns.add(new ShardColumn<>(text("id"), false, EncodedRow::id));
    for (int c = 0; c < texts; c++) {
      int column = c;
      Type ids = Types.requiredList().requiredElement(INT32).named(name("tokens", c));
      columns.add(new ShardColumn<>(ids, true, row -> row.tokens[column]));
    }
    columns.add(new ShardColumn<>(Types.required(INT32).named("length"), true, EncodedRow::steps));
    columns.add(new ShardColumn<>(text("label"), true, EncodedRow::label));
    columns.add(
        new ShardColumn<>(Types.required(INT32).named("file"), true, row -> row.key.file()));
    columns.add(
        new ShardColumn<>(
            Types.required(INT64).named("position"), false, row -> row.key.position()));
    for (int c = 0; c < texts; c++) {
      int column = c;
      columns.add(
          new ShardColumn<>(textList(name("unknown", c)), true, row -> row.unknownOrNull(column)));
    }
    columns.add(new ShardColumn<>(numberList("features"), false, EncodedRow::features));
    columns.add(
        new ShardColumn<>(
            textList("step_labels"),
            true,
            row -> row.stepLabels == null ? null : List.of(row.stepLabels)));
    columns.add(new ShardColumn<>(numberList("targets"), false, EncodedRow::targets));
    return columns;
  }

  private static String name(String name, int textColumn) {
    return textColumn == 0 ? name : name + "_" + (textColumn + 1);
  }

  private static Type text(String name) {
    return Types.optional(BINARY).as(LogicalTypeAnnotation.stringType()).named(name);
  }

  private static Type textList(String name) {
    return Types.optionalList()
        .requiredElement(BINARY)
        .as(LogicalTypeAnnotation.stringType())
        .named(name);
  }

  private static Type numberList(String name) {
    return Types.optionalList().requiredElement(FLOAT).named(name);
  }

  private List<String> unknownOrNull(int column) {
    return unknown.get(column).isEmpty() ? null : unknown.get(column);
  }

  /**
   * Makes a row of the values that its {@link #columns} have in a shard.
   *
   * @param texts how many columns of tokens it has
   */
  static EncodedRow of(Object[] values, int texts) {
    Iterator<Object> next = Arrays.asList(values).iterator();
    String id = (String) next.next();
    int[][] tokens = new int[texts][];
    Arrays.setAll(tokens, c -> ids(next.next()));
    int steps = ((Number) next.next()).intValue();
    String label = (String) next.next();
    int file = ((Number) next.next()).intValue();
    RowKey key = new RowKey(file, ((Number) next.next()).longValue());
    List<List<String>> unknown = new ArrayList<>();
    for (int c = 0; c < texts; c++) {
      unknown.add(Objects.requireNonNullElse(texts(next.next()), List.of()));
    }
    float[] features = floats(next.next());
    List<String> labels = texts(next.next());
    String[] stepLabels = labels == null ? null : labels.toArray(String[]::new);
    float[] targets = floats(next.next());
    return new EncodedRow(key, id, tokens, unknown, steps, features, label, stepLabels, targets);
  }

  private static int[] ids(Object value) {
    return ((List<?>) value).stream().mapToInt(id -> ((Number) id).intValue()).toArray();
  }

  @SuppressWarnings("unchecked")
  private static List<String> texts(Object value) {
    return (List<String>) value;
  }

  private static float[] floats(Object value) {
    if (value == null) {
      return null;
    }
    List<?> list = (List<?>) value;
    float[] floats = new float[list.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (Float) list.get(i);
    }
    return floats;
  }
}
