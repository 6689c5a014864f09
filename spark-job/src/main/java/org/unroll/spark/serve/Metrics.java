// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Metrics count what a server does, for Prometheus. They tell how much and how long, and nothing of
 * what was typed.
 */
final class Metrics {
  /** The upper ends of the classes of times, in seconds. */
  private static final double[] SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
  };

  /** A histogram of times. */
  private static final class Histogram {
    private final LongAdder[] counts = new LongAdder[SECONDS.length + 1];
    private final LongAdder nanos = new LongAdder();

    Histogram() {
      for (int i = 0; i < counts.length; i++) {
        counts[i] = new LongAdder();
      }
    }

    void add(long some) {
      int i = 0;
      while (i < SECONDS.length && some > SECONDS[i] * 1e9) {
        i++;
      }
      counts[i].increment();
      nanos.add(some);
    }

    void write(StringBuilder out, String name, String help) {
      head(out, name, "histogram", help);
      long sum = 0;
      for (int i = 0; i < SECONDS.length; i++) {
        sum += counts[i].sum();
        out.append("%s_bucket{le=\"%s\"} %s\n".formatted(name, SECONDS[i], sum));
      }
      sum += counts[SECONDS.length].sum();
      out.append("%s_bucket{le=\"+Inf\"} %s\n".formatted(name, sum));
      out.append("%s_sum %s\n%s_count %s\n".formatted(name, nanos.sum() / 1e9, name, sum));
    }
  }

  private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();
  private final Histogram firstToken = new Histogram();
  private final Histogram answers = new Histogram();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder writtenTokens = new LongAdder();
  private final LongAdder rows = new LongAdder();
  private final LongAdder steps = new LongAdder();
  private final LongAdder stepped = new LongAdder();
  private final LongAdder gone = new LongAdder();
  private final LongAdder faults = new LongAdder();
  private final LongAdder swaps = new LongAdder();
  private final AtomicInteger sessions = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();

  /** Counts a request that comes. */
  void begin() {
    open.incrementAndGet();
  }

  /**
   * Counts a request that has ended.
   *
   * @param route where it went
   * @param status of the answer; 0 if there was none
   * @param left whether the client went before it had all of it
   */
  void end(String route, int status, boolean left, long nanos) {
    open.decrementAndGet();
    String labels = "route=\"%s\",status=\"%s\"".formatted(route, status == 0 ? "none" : status);
    requests.computeIfAbsent(labels, key -> new LongAdder()).increment();
    answers.add(nanos);
    if (left) {
      gone.increment();
    }
  }

  void firstToken(long nanos) {
    firstToken.add(nanos);
  }

  void tokens(int prompt, int written) {
    promptTokens.add(prompt);
    writtenTokens.add(written);
  }

  void rows(int some) {
    rows.add(some);
  }

  void step(int texts) {
    steps.increment();
    stepped.add(texts);
  }

  void sessions(int more) {
    sessions.addAndGet(more);
  }

  /** Counts what should not have happened. */
  void fault(Throwable error) {
    faults.increment();
    // Its class alone: a message may hold what was typed.
    StackTraceElement[] trace = error.getStackTrace();
    System.getLogger(Metrics.class.getName())
        .log(
            System.Logger.Level.ERROR,
            error.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]));
  }

  void swap() {
    swaps.increment();
  }

  /** Returns how many texts are being written. */
  int openSessions() {
    return sessions.get();
  }

  /** Returns how many requests are under way. */
  int openRequests() {
    return open.get();
  }

  /** Returns all in Prometheus' text form. */
  String text() {
    StringBuilder out = new StringBuilder();
    head(out, "unroll_requests_total", "counter", "Requests by route and status.");
    new TreeMap<>(requests)
        .forEach(
            (labels, count) ->
                out.append("unroll_requests_total{%s} %s\n".formatted(labels, count.sum())));
    number(out, "unroll_requests_open", "gauge", "Requests under way.", open.get());
    number(out, "unroll_sessions_open", "gauge", "Texts being written.", sessions.get());
    number(out, "unroll_prompt_tokens_total", "counter", "Tokens read.", promptTokens.sum());
    number(out, "unroll_written_tokens_total", "counter", "Tokens sent.", writtenTokens.sum());
    number(out, "unroll_rows_total", "counter", "Rows answered.", rows.sum());
    number(out, "unroll_steps_total", "counter", "Steps of the network.", steps.sum());
    number(out, "unroll_step_texts_total", "counter", "Texts in all steps.", stepped.sum());
    number(out, "unroll_clients_gone_total", "counter", "Clients that left early.", gone.sum());
    number(out, "unroll_faults_total", "counter", "Faults of the server.", faults.sum());
    number(out, "unroll_model_swaps_total", "counter", "New versions taken up.", swaps.sum());
    firstToken.write(
        out, "unroll_first_token_seconds", "From a request's last byte to its first token.");
    answers.write(out, "unroll_request_seconds", "From a request's headers to its end.");
    Runtime java = Runtime.getRuntime();
    long used = java.totalMemory() - java.freeMemory();
    number(out, "unroll_heap_bytes", "gauge", "Memory of the Java heap in use.", used);
    number(out, "unroll_threads", "gauge", "Threads of the process.", Thread.activeCount());
    return out.toString();
  }

  private static void head(StringBuilder out, String name, String type, String help) {
    out.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
  }

  private static void number(StringBuilder out, String name, String type, String help, long value) {
    head(out, name, type, help);
    out.append(name).append(' ').append(value).append('\n');
  }
}
