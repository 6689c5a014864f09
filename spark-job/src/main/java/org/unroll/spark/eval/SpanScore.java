// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.eval;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Spans that were found, such as chunks or names: a span is right if it begins and ends where it
 * should and has the right type. Labels are {@code B-TYPE}, {@code I-TYPE} and {@code O} (IOB2);
 * they are read as the shared task's {@code conlleval} reads them (Tjong Kim Sang and Buchholz
 * 2000), so that an {@code I-} that follows nothing of its type begins a span too. {@code E-},
 * {@code S-} of other schemes and the brackets of older data are understood.
 */
public final class SpanScore implements Serializable {
  private static final long serialVersionUID = 1L;

  private final SortedMap<String, PrecisionRecall> types = new TreeMap<>();
  private long steps;
  private long rightSteps;

  /**
   * Counts the spans of one sequence.
   *
   * @throws IllegalArgumentException if there are not as many labels on either side
   */
  public void add(String[] truth, String[] predicted) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          "there are " + truth.length + " labels but " + predicted.length + " predictions");
    }
    Scan there = new Scan();
    Scan found = new Scan();
    boolean together = false;
    for (int t = 0; t <= truth.length; t++) {
      there.step(t < truth.length ? truth[t] : Scan.OUTSIDE);
      found.step(t < truth.length ? predicted[t] : Scan.OUTSIDE);
      if (together && there.ended && found.ended) {
        add(there.endedType, new PrecisionRecall(1, 0, 0));
      }
      together &= !there.ended && !found.ended;
      if (there.begun) {
        add(there.type, new PrecisionRecall(0, 0, 1));
      }
      if (found.begun) {
        add(found.type, new PrecisionRecall(0, 1, 0));
      }
      together |= there.begun && found.begun && there.type.equals(found.type);
      if (t < truth.length) {
        steps++;
        rightSteps += truth[t].equals(predicted[t]) ? 1 : 0;
      }
    }
  }

  private void add(String type, PrecisionRecall more) {
    types.merge(type, more, PrecisionRecall::plus);
  }

  /** Adds another one's counts. */
  public void add(SpanScore other) {
    other.types.forEach(this::add);
    steps += other.steps;
    rightSteps += other.rightSteps;
  }

  /** Spans of all types together. */
  public PrecisionRecall all() {
    return types.values().stream().reduce(PrecisionRecall.NONE, PrecisionRecall::plus);
  }

  /** By type, in the order of the types. */
  public Map<String, PrecisionRecall> byType() {
    return Collections.unmodifiableSortedMap(types);
  }

  /** The share of steps whose label is right; NaN without any. */
  public double accuracy() {
    return (double) rightSteps / steps;
  }

  /** One sequence's labels, step by step. */
  private static final class Scan {
    static final String OUTSIDE = "O";

    private char tag = 'O';
    private String type = "";
    private String endedType = "";
    private boolean ended;
    private boolean begun;

    void step(String label) {
      char next = label.isEmpty() ? 'O' : label.charAt(0);
      int dash = label.indexOf('-');
      String nextType = dash < 0 ? "" : label.substring(dash + 1);
      boolean inside = tag != 'O' && tag != '.';
      boolean goesOn = next != 'O' && next != '.';
      boolean closed = tag == 'E' || tag == 'S' || tag == ']' || tag == '[';
      boolean opens = next == 'B' || next == 'S' || next == '[' || next == ']';
      boolean changes = inside && goesOn && !type.equals(nextType);
      ended = inside && (closed || !goesOn || opens || changes);
      begun = goesOn && (!inside || closed || opens || changes);
      endedType = type;
      tag = next;
      type = nextType;
    }
  }
}
