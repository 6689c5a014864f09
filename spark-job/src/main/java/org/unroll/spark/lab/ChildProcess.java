// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that answers every line with a line. It ends with its input, so not even a parent that
 * is killed leaves it behind.
 */
final class ChildProcess implements AutoCloseable {
  private static final int QUOTED_LINES = 3;

  /** A child process that does not start, ends too early, or does not speak the protocol. */
  static final class UnusableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final String name;
  private final Process process;
  private final Path errors;
  private final BufferedWriter requests;
  private final BufferedReader answers;

  /**
   * Starts the process.
   *
   * @param name what people call it
   * @throws UnusableException if there is no such program
   */
  ChildProcess(String name, List<String> command) {
    this.name = name;
    try {
      errors = Files.createTempFile("unroll-bench", ".err");
    } catch (IOException e) {
      throw new UnusableException("no temporary file for what " + name + " complains of", e);
    }
    try {
      process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    } catch (IOException e) {
      deleteErrors();
      throw new UnusableException(command.get(0) + " cannot be started", e);
    }
    requests = process.outputWriter(StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Returns the process as a contender. */
  Contender contender() {
    return new Contender(name, this::ask);
  }

  /**
   * Sends a line and waits for the one that answers it.
   *
   * @throws UnusableException if the process has ended
   */
  String ask(String request) {
    try {
      requests.write(request);
      requests.newLine();
      requests.flush();
    } catch (IOException e) {
      // It has ended; what it wrote before may say why.
    }
    try {
      String answer = answers.readLine();
      if (answer != null) {
        return answer;
      }
    } catch (IOException e) {
      throw new UnusableException(name + " cannot be heard any more", e);
    }
    throw new UnusableException(name + " ended unasked" + lastWords(), null);
  }

  private String lastWords() {
    try {
      process.waitFor();
      List<String> lines = Files.readAllLines(errors, StandardCharsets.ISO_8859_1);
      List<String> last = lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size());
      return last.isEmpty() ? "" : ": " + String.join(" ", last);
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    deleteErrors();
  }

  private void deleteErrors() {
    try {
      Files.deleteIfExists(errors);
    } catch (IOException e) {
      errors.toFile().deleteOnExit();
    }
  }
}
