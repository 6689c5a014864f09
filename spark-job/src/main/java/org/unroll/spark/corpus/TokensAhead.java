// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.unroll.rnn.data.TokenRun;

/**
 * Reads the tokens of one row of a batch from a prepared corpus: it holds the piece that is in use
 * and the next one, which is read in the background meanwhile.
 */
final class TokensAhead implements TokenRun.Cursor {
  /** The threads of a process that read what will soon be needed. */
  private static final Executor THREADS =
      Executors.newFixedThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "unroll-read-ahead");
            thread.setDaemon(true);
            return thread;
          });

  private final StreamCorpus.Table shards;
  private final long origin;
  private final long start;
  private final long end;
  private final int pieceTokens;
  private Piece current = new Piece();
  private Piece next = new Piece();

  /** The task that reads {@link #next}; null if none does. */
  private FutureTask<Piece> reading;

  /** Tokens that follow one another; the array is used again for others. */
  private static final class Piece {
    int[] ids = {};
    long first;
    int count;

    boolean has(long position) {
      return position >= first && position < first + count;
    }
  }

  /**
   * Begins before the first read.
   *
   * @param origin corpus position that this reader calls 0
   * @param from where the row begins, counted from there
   * @param to where it ends
   * @param pieceTokens the most tokens of a piece
   */
  TokensAhead(StreamCorpus.Table shards, long origin, long from, long to, int pieceTokens) {
    this.shards = shards;
    this.origin = origin;
    this.start = origin + from;
    this.end = origin + to;
    this.pieceTokens = pieceTokens;
  }

  @Override
  public void read(long from, int count, int[] into) {
    for (int done = 0; done < count; ) {
      long position = origin + from + done;
      if (!current.has(position)) {
        turnTo(position);
      }
      int offset = (int) (position - current.first);
      int some = Math.min(count - done, current.count - offset);
      System.arraycopy(current.ids, offset, into, done, some);
      done += some;
    }
  }

  /** Makes the piece with this position the current one, and has the one behind it read. */
  private void turnTo(long position) {
    awaitNext();
    if (next.has(position)) {
      Piece used = current;
      current = next;
      next = used;
    } else {
      load(current, position);
    }
    long behind = current.first + current.count;
    next.count = 0;
    if (behind < end) {
      Piece piece = next;
      reading = new FutureTask<>(() -> load(piece, behind));
      THREADS.execute(reading);
    }
  }

  /**
   * Waits for what is being read. If that has failed nothing is lost: whoever needs it reads it
   * again, and meets the failure.
   */
  private void awaitNext() {
    if (reading == null) {
      return;
    }
    try {
      reading.get();
    } catch (ExecutionException e) {
      next.count = 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while reading a prepared corpus", e);
    }
    reading = null;
  }

  private Piece load(Piece piece, long position) {
    int count = (int) (Math.min(shards.pieceEnd(position, pieceTokens), end) - position);
    if (piece.ids.length < count) {
      piece.ids = new int[(int) Math.min(pieceTokens, end - start)];
    }
    piece.count = 0;
    shards.read(position, count, piece.ids);
    piece.first = position;
    piece.count = count;
    return piece;
  }
}
