// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.List;
import java.util.stream.Stream;

/**
 * A row: a sequence with what is known of it. It has T steps, each with a token of every text
 * column, D numbers, or both. Arrays are not copied; nobody writes to them.
 *
 * @param key where it stands
 * @param id its name in the input, or null
 * @param tokens {@code [columns][T]}; no columns if no text was asked for
 * @param features {@code [T, D]}, the channels of a step side by side, NaN where a value is
 *     missing; empty if none were asked for
 * @param channels D
 * @param label of the whole sequence, or null
 * @param stepLabels {@code [T]}, or texts that are equally right as an answer; or null
 * @param targets numbers to predict, or null
 * @param slices values of the columns that part rows, null where one is missing; mostly none
 */
@DefaultSerializer(SequenceRow.KryoForm.class)
public record SequenceRow(
    RowKey key,
    String id,
    String[][] tokens,
    float[] features,
    int channels,
    String label,
    String[] stepLabels,
    float[] targets,
    String[] slices)
    implements RowSource.Parsed {
  private static final String[] NO_SLICES = {};

  /** Makes a row that nothing parts from others. */
  public SequenceRow(
      RowKey key,
      String id,
      String[][] tokens,
      float[] features,
      int channels,
      String label,
      String[] stepLabels,
      float[] targets) {
    this(key, id, tokens, features, channels, label, stepLabels, targets, NO_SLICES);
  }

  /** Returns the number of steps T. */
  public int steps() {
    return channels > 0 ? features.length / channels : tokens.length > 0 ? tokens[0].length : 0;
  }

  /** Returns the same row with other tokens. */
  public SequenceRow withTokens(String[][] others) {
    return new SequenceRow(key, id, others, features, channels, label, stepLabels, targets, slices);
  }

  /** Returns the same row with the tokens that are made of each of its tokens. */
  SequenceRow cut(RowSet.Cutter cutter) {
    String[][] pieces = new String[tokens.length][];
    for (int c = 0; c < pieces.length; c++) {
      pieces[c] =
          Stream.of(tokens[c]).flatMap(token -> cutter.cut(token).stream()).toArray(String[]::new);
    }
    return withTokens(pieces);
  }

  /** Returns the same row with values of the columns that part rows. */
  SequenceRow sliced(String[] values) {
    return new SequenceRow(key, id, tokens, features, channels, label, stepLabels, targets, values);
  }

  /** Returns the texts of its label: several, the one, or none. */
  public List<String> texts() {
    if (stepLabels != null) {
      return List.of(stepLabels);
    }
    return label == null ? List.of() : List.of(label);
  }

  /**
   * Returns the same row behind others: its file comes behind theirs, and without a name it is
   * called by its number, from 1.
   */
  public SequenceRow at(int files, long number) {
    RowKey place = new RowKey(files + key.file(), key.position());
    String name = id == null ? Long.toString(number + 1) : id;
    return new SequenceRow(
        place, name, tokens, features, channels, label, stepLabels, targets, slices);
  }

  /** Returns the same row with labels of one kind or several; null for none. */
  public SequenceRow labelled(String single, String[] ofSteps, float[] numbers) {
    return new SequenceRow(key, id, tokens, features, channels, single, ofSteps, numbers, slices);
  }

  /**
   * Writes rows for Spark's caches and shuffles: Kryo 4 knows no records, and Java's own form is
   * many times longer.
   */
  public static final class KryoForm extends Serializer<SequenceRow> {
    private static final int NONE = 0;

    @Override
    public void write(Kryo kryo, Output out, SequenceRow row) {
      out.writeInt(row.key().file(), true);
      out.writeLong(row.key().position(), true);
      out.writeString(row.id());
      out.writeInt(row.tokens().length, true);
      for (String[] column : row.tokens()) {
        writeStrings(out, column);
      }
      writeFloats(out, row.features());
      out.writeInt(row.channels(), true);
      out.writeString(row.label());
      writeStrings(out, row.stepLabels());
      writeFloats(out, row.targets());
      writeStrings(out, row.slices());
    }

    @Override
    public SequenceRow read(Kryo kryo, Input in, Class<SequenceRow> type) {
      RowKey key = new RowKey(in.readInt(true), in.readLong(true));
      String id = in.readString();
      String[][] tokens = new String[in.readInt(true)][];
      for (int c = 0; c < tokens.length; c++) {
        tokens[c] = readStrings(in);
      }
      return new SequenceRow(
          key,
          id,
          tokens,
          readFloats(in),
          in.readInt(true),
          in.readString(),
          readStrings(in),
          readFloats(in),
          readStrings(in));
    }

    /** Writes the length one higher, since 0 stands for null. */
    private static void writeStrings(Output out, String[] strings) {
      out.writeInt(strings == null ? NONE : strings.length + 1, true);
      for (int i = 0; strings != null && i < strings.length; i++) {
        out.writeString(strings[i]);
      }
    }

    private static String[] readStrings(Input in) {
      int length = in.readInt(true);
      String[] strings = length == NONE ? null : new String[length - 1];
      for (int i = 0; strings != null && i < strings.length; i++) {
        strings[i] = in.readString();
      }
      return strings;
    }

    private static void writeFloats(Output out, float[] floats) {
      out.writeInt(floats == null ? NONE : floats.length + 1, true);
      if (floats != null) {
        out.writeFloats(floats);
      }
    }

    private static float[] readFloats(Input in) {
      int length = in.readInt(true);
      return length == NONE ? null : in.readFloats(length - 1);
    }
  }
}
