// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;

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
    return Messages.nameBytes(from) + Messages.nameBytes(to) + 8;
  }

  ByteBuffer write(ByteBuffer out) {
    return Messages.putName(to, Messages.putName(from, out)).putLong(nanos);
  }

  static LinkTime read(ByteBuffer in) {
    return new LinkTime(Messages.readName(in), Messages.readName(in), in.getLong());
  }
}
