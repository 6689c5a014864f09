// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.spark.report.Json;

/**
 * Brackets of several types around letters that mean nothing. In half of the sequences one closing
 * bracket, a quarter of the sequence or more from its partner, is of the wrong type: {@code label}
 * tells {@code balanced} from {@code broken}, and {@code depths} how many brackets are open at each
 * step.
 *
 * @param length the most steps; a sequence has at least half as many
 * @param types of brackets, up to {@value #MOST_TYPES}
 */
public record Brackets(int length, int types) implements SequenceKind {
  /** The number of types that there are. */
  public static final int MOST_TYPES = 4;

  private static final String OPENING = "([{<";
  private static final String CLOSING = ")]}>";
  private static final int LETTERS = 8;
  private static final int DEEPEST = 8;
  private static final double OPEN = 0.25;
  private static final double CLOSE = 0.2;

  @Override
  public Map<String, Object> sample(Draws draws) {
    int steps = draws.between(length / 2, length);
    List<String> tokens = new ArrayList<>(steps);
    List<Integer> depths = new ArrayList<>(steps);
    Deque<Integer> open = new ArrayDeque<>();
    int[] gaps = new int[steps];
    for (int t = 0; t < steps; t++) {
      int left = steps - t;
      boolean room = open.size() + 2 <= left; // for one more bracket and all that close
      if (room && (t == 0 || open.size() < DEEPEST && draws.chance(OPEN))) {
        open.push(t);
        tokens.add(at(OPENING, draws.below(types)));
      } else if (!open.isEmpty() && (open.size() >= left || draws.chance(CLOSE))) {
        int partner = open.pop();
        tokens.add(at(CLOSING, OPENING.indexOf(tokens.get(partner))));
        gaps[t] = t - partner;
      } else {
        tokens.add(Character.toString('a' + draws.below(LETTERS)));
      }
      depths.add(open.size());
    }
    boolean broken = draws.chance(0.5);
    if (broken) {
      int place = farFromPartner(gaps, draws);
      int right = CLOSING.indexOf(tokens.get(place));
      tokens.set(place, at(CLOSING, (right + draws.between(1, types - 1)) % types));
    }
    return Json.fields("text", tokens, "label", broken ? "broken" : "balanced", "depths", depths);
  }

  /** Returns one of the places that close a wide gap; where there is none, the widest. */
  private static int farFromPartner(int[] gaps, Draws draws) {
    int widest = Arrays.stream(gaps).max().orElseThrow();
    int wide = Math.min(widest, gaps.length / 4);
    int[] places = IntStream.range(0, gaps.length).filter(t -> gaps[t] >= wide).toArray();
    return places[draws.below(places.length)];
  }

  private static String at(String characters, int index) {
    return characters.substring(index, index + 1);
  }

  @Override
  public void draw(Map<String, Object> sample, Graphics2D into) {
    List<?> tokens = (List<?>) sample.get("text");
    double step = (double) WIDTH / tokens.size();
    Deque<Integer> open = new ArrayDeque<>();
    for (int t = 0; t < tokens.size(); t++) {
      String token = (String) tokens.get(t);
      if (OPENING.contains(token)) {
        open.push(t);
      } else if (CLOSING.contains(token)) {
        int from = (int) (step * open.pop());
        int to = (int) (step * t);
        into.drawArc(from, HEIGHT / 5, to - from, HEIGHT, 0, 180);
      }
      into.drawString(token, (int) (step * t), (int) (0.85 * HEIGHT));
    }
  }
}
