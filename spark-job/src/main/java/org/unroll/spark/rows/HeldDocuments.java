// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.train.Split;

/**
 * The documents of one side of a {@link HoldOut}, which are told by the hash of their first
 * megabyte: so much of each is held back until its side is known.
 */
final class HeldDocuments extends Documents {
  private static final int MOST_BYTES = 1 << 20;

  private final Documents all;
  private final HoldOut held;
  private final Split split;
  private final List<Piece> pieces = new ArrayList<>();
  private byte[] buffer = new byte[1 << 12];
  private int used;
  private int shown;

  /** Whether the document is of this side; in the beginning, what an empty one is. */
  private boolean taken;

  /** Whether the document goes on behind what was held back. */
  private boolean goesOn;

  /** A piece that is held back, in the buffer. */
  private record Piece(int from, int to, boolean newline, boolean lineEnded, boolean ended) {}

  HeldDocuments(Documents all, HoldOut held, Split split) {
    this.all = all;
    this.held = held;
    this.split = split;
    this.taken = split == Split.TRAIN;
  }

  @Override
  public boolean next() throws IOException {
    while (shown == pieces.size()) {
      boolean isRest = goesOn;
      if (isRest ? !all.next() : !holdBack()) {
        return false;
      }
      emptyRows = all.emptyRows;
      badRows = all.badRows;
      if (isRest) {
        goesOn = !all.ended;
        if (taken) {
          show(all.text, new Piece(all.from, all.to, all.newline, all.lineEnded, all.ended));
          return true;
        }
      }
    }
    show(buffer, pieces.get(shown++));
    return true;
  }

  private void show(byte[] bytes, Piece piece) {
    text = bytes;
    from = piece.from;
    to = piece.to;
    newline = piece.newline;
    lineEnded = piece.lineEnded;
    ended = piece.ended;
  }

  /** Reads a document, or as much of it as tells its side, and keeps it if that is this one. */
  private boolean holdBack() throws IOException {
    pieces.clear();
    shown = 0;
    used = 0;
    if (!all.next()) {
      return false;
    }
    boolean isEmpty = keep();
    while (!all.ended && used < MOST_BYTES && all.next()) {
      isEmpty &= keep();
    }
    goesOn = !all.ended;
    if (!isEmpty) {
      // Without the end of its last line, which a file may lack.
      int end = pieces.get(pieces.size() - 1).to;
      taken = held.split(RowHash.bytes(buffer, 0, Math.min(end, MOST_BYTES))) == split;
    }
    if (!taken) {
      pieces.clear();
    }
    return true;
  }

  /** Copies the piece that is there, and returns whether it is empty. */
  private boolean keep() {
    int length = all.to - all.from + (all.newline ? 1 : 0);
    if (used + length > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(used + length, 2 * buffer.length));
    }
    System.arraycopy(all.text, all.from, buffer, used, length);
    int end = used + all.to - all.from;
    pieces.add(new Piece(used, end, all.newline, all.lineEnded, all.ended));
    used += length;
    return all.to == all.from;
  }

  @Override
  String place(int linesBefore) throws IOException {
    List<Piece> behind = pieces.subList(shown, pieces.size());
    return all.place(linesBefore + (int) behind.stream().filter(Piece::lineEnded).count());
  }

  @Override
  public long bytes() {
    return all.bytes();
  }

  @Override
  public long invalidBytes() {
    return all.invalidBytes();
  }

  @Override
  public void close() throws IOException {
    all.close();
  }
}
