// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A document of a prepared corpus.
 *
 * @param id its name
 * @param label what it is labelled with, or null
 * @param tokens ids
 */
public record EncodedDocument(String id, String label, int[] tokens) {
  private static final int NONE = -1;

  /** Packs a document whose tokens are the first {@code count} of these. */
  public static byte[] toBytes(String id, String label, int[] tokens, int count) {
    byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
    byte[] labelBytes = label == null ? new byte[0] : label.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(
            3 * Integer.BYTES + idBytes.length + labelBytes.length + count * Integer.BYTES);
    out.putInt(idBytes.length).put(idBytes);
    out.putInt(label == null ? NONE : labelBytes.length).put(labelBytes);
    out.putInt(count).asIntBuffer().put(tokens, 0, count);
    return out.array();
  }

  /** Unpacks what {@link #toBytes} packed. */
  public static EncodedDocument of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    String id = text(in, in.getInt());
    int labelLength = in.getInt();
    String label = labelLength == NONE ? null : text(in, labelLength);
    int[] tokens = new int[in.getInt()];
    in.asIntBuffer().get(tokens);
    return new EncodedDocument(id, label, tokens);
  }

  private static String text(ByteBuffer in, int length) {
    String text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
    in.position(in.position() + length);
    return text;
  }
}
