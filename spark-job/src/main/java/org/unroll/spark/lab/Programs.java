// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.unroll.spark.report.Json;

/**
 * Short programs in Python, of which each prints one whole number, and what they print (Zaremba and
 * Sutskever 2014, "Learning to Execute"). As in the paper, operations are chosen one after the
 * other, each operand is what an earlier one left or a new number, and no loop is within another:
 *
 * <pre>
 *   j=8584
 *   for x in range(8):
 *     j+=920
 *   b=(1500+j)
 *   print((b+7567))       25011
 * </pre>
 *
 * @param length the digits of its numbers at most; what is multiplied with and the turns of loops
 *     are at most four times as many
 * @param nesting operations that are combined; 0 for the sum of two numbers and nothing else
 * @param mixed whether each program has a length and a nesting of its own, drawn up to those given
 */
public record Programs(int length, int nesting, boolean mixed) implements SequenceKind {
  /** The most operations: each may need a letter of its own. */
  public static final int MOST_NESTED = 20;

  private static final int SMALL = 4;

  /** The names of variables; loops count with x. */
  private static final String LETTERS = "abcdefghijklmnopqrstuvwyz";

  private static final int LINE = 14;

  /** An expression with the lines that must stand before it, and its value. */
  private record Piece(List<String> lines, String text, BigInteger value) {}

  /** A way to make a piece of others. */
  private enum Operation {
    ADD,
    SUBTRACT,
    MULTIPLY,
    CHOOSE,
    LOOP,
    ASSIGN
  }

  @Override
  public Map<String, Object> sample(Draws draws) {
    int digits = mixed ? draws.between(1, length) : length;
    int operations = mixed ? draws.between(Math.min(1, nesting), nesting) : nesting;
    Piece whole =
        operations == 0 ? sum(digits, draws) : new Making(digits, draws).combine(operations);
    List<String> lines = new ArrayList<>(whole.lines());
    lines.add("print(" + whole.text() + ")");
    return Json.fields(
        "program",
        String.join("\n", lines),
        "answer",
        whole.value().toString(),
        "length",
        digits,
        "nesting",
        operations);
  }

  private static Piece sum(int digits, Draws draws) {
    Making making = new Making(digits, draws);
    Piece a = making.number();
    Piece b = making.number();
    return new Piece(List.of(), a.text() + "+" + b.text(), a.value().add(b.value()));
  }

  /** A program that is being made. */
  private static final class Making {
    private final int digits;
    private final Draws draws;
    private final StringBuilder letters = new StringBuilder(LETTERS);
    private final Deque<Piece> pieces = new ArrayDeque<>();

    Making(int digits, Draws draws) {
      this.digits = digits;
      this.draws = draws;
    }

    Piece combine(int operations) {
      for (int i = 0; i < operations; i++) {
        pieces.push(next(Operation.values()[draws.below(Operation.values().length)]));
      }
      return pieces.pop();
    }

    private Piece next(Operation operation) {
      List<String> lines = new ArrayList<>();
      Piece a = operand(lines);
      return switch (operation) {
        case ADD -> {
          Piece b = operand(lines);
          yield piece(lines, "(%s+%s)", a.value().add(b.value()), a, b);
        }
        case SUBTRACT -> {
          Piece b = operand(lines);
          yield piece(lines, "(%s-%s)", a.value().subtract(b.value()), a, b);
        }
        case MULTIPLY -> {
          Piece small = small();
          BigInteger product = a.value().multiply(small.value());
          yield draws.chance(0.5)
              ? piece(lines, "(%s*%s)", product, a, small)
              : piece(lines, "(%s*%s)", product, small, a);
        }
        case CHOOSE -> {
          Piece b = operand(lines);
          Piece left = operand(lines);
          Piece right = operand(lines);
          boolean less = draws.chance(0.5);
          int order = left.value().compareTo(right.value());
          BigInteger chosen = (less ? order < 0 : order > 0) ? a.value() : b.value();
          String sign = less ? "<" : ">";
          yield piece(lines, "(%s if %s" + sign + "%s else %s)", chosen, a, left, right, b);
        }
        case LOOP -> {
          Piece b = operand(lines);
          Piece turns = small();
          boolean up = draws.chance(0.5);
          String name = name();
          lines.add(name + "=" + a.text());
          lines.add("for x in range(" + turns.text() + "):");
          lines.add("  " + name + (up ? "+=" : "-=") + b.text());
          BigInteger moved = b.value().multiply(turns.value());
          yield new Piece(lines, name, up ? a.value().add(moved) : a.value().subtract(moved));
        }
        case ASSIGN -> {
          String name = name();
          lines.add(name + "=" + a.text());
          yield new Piece(lines, name, a.value());
        }
      };
    }

    private static Piece piece(List<String> lines, String form, BigInteger value, Piece... of) {
      Object[] texts = new Object[of.length];
      for (int i = 0; i < of.length; i++) {
        texts[i] = of[i].text();
      }
      return new Piece(lines, form.formatted(texts), value);
    }

    /** Returns what an earlier operation left, whose lines come first, or a new number. */
    private Piece operand(List<String> lines) {
      Piece operand = !pieces.isEmpty() && draws.chance(0.5) ? pieces.pop() : number();
      lines.addAll(operand.lines());
      return operand;
    }

    /** Draws a number of at most so many digits, but none. */
    private Piece number() {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < digits; i++) {
        text.append(draws.below(10));
      }
      return number(new BigInteger(text.toString()).max(BigInteger.ONE));
    }

    private Piece small() {
      return number(BigInteger.valueOf(draws.between(1, SMALL * digits)));
    }

    private static Piece number(BigInteger value) {
      return new Piece(List.of(), value.toString(), value);
    }

    private String name() {
      int at = draws.below(letters.length());
      String name = letters.substring(at, at + 1);
      letters.deleteCharAt(at);
      return name;
    }
  }

  @Override
  public void draw(Map<String, Object> sample, Graphics2D into) {
    int y = LINE;
    for (String line : ((String) sample.get("program")).split("\n")) {
      into.drawString(line, 0, y);
      y += LINE;
    }
    into.drawString((String) sample.get("answer"), LINE, y + LINE / 2);
  }
}
