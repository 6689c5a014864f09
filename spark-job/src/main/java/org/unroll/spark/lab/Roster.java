// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.unroll.rnn.io.InputException;

/**
 * The list of those who are compared: ours first, then PyTorch if there is one, then the variants.
 * Each was started once to see that it can be.
 *
 * @param commands that start everybody, by name
 * @param abouts everybody's kernels and versions, by name
 */
public record Roster(Map<String, List<String>> commands, Map<String, String> abouts) {
  /** The name of this program's contender. */
  public static final String OURS = "ours";

  /** The name of PyTorch's contender. */
  public static final String PYTORCH = "pytorch";

  private static final String PEER = "peer.py";

  /**
   * Finds all who can be compared here.
   *
   * @param python the Python that is to import torch; null for the usual one if it can
   * @param usualPython as a shell finds it
   * @param notes takes what a person should know about who is missing
   * @throws InputException if a Python or a variant that was asked for does not work
   */
  public static Roster find(
      String python, String usualPython, List<Variant> variants, Consumer<String> notes) {
    Roster roster = new Roster(new LinkedHashMap<>(), new LinkedHashMap<>());
    roster.add(OURS, Variant.USUAL.command());
    try {
      roster.add(PYTORCH, peer(python == null ? usualPython : python));
    } catch (ChildProcess.UnusableException | InputException e) {
      if (python != null) {
        throw new InputException(
            "--python %s does not work: %s. Name a Python in which 'import torch' works."
                .formatted(python, e.getMessage()),
            e);
      }
      notes.accept(
          "PyTorch is left out: %s cannot import torch. --python PATH names a Python that can."
              .formatted(usualPython));
    }
    for (Variant variant : variants) {
      try {
        roster.add(variant.name(), variant.command());
      } catch (ChildProcess.UnusableException e) {
        throw new InputException(
            "--compare " + variant.name() + " does not work here: " + e.getMessage() + ".", e);
      }
    }
    return roster;
  }

  private void add(String name, List<String> command) {
    try (ChildProcess child = new ChildProcess(name, command)) {
      abouts.put(name, child.contender().about());
    }
    commands.put(name, command);
  }

  private static List<String> peer(String python) {
    try (InputStream in = Roster.class.getResourceAsStream(PEER)) {
      return List.of(python, "-c", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Starts everybody afresh; the lineup is to be closed. */
  public Lineup start() {
    return new Lineup(commands);
  }

  /** Contenders at the start, each in a process of its own; closing ends the processes. */
  public static final class Lineup implements AutoCloseable {
    private final List<ChildProcess> children = new ArrayList<>();

    private Lineup(Map<String, List<String>> commands) {
      try {
        commands.forEach((name, command) -> children.add(new ChildProcess(name, command)));
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    /** Returns all contenders, ours first. */
    public List<Contender> contenders() {
      return children.stream().map(ChildProcess::contender).toList();
    }

    @Override
    public void close() {
      children.forEach(ChildProcess::close);
    }
  }

  /**
   * A process that answers every line with a line. It ends with its input, so not even a parent
   * that is killed leaves it behind.
   */
  static final class ChildProcess implements AutoCloseable {
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
}
