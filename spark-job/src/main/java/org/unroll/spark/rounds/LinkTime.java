// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * How long the numbers of a round took over one link, from the first of a message to its last; only
 * reported.
 *
 * @param from the machine that sent, or nothing where nothing was sent
 * @param to the machine that received
 */
public record LinkTime(String from, String to, long nanos) {
  /** Nothing came. */
  static final LinkTime NONE = new LinkTime("", "", 0);

  /** Returns the slower of two. */
  LinkTime orSlower(LinkTime other) {
    return other.nanos > nanos ? other : this;
  }

  /** Returns the link without its time, for people. */
  public String name() {
    return from + " to " + to;
  }

  int bytes() {
    return 16 + (from + to).getBytes(StandardCharsets.UTF_8).length;
  }

  ByteBuffer write(ByteBuffer out) {
    return put(to, put(from, out)).putLong(nanos);
  }

  private static ByteBuffer put(String name, ByteBuffer out) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return out.putInt(bytes.length).put(bytes);
  }

  static LinkTime read(ByteBuffer in) {
    return new LinkTime(name(in), name(in), in.getLong());
  }

  private static String name(ByteBuffer in) {
    byte[] bytes = new byte[Messages.count(in, 1, "bytes of a machine's name")];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
