// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Peak;

/**
 * The program that does the measured work, in a process of its own: kernels are chosen once per
 * process, and what the compiler learnt from other work would change the figures. It reads requests
 * line by line from standard input, answers each with one line, and ends with its input. {@code
 * peer.py} speaks the same protocol for PyTorch, and so do earlier builds of this program, with
 * which a build is compared: what is here already must keep its meaning.
 *
 * <pre>
 *   about                        ok what the work is done with
 *   cell CASE THREADS SEED       ok                    prepares steps of a language model, see TrainingCase
 *   reader CASE THREADS SEED LENGTHS
 *                                ok                    prepares steps of a network that reads sequences,
 *                                                      or its searches, see BatchLengths
 *   gemm M N K FORM              ok                    prepares products of a GemmCase, on one thread
 *   run N                        ok SECONDS BYTES      does it N times; seconds and bytes allocated in all
 *   profile SECONDS              ok PART=SHARE;...     does it for a while, see StepProfile
 *   workspace                    ok BYTES              of what the steps so far worked in
 *   limit SECONDS                ok GFLOPS             see Peak
 *
 *   error MESSAGE                a request that cannot be met, for the person who asked
 * </pre>
 */
public final class BenchWorker {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Runnable step = () -> {};
  private LongSupplier workspace = () -> 0;

  /** Answers until the input ends. */
  public static void main(String[] args) {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    BenchWorker worker = new BenchWorker();
    in.lines().map(worker::answer).forEach(out::println);
  }

  /** Returns the answer to one request. */
  String answer(String request) {
    try {
      return ("ok " + meet(request.strip().split(" "))).strip();
    } catch (InputException e) {
      return "error " + e.getMessage();
    }
  }

  private String meet(String[] words) {
    return switch (words[0]) {
      case "about" -> Ops.describeKernels() + ", Java " + Runtime.version();
      case "cell" -> prepare(TrainingCase.Family.CELLS, null, words);
      case "reader" -> prepare(TrainingCase.Family.READERS, BatchLengths.parse(words[4]), words);
      case "gemm" -> {
        step = new GemmCase.Product(GemmCase.ofRequest(words));
        yield "";
      }
      case "run" -> run(Long.parseLong(words[1]));
      case "profile" ->
          StepProfile.of(step, Double.parseDouble(words[1])).entrySet().stream()
              .map(part -> part.getKey() + "=" + part.getValue())
              .collect(Collectors.joining(";"));
      case "workspace" -> Long.toString(workspace.getAsLong());
      case "limit" -> Double.toString(Peak.gflops(Double.parseDouble(words[1])));
      default -> throw new InputException("unknown request " + words[0]);
    };
  }

  private String prepare(TrainingCase.Family family, BatchLengths lengths, String[] words) {
    int threads = Integer.parseInt(words[2]);
    long seed = Long.parseLong(words[3]);
    TrainingCase shape = family.parse(words[1]);
    if (shape.task() == TrainingCase.Task.SEARCH) {
      SearchRuns searches = new SearchRuns(shape, lengths, threads, seed);
      step = searches;
      workspace = searches::workspaceBytes;
    } else {
      TrainingSteps training = new TrainingSteps(shape, lengths, threads, seed);
      step = training;
      workspace = training::workspaceBytes;
    }
    return "";
  }

  private String run(long times) {
    long allocated = allocatedBytes();
    long start = System.nanoTime();
    for (long i = 0; i < times; i++) {
      step.run();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return seconds + " " + (allocatedBytes() - allocated);
  }

  /** Returns the bytes that all threads have allocated, the helpers of a step among them. */
  private static long allocatedBytes() {
    long sum = 0;
    for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }
}
