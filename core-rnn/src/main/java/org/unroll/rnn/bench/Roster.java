// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.unroll.rnn.io.InputException;

/**
 * Who is compared: ours first, then PyTorch if there is one, then the variants. Each was started
 * once to see that it can be.
 */
public final class Roster {
  /** The name of this program's contender. */
  public static final String OURS = "ours";

  /** The name of PyTorch's contender. */
  public static final String PYTORCH = "pytorch";

  private static final String USUAL_PYTHON = "python3";
  private static final String PEER = "peer.py";

  private final Map<String, List<String>> commands = new LinkedHashMap<>();
  private final Map<String, String> abouts = new LinkedHashMap<>();

  private Roster() {}

  /**
   * Finds all who can be compared here.
   *
   * @param python the Python that is to import torch; null for {@code python3} if it can
   * @param notes takes what a person should know about who is missing
   * @throws InputException if a Python or a variant that was asked for does not work
   */
  public static Roster find(String python, List<Variant> variants, Consumer<String> notes) {
    return find(python, USUAL_PYTHON, variants, notes);
  }

  static Roster find(
      String python, String usualPython, List<Variant> variants, Consumer<String> notes) {
    Roster roster = new Roster();
    roster.add(OURS, java(Variant.USUAL));
    try {
      roster.add(PYTORCH, peer(python == null ? usualPython : python));
    } catch (UnusableChildException | InputException e) {
      if (python != null) {
        throw new InputException(
            "--python "
                + python
                + " does not work: "
                + e.getMessage()
                + ". Name a Python in which 'import torch' works.",
            e);
      }
      notes.accept(
          "PyTorch is left out: "
              + usualPython
              + " cannot import torch. --python PATH names a Python that can.");
    }
    for (Variant variant : variants) {
      try {
        roster.add(variant.name(), java(variant));
      } catch (UnusableChildException e) {
        throw new InputException(
            "--compare " + variant.name() + " does not work here: " + e.getMessage() + ".", e);
      }
    }
    return roster;
  }

  private void add(String name, List<String> command) {
    try (ChildProcess child = new ChildProcess(name, command)) {
      abouts.put(name, new Contender(name, child::ask).about());
    }
    commands.put(name, command);
  }

  private static List<String> java(Variant variant) {
    List<String> command = new ArrayList<>();
    command.add(variant.java().toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.addAll(variant.jvmOptions());
    command.addAll(List.of("-cp", ownClasses(), BenchWorker.class.getName()));
    return command;
  }

  /** The jar or folder with the classes of the core. */
  private static String ownClasses() {
    try {
      return Path.of(BenchWorker.class.getProtectionDomain().getCodeSource().getLocation().toURI())
          .toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> peer(String python) {
    try (InputStream in = Roster.class.getResourceAsStream(PEER)) {
      return List.of(python, "-c", new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Everybody's kernels and versions by name, ours first. */
  public Map<String, String> abouts() {
    return Collections.unmodifiableMap(abouts);
  }

  /** Starts everybody afresh; to be closed. */
  public Lineup start() {
    return new Lineup(commands);
  }
}
