// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * The terminal is where a command writes: results on standard output, everything else on standard
 * error, where one line may be written over and over as long as a person is looking.
 */
public final class Terminal {
  private static final String ERASE_LINE = "\r\u001b[K";
  private static final int USUAL_WIDTH = 80;

  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private final int width;
  private boolean lineOpen;
  private volatile boolean stopped;
  private volatile Supplier<String> ifStopped = () -> "What was not finished is removed.";

  /**
   * Makes a terminal of two streams.
   *
   * @param out takes results
   * @param err takes notes, progress and errors
   * @param interactive whether lines on {@code err} can be rewritten
   * @param width columns of a line
   */
  public Terminal(PrintStream out, PrintStream err, boolean interactive, int width) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
    this.width = width;
  }

  /**
   * Returns the terminal of the process's own streams, in UTF-8 whatever the locale: text learnt
   * from a file looks as it does in the file.
   */
  public static Terminal ofProcess() {
    String term = System.getenv().getOrDefault("TERM", "dumb");
    boolean interactive = System.console() != null && !term.equals("dumb");
    return new Terminal(utf8(FileDescriptor.out), utf8(FileDescriptor.err), interactive, columns());
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  private static int columns() {
    String columns = System.getenv().getOrDefault("COLUMNS", "");
    return columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : USUAL_WIDTH;
  }

  /** Returns whether a person is looking, so that a line may be rewritten. */
  public boolean interactive() {
    return interactive;
  }

  /** Returns the columns of a line. */
  public int width() {
    return width;
  }

  /** Prints what the command was called for. */
  public synchronized void result(String text) {
    if (stopped) {
      return;
    }
    closeLine();
    out.println(text);
    out.flush();
  }

  /** Returns a writer for a library that prints results. */
  public PrintWriter resultWriter() {
    return new PrintWriter(out, true);
  }

  /** Prints something to know beside the result. */
  public synchronized void note(String text) {
    if (!stopped) {
      print(text);
    }
  }

  private synchronized void print(String text) {
    closeLine();
    err.println(text);
    err.flush();
  }

  /**
   * Sets what is told if the command is stopped from now on.
   *
   * @param told may first wait until something is kept
   */
  public void ifStopped(Supplier<String> told) {
    ifStopped = told;
  }

  /** Says that the command was stopped and what becomes of its work, and nothing more ever. */
  public void stop(String line) {
    stopped = true;
    print(line + " " + ifStopped.get());
  }

  /**
   * Shows what is being done for as long as it is being done, where a person is looking; whatever
   * is printed next takes its place.
   */
  public synchronized void status(String line) {
    if (interactive && !stopped) {
      // One column stays free: a full line makes some terminals break it.
      err.print(ERASE_LINE + line.substring(0, Math.min(line.length(), width - 1)));
      err.flush();
      lineOpen = true;
    }
  }

  private void closeLine() {
    if (lineOpen) {
      err.print(ERASE_LINE);
      lineOpen = false;
    }
  }

  /** Prints a stack trace. */
  public synchronized void trace(Throwable error) {
    if (stopped) {
      return;
    }
    closeLine();
    error.printStackTrace(err);
  }
}
