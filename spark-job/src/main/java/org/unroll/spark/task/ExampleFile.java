// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.unroll.rnn.data.SequenceExample;

/** Encoded sequences as bytes, while a training lasts. */
final class ExampleFile {
  private static final int BUFFER = 1 << 20;
  private static final int NONE = -1;

  private ExampleFile() {}

  /** Writes sequences; the stream stays open. */
  static void write(Iterator<SequenceExample> examples, OutputStream stream) throws IOException {
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(stream, BUFFER));
    while (examples.hasNext()) {
      SequenceExample e = examples.next();
      out.writeInt(e.steps());
      byte[] id = e.id().getBytes(StandardCharsets.UTF_8);
      out.writeInt(id.length);
      out.write(id);
      out.writeInt(e.tokens().length);
      for (int[] column : e.tokens()) {
        ints(column, out);
      }
      out.writeInt(e.characters() == null ? NONE : e.characters().length);
      if (e.characters() != null) {
        for (int[] word : e.characters()) {
          ints(word, out);
        }
      }
      floats(e.features(), out);
      ints(e.labels(), out);
      floats(e.values(), out);
    }
    out.writeInt(NONE);
    out.flush();
  }

  private static void ints(int[] values, DataOutputStream out) throws IOException {
    out.writeInt(values == null ? NONE : values.length);
    for (int i = 0; values != null && i < values.length; i++) {
      out.writeInt(values[i]);
    }
  }

  private static void floats(float[] values, DataOutputStream out) throws IOException {
    out.writeInt(values == null ? NONE : values.length);
    for (int i = 0; values != null && i < values.length; i++) {
      out.writeFloat(values[i]);
    }
  }

  /** Reads all that {@link #write} wrote. */
  static List<SequenceExample> read(InputStream stream) throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(stream, BUFFER));
    List<SequenceExample> examples = new ArrayList<>();
    for (int steps = in.readInt(); steps != NONE; steps = in.readInt()) {
      String id = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
      int[][] tokens = arrays(in.readInt(), in);
      int[][] characters = arrays(in.readInt(), in);
      examples.add(
          new SequenceExample(id, steps, tokens, characters, floats(in), ints(in), floats(in)));
    }
    return examples;
  }

  private static int[][] arrays(int count, DataInputStream in) throws IOException {
    if (count == NONE) {
      return null;
    }
    int[][] arrays = new int[count][];
    for (int i = 0; i < count; i++) {
      arrays[i] = ints(in);
    }
    return arrays;
  }

  private static int[] ints(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length == NONE) {
      return null;
    }
    int[] values = new int[length];
    for (int i = 0; i < length; i++) {
      values[i] = in.readInt();
    }
    return values;
  }

  private static float[] floats(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length == NONE) {
      return null;
    }
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = in.readFloat();
    }
    return values;
  }
}
