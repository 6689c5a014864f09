// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.unroll.rnn.network.Sampling;
import org.unroll.rnn.network.TextBatch;

/**
 * A session is a text that an {@link Engine} writes for a client: the engine's thread adds tokens,
 * another one takes them as they come. Closed by the latter, whether the text is whole or not.
 */
final class TextSession implements AutoCloseable {
  /** The time between two tidings of new tokens: waking a thread costs as much as a token. */
  private static final long TIDINGS_NANOS = 4_000_000;

  /**
   * What is to be written.
   *
   * @param prompt ids of the tokens to be continued
   * @param most tokens to write
   * @param alternatives how many of the most probable tokens are told for each; -1 to judge none
   * @param judgePrompt whether the tokens of the prompt are judged, too, but for the first
   */
  record Task(int[] prompt, int most, Sampling sampling, int alternatives, boolean judgePrompt) {}

  /**
   * How probable a token was behind all before it.
   *
   * @param logProbability of the token, of the model itself: at a temperature of 1
   * @param best ids of the most probable tokens
   * @param theirs logarithms of their probabilities
   */
  record Judgement(double logProbability, int[] best, double[] theirs) {}

  private final Task task;
  private final int[] tokens;
  private final Judgement[] judgements;
  private final Thread reader = Thread.currentThread();

  // Written by the engine's thread alone; the count last, which publishes what is before it.
  private int judged;
  private long told;
  private volatile int written;
  private volatile boolean over;
  private volatile RuntimeException failure;

  private volatile boolean waiting;
  private volatile boolean closed;

  TextSession(Task task) {
    this.task = task;
    tokens = new int[task.most()];
    int promptJudged = task.judgePrompt() ? task.prompt().length - 1 : 0;
    judgements = new Judgement[task.alternatives() < 0 ? 0 : promptJudged + task.most()];
  }

  Task task() {
    return task;
  }

  /** Returns how many tokens have been written. */
  int written() {
    return written;
  }

  /** Returns a token that has been written. */
  int token(int i) {
    return tokens[i];
  }

  /**
   * Returns how probable a token was, of those that are judged: from the second of the prompt on,
   * or from the first that was written.
   */
  Judgement judgement(int i) {
    return judgements[i];
  }

  /**
   * Returns whether no more tokens come.
   *
   * @throws RuntimeException if the text could not be written
   */
  boolean isOver() {
    if (failure != null) {
      throw failure;
    }
    return over;
  }

  /**
   * Waits until one of some sessions has more than was seen, or all are over.
   *
   * @param seen how many tokens of each were seen
   * @param deadline by {@link System#nanoTime}
   * @return whether that is so, rather than the deadline past
   */
  static boolean awaitAny(List<TextSession> sessions, int[] seen, long deadline) {
    sessions.forEach(session -> session.waiting = true);
    try {
      while (!isNews(sessions, seen)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        LockSupport.parkNanos(TextSession.class, left);
      }
      return true;
    } finally {
      sessions.forEach(session -> session.waiting = false);
    }
  }

  private static boolean isNews(List<TextSession> sessions, int[] seen) {
    boolean over = true;
    for (int i = 0; i < seen.length; i++) {
      TextSession session = sessions.get(i);
      boolean ended = session.over;
      if (session.written > seen[i]) {
        return true;
      }
      over &= ended;
    }
    return over;
  }

  /** Takes the token that the engine has come to in a text. */
  void take(TextBatch.Text text, long now) {
    if (judgements.length > 0 && (text.written() > 0 || task.judgePrompt())) {
      judgements[judged++] = judge(text.token(), text.logits());
    }
    if (text.written() > 0) {
      tokens[text.written() - 1] = text.token();
      written = text.written();
      boolean first = written == 1;
      if (waiting && (first || now - told >= TIDINGS_NANOS)) {
        wake(now);
      }
    }
  }

  private void wake(long now) {
    told = now;
    LockSupport.unpark(reader);
  }

  private Judgement judge(int token, float[] logits) {
    double[] all = TextBatch.logProbabilities(logits);
    int[] best =
        IntStream.range(0, all.length)
            .boxed()
            .sorted(Comparator.comparingDouble(id -> -all[id]))
            .limit(task.alternatives())
            .mapToInt(Integer::intValue)
            .toArray();
    return new Judgement(all[token], best, IntStream.of(best).mapToDouble(id -> all[id]).toArray());
  }

  /**
   * Ends the session, on the engine's side.
   *
   * @param why it could not be written to its end; null if it is whole
   */
  void end(RuntimeException why) {
    failure = why;
    over = true;
    wake(0);
  }

  /** Returns whether the client wants no more. */
  boolean isClosed() {
    return closed;
  }

  /** Says that nobody wants the rest: the engine goes on without it from its next step on. */
  @Override
  public void close() {
    closed = true;
  }
}
