// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A process' threads that read what will soon be needed. They end when there is nothing to do. */
final class ReadAhead {
  private static final int THREADS = 2;
  private static final long IDLE_SECONDS = 10;
  private static final ThreadPoolExecutor POOL = pool();

  private ReadAhead() {}

  private static ThreadPoolExecutor pool() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "unroll-read-ahead");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Runs a task when its turn has come. */
  static void start(Runnable task) {
    POOL.execute(task);
  }
}
