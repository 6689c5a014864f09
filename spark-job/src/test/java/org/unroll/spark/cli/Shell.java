// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.unroll.spark.report.Terminal;

/** Runs commands as a person would, and keeps what they print. */
public final class Shell {
  /** The project's folder: tests run in that of their module. */
  public static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  private Shell() {}

  /** What a command left. */
  public record Outcome(int exitCode, String out, String err) {
    /** The line of JSON that --json asks for. */
    public String lastLine() {
      String[] lines = out.strip().split("\n");
      return lines[lines.length - 1];
    }
  }

  public static Outcome run(String... args) {
    return runIn(HOME, args);
  }

  static Outcome runIn(Path workingDirectory, String... args) {
    return run(workingDirectory, new ByteArrayOutputStream(), new ByteArrayOutputStream(), args);
  }

  private static Outcome run(
      Path workingDirectory, ByteArrayOutputStream out, ByteArrayOutputStream err, String... args) {
    Terminal terminal = new Terminal(stream(out), stream(err), false, 80);
    int exitCode = new Cli(terminal, new Presets(workingDirectory, HOME)).run(args);
    return new Outcome(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs until a text appears in the notes, where everything breaks off. */
  static Outcome runUntil(String text, String... args) {
    return run(HOME, new ByteArrayOutputStream(), new Breaking(text), args);
  }

  /**
   * Runs, and does something with the notes while the command waits, when a text appears in them.
   */
  static Outcome runAt(String text, Consumer<String> then, String... args) {
    return run(HOME, new ByteArrayOutputStream(), new Awaiting(text, then), args);
  }

  /** Notes that break off whatever writes a text. */
  static final class Breaking extends Awaiting {
    Breaking(String text) {
      super(
          text,
          notes -> {
            throw new IllegalStateException("broken off");
          });
    }
  }

  /** Notes that do something when a text appears in them for the first time. */
  private static class Awaiting extends ByteArrayOutputStream {
    private final String text;
    private final Consumer<String> then;
    private boolean over;

    Awaiting(String text, Consumer<String> then) {
      this.text = text;
      this.then = then;
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      super.write(bytes, offset, length);
      if (!over && toString(StandardCharsets.UTF_8).contains(text)) {
        over = true;
        then.accept(toString(StandardCharsets.UTF_8));
      }
    }
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
