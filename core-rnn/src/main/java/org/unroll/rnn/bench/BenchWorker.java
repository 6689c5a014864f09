// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.Peak;

/**
 * The program that does the measured work, in a process of its own: kernels are chosen once per
 * process, and what the compiler learnt from other work would change the figures. Reads requests
 * line by line from standard input and answers each with one line; ends with its input. {@code
 * peer.py} speaks the same protocol for PyTorch.
 *
 * <pre>
 *   about                        ok what the work is done with
 *   cell CASE THREADS SEED       ok                    prepares training steps of a CellCase
 *   reader CASE THREADS SEED LENGTHS
 *                                ok                    prepares steps of a ReaderCase, see BatchLengths
 *   gemm M N K FORM              ok                    prepares products of a GemmCase, on one thread
 *   run N                        ok SECONDS BYTES      does it N times; seconds and bytes allocated in all
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
  public static void main(String[] args) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    BenchWorker worker = new BenchWorker();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(worker.answer(line));
    }
  }

  /** The answer to one request. */
  String answer(String request) {
    try {
      return ("ok " + meet(request.strip().split(" "))).strip();
    } catch (InputException e) {
      return "error " + e.getMessage();
    }
  }

  private String meet(String[] words) {
    switch (words[0]) {
      case "about":
        return Ops.describeKernels() + ", Java " + Runtime.version();
      case "cell":
        return prepare(new CellStep(CellCase.parse(words[1]), threads(words), seed(words)));
      case "reader":
        BatchLengths lengths = BatchLengths.parse(words[4]);
        return prepare(
            new ReaderSteps(ReaderCase.parse(words[1]), lengths, threads(words), seed(words)));
      case "gemm":
        step = new GemmStep(gemm(words));
        return "";
      case "run":
        return run(Long.parseLong(words[1]));
      case "workspace":
        return Long.toString(workspace.getAsLong());
      case "limit":
        return Double.toString(Peak.gflops(Double.parseDouble(words[1])));
      default:
        throw new InputException("unknown request " + words[0]);
    }
  }

  private String prepare(TrainingStep training) {
    step = training;
    workspace = training::workspaceBytes;
    return "";
  }

  private static int threads(String[] words) {
    return Integer.parseInt(words[2]);
  }

  private static long seed(String[] words) {
    return Long.parseLong(words[3]);
  }

  private static GemmCase gemm(String[] words) {
    return new GemmCase(
        Integer.parseInt(words[1]),
        Integer.parseInt(words[2]),
        Integer.parseInt(words[3]),
        GemmCase.Form.parse(words[4]));
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

  /** By all threads of this process together, the helpers of a step among them. */
  private static long allocatedBytes() {
    long sum = 0;
    for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }
}
