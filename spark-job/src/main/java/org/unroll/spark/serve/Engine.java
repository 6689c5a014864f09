// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.TextBatch;
import org.unroll.spark.store.SavedModel;

/**
 * An engine writes the texts of all sessions of a language model, a token of each at a time: one
 * thread owns the parameters, which are packed once, and steps all of them together. Sessions come
 * and go between two steps. What a session writes is what it would write alone, to the last bit.
 */
final class Engine implements AutoCloseable {
  /**
   * The tokens of prompts that are read between two steps: others wait no longer than for these.
   */
  private static final int SKIMMED = 64;

  /** A text under way, and for whom. */
  private record Writing(TextSession session, TextBatch.Text text) {
    /** Returns whether the prompt is to be read first; one that is judged is read step by step. */
    boolean isReading() {
      return text.unread() > 1 && !session.task().judgePrompt();
    }
  }

  private final TextBatch batch;
  private final Metrics metrics;
  private final Semaphore places;
  private final Queue<TextSession> arriving = new ConcurrentLinkedQueue<>();
  private final Thread thread = new Thread(this::run, "unroll-engine");
  private volatile boolean closing;
  private volatile boolean cutting;

  // The engine's thread's own.
  private final List<Writing> writings = new ArrayList<>();
  private final List<Writing> stepping = new ArrayList<>();
  private final List<TextBatch.Text> texts = new ArrayList<>();
  private int turn;

  /**
   * Starts an engine.
   *
   * @param most sessions at a time
   * @param threads that compute a step together
   */
  Engine(SavedModel model, int most, int threads, Metrics metrics) {
    Network network = model.network();
    Pass pass = new Pass(network, new Team(threads));
    pass.load(model.params());
    batch = new TextBatch(pass, network, most, SKIMMED);
    places = new Semaphore(most, true);
    this.metrics = metrics;
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Opens sessions, which the calling thread reads and closes.
   *
   * @param patience how long to wait for places
   * @throws ApiException if all are taken for longer, or the engine closes
   */
  List<TextSession> open(List<TextSession.Task> tasks, Duration patience) {
    try {
      if (closing || !places.tryAcquire(tasks.size(), patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw ApiException.busy(
            closing
                ? "The server is about to end."
                : "All places are taken for now: the server writes as many texts at a time as it may."
                    + " Ask again in a moment.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.busy("The server is about to end.");
    }
    List<TextSession> sessions = tasks.stream().map(TextSession::new).toList();
    arriving.addAll(sessions);
    LockSupport.unpark(thread);
    return sessions;
  }

  private void run() {
    while (!closing || !writings.isEmpty() || !arriving.isEmpty()) {
      admit();
      leave();
      if (writings.isEmpty()) {
        if (arriving.isEmpty() && !closing) {
          LockSupport.park(this);
        }
      } else {
        try {
          read();
          step();
        } catch (RuntimeException | Error e) {
          // Nobody knows what the texts have come to; new ones may go well.
          ApiException fault = ApiException.fault("The texts could not be written on.");
          List.copyOf(writings).forEach(writing -> end(writing, fault));
          writings.clear();
          metrics.fault(e);
        }
      }
    }
  }

  private void admit() {
    for (TextSession session = arriving.poll(); session != null; session = arriving.poll()) {
      TextSession.Task task = session.task();
      boolean judged = task.alternatives() >= 0;
      TextBatch.Text text = batch.begin(task.prompt(), task.sampling(), judged);
      writings.add(new Writing(session, text));
      metrics.sessions(1);
    }
  }

  /** Lets go those whose clients have gone, and all if there is no more time. */
  private void leave() {
    for (int i = writings.size() - 1; i >= 0; i--) {
      if (cutting || writings.get(i).session().isClosed()) {
        end(
            writings.remove(i),
            cutting ? ApiException.busy("The server ended before the text did.") : null);
      }
    }
  }

  private void end(Writing writing, RuntimeException why) {
    writing.session().end(why);
    metrics.sessions(-1);
    places.release();
  }

  /** Reads on in prompts, by turns. */
  private void read() {
    int budget = SKIMMED;
    for (int i = 0; i < writings.size() && budget > 0; i++) {
      turn = (turn + 1) % writings.size();
      Writing writing = writings.get(turn);
      if (writing.isReading()) {
        budget -= batch.skim(writing.text(), budget);
      }
    }
  }

  /** Goes one token further in all texts whose prompts have been read. */
  private void step() {
    stepping.clear();
    texts.clear();
    for (Writing writing : writings) {
      if (!writing.isReading() && !isWhole(writing)) {
        stepping.add(writing);
        texts.add(writing.text());
      }
    }
    if (!texts.isEmpty()) {
      batch.step(texts);
      metrics.step(texts.size());
    }
    long now = System.nanoTime();
    for (Writing writing : stepping) {
      if (writing.text().failure() == null) {
        writing.session().take(writing.text(), now);
      }
    }
    for (int i = writings.size() - 1; i >= 0; i--) {
      RuntimeException failure = writings.get(i).text().failure();
      if (failure != null || isWhole(writings.get(i))) {
        end(
            writings.remove(i),
            failure == null
                ? null
                : ApiException.fault("The model cannot write: " + failure.getMessage() + "."));
      }
    }
  }

  /** Returns whether a text is as long as it is to be, and its prompt is judged to its end. */
  private static boolean isWhole(Writing writing) {
    TextSession.Task task = writing.session().task();
    return task.most() == 0
        ? writing.text().unread() <= 1 || !task.judgePrompt()
        : writing.text().written() >= task.most();
  }

  /**
   * Takes no more sessions, and ends when those under way do.
   *
   * @param patience after which they are cut off
   */
  void close(Duration patience) {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(Math.max(1, patience.toMillis()));
      cutting = true;
      thread.join();
    } catch (InterruptedException e) {
      cutting = true;
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }
}
