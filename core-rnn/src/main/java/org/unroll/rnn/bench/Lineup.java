// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Contenders at the start, each in a process of its own; closing ends the processes. */
public final class Lineup implements AutoCloseable {
  private final List<ChildProcess> children = new ArrayList<>();
  private final List<Contender> contenders = new ArrayList<>();

  /** Starts these commands, by name; ours first. */
  Lineup(Map<String, List<String>> commands) {
    try {
      commands.forEach(this::start);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void start(String name, List<String> command) {
    ChildProcess child = new ChildProcess(name, command);
    children.add(child);
    contenders.add(new Contender(name, child::ask));
  }

  /** Ours first. */
  public List<Contender> contenders() {
    return List.copyOf(contenders);
  }

  @Override
  public void close() {
    children.forEach(ChildProcess::close);
  }
}
