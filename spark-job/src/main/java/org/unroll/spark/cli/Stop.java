// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Terminal;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * The end of a process that is stopped by a signal, whatever its command is doing: one line says
 * what was kept, Spark's jobs are cancelled, the command removes what it has not finished as it
 * does behind any failure, and the exit code is that of the signal. A second signal ends it at
 * once.
 */
public final class Stop {
  /** The signals of people and of schedulers, with what is added to 128 for the exit code. */
  private static final Map<String, Integer> SIGNALS = Map.of("INT", 2, "TERM", 15);

  private static final long LOOK_MILLIS = 100;
  private static final long PATIENCE_MILLIS = 10_000;

  /** Counts down when a signal comes that somebody waits for; null if nobody does. */
  private static volatile CountDownLatch awaited;

  /** What takes the signals of a name when one has come: the second ends the process. */
  private final Map<String, SignalHandler> before = new ConcurrentHashMap<>();

  private final Terminal terminal;
  private final Thread command = Thread.currentThread();
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean stopped;

  private Stop(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Runs a command of this process until it is over or stopped.
   *
   * @param running returns the exit code
   */
  public static int unlessStopped(Terminal terminal, IntSupplier running) {
    Stop stop = new Stop(terminal);
    SIGNALS.keySet().forEach(stop::listen);
    try {
      return running.getAsInt();
    } finally {
      stop.over.countDown();
      while (stop.stopped) {
        stop.pause(); // until the process has ended with the exit code of the signal
      }
    }
  }

  /**
   * Waits for a signal, which is then the end of the command and no failure: whoever called goes on
   * and ends the process with its own exit code.
   */
  static void await() throws InterruptedException {
    CountDownLatch signal = new CountDownLatch(1);
    awaited = signal;
    signal.await();
  }

  private void listen(String name) {
    try {
      before.put(name, Signal.handle(new Signal(name), this::received));
    } catch (IllegalArgumentException e) {
      // A JVM that was told to leave signals alone ends by itself.
    }
  }

  private void received(Signal signal) {
    Signal.handle(signal, before.get(signal.getName()));
    CountDownLatch waiting = awaited;
    if (waiting == null) {
      stop(signal.getName());
    } else {
      waiting.countDown();
    }
  }

  private void stop(String signal) {
    stopped = true;
    Thread.setDefaultUncaughtExceptionHandler((thread, error) -> {});
    terminal.stop("unroll: Stopped by SIG" + signal + ".");
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    boolean told = false;
    while (over.getCount() > 0 && System.nanoTime() < until) {
      if (!SparkRuntime.abort() && !told) {
        command.interrupt();
      }
      told = true;
      pause();
    }
    System.exit(128 + SIGNALS.get(signal));
  }

  private void pause() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      // Nothing shortens the end.
    }
  }
}
