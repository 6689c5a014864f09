// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.math;

/**
 * A fixed number of threads that do the parts of one task together. Parts must write to places of
 * their own and be the same whatever their number, so that the number of threads decides how long a
 * task takes and nothing else. The caller does the first part; its helpers are started when they
 * are needed, watch for a moment for the next task, sleep after that, and end when they were idle
 * for long, so that a team needs no closing. A team is not for use by two threads at a time.
 */
public final class Team {
  /** A task is done in parts. */
  @FunctionalInterface
  public interface Task {
    /** Does part {@code part} of {@code parts}. */
    void run(int part, int parts);
  }

  /** The time a helper stays awake: longer than from one task of a window to the next. */
  private static final long WATCH_NANOS = 200_000;

  private static final long IDLE_MILLIS = 5000;

  /** The looks at a helper before the caller's processor is offered to others. */
  private static final int SPINS = 10_000;

  private final Helper[] helpers;

  /** Makes a team of {@code threads} threads, the caller among them. */
  public Team(int threads) {
    Checks.positive("threads", threads);
    helpers = new Helper[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper(i + 1, threads);
    }
  }

  /** Returns the number of threads. */
  public int size() {
    return helpers.length + 1;
  }

  /** Returns where part {@code part} of {@code parts} nearly equal parts of a length begins. */
  public static int start(int length, int part, int parts) {
    return (int) ((long) length * part / parts);
  }

  /**
   * Runs all parts of a task and returns when they are done.
   *
   * @throws RuntimeException or an Error that a part has thrown, after all have ended
   */
  public void run(Task task) {
    for (Helper helper : helpers) {
      helper.begin(task);
    }
    Throwable failure = null;
    try {
      task.run(0, size());
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    for (Helper helper : helpers) {
      Throwable thrown = helper.await();
      failure = failure == null ? thrown : failure;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  private static final class Helper implements Runnable {
    private final int part;
    private final int parts;

    /** The task to be done; null when it is done. */
    private volatile Task task;

    private Throwable failure;
    private Thread thread;

    Helper(int part, int parts) {
      this.part = part;
      this.parts = parts;
    }

    void begin(Task next) {
      task = next;
      synchronized (this) {
        if (thread == null) {
          thread = new Thread(this, "unroll-kernels-" + part);
          thread.setDaemon(true);
          thread.start();
        } else {
          notifyAll();
        }
      }
    }

    /** Waits for the part's end; returns what it threw, or null. */
    Throwable await() {
      for (int i = 0; task != null; i++) {
        if (i < SPINS) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
      Throwable thrown = failure;
      failure = null;
      return thrown;
    }

    @Override
    public void run() {
      for (Task next = next(); next != null; next = next()) {
        try {
          next.run(part, parts);
        } catch (RuntimeException | Error e) {
          failure = e;
        }
        task = null;
      }
    }

    /** Returns the next task, or null when there was none for long. */
    private Task next() {
      long end = System.nanoTime() + WATCH_NANOS;
      while (task == null && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      return task == null ? sleep() : task;
    }

    private synchronized Task sleep() {
      long end = System.nanoTime() + IDLE_MILLIS * 1_000_000;
      while (task == null) {
        long millis = (end - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          thread = null;
          return null;
        }
        try {
          wait(millis);
        } catch (InterruptedException e) {
          end = System.nanoTime();
        }
      }
      return task;
    }
  }
}
