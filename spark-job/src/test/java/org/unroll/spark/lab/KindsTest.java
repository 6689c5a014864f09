// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.lab.SequenceKind.Draws;

/** What is made up keeps the promises of its description. */
class KindsTest {
  private static final long SEED = 17;

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }

  private static List<?> list(Map<String, Object> sample, String field) {
    return (List<?>) sample.get(field);
  }

  @Test
  void the_label_of_the_adding_problem_is_the_sum_of_one_number_of_each_half() {
    for (int i = 0; i < 200; i++) {
      Map<String, Object> sample = new Adding(9).sample(new Draws(SEED, i));
      List<?> features = list(sample, "features");
      double sum = 0;
      int[] marks = new int[2];
      for (int t = 0; t < features.size(); t++) {
        List<?> frame = (List<?>) features.get(t);
        assertThat(number(frame.get(0))).isBetween(0.0, 1.0);
        if (number(frame.get(1)) == 1) {
          sum += number(frame.get(0));
          marks[t < 4 ? 0 : 1]++;
        }
      }
      assertThat(features).hasSize(9);
      assertThat(marks).containsExactly(1, 1);
      assertThat(number(sample.get("label"))).isCloseTo(sum, within(1e-9));
    }
  }

  @Test
  void brackets_are_balanced_but_for_one_type_far_from_its_partner() {
    int broken = 0;
    long distance = 0;
    for (int i = 0; i < 400; i++) {
      Map<String, Object> sample = new Brackets(60, 3).sample(new Draws(SEED, i));
      List<?> tokens = list(sample, "text");
      List<?> depths = list(sample, "depths");
      assertThat(tokens).hasSizeBetween(30, 60).hasSameSizeAs(depths);
      Deque<Integer> open = new ArrayDeque<>();
      int wrong = 0;
      for (int t = 0; t < tokens.size(); t++) {
        String token = (String) tokens.get(t);
        if ("([{".contains(token)) {
          open.push(t);
        } else if (")]}".contains(token)) {
          int partner = open.pop();
          if (")]}".indexOf(token) != "([{".indexOf((String) tokens.get(partner))) {
            wrong++;
            distance += t - partner;
          }
        }
        assertThat(depths.get(t)).isEqualTo(open.size());
      }
      assertThat(open).isEmpty();
      assertThat(wrong).isEqualTo(sample.get("label").equals("broken") ? 1 : 0);
      broken += wrong;
    }
    assertThat(broken).isBetween(150, 250);
    assertThat((double) distance / broken).isGreaterThan(14);
    for (int i = 0; i < 200; i++) {
      assertThat(list(new Brackets(4, 2).sample(new Draws(SEED, i)), "text")).hasSizeBetween(2, 4);
    }
  }

  @Test
  void series_repeat_but_for_slope_and_noise_and_have_as_many_gaps_as_asked_for() {
    List<?> clean = list(new Series(60, 7, 0, 0).sample(new Draws(SEED, 1)), "features");
    double slope = number(clean.get(7)) - number(clean.get(0));
    for (int t = 0; t + 7 < clean.size(); t++) {
      assertThat(number(clean.get(t + 7)) - number(clean.get(t))).isCloseTo(slope, within(3e-4));
    }
    int missing = 0;
    double squares = 0;
    for (int i = 0; i < 200; i++) {
      List<?> plain = list(new Series(100, 10, 0, 0.1).sample(new Draws(SEED, i)), "features");
      missing += (int) plain.stream().filter(value -> value == null).count();
      assertThat(plain.subList(0, 10)).doesNotContainNull();
      List<?> noisy = list(new Series(100, 10, 0.5, 0).sample(new Draws(SEED, i)), "features");
      double change = number(noisy.get(30)) - 2 * number(noisy.get(20)) + number(noisy.get(10));
      squares += change * change;
    }
    assertThat(missing / (200 * 90.0)).isCloseTo(0.1, within(0.03));
    // The slope drops out; of three independent noises 1 + 4 + 1 variances are left.
    assertThat(Math.sqrt(squares / 200 / 6)).isCloseTo(0.5, within(0.08));
    assertThatThrownBy(() -> new Series(10, 6, 0, 0)).isInstanceOf(InputException.class);
  }

  @Test
  void walks_obey_the_walls_of_one_world() {
    Walks walks = new Walks(7, 5, 0.3, 40, SEED);
    Map<String, Object> viewOf = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      Map<String, Object> sample = walks.sample(new Draws(SEED, i));
      List<?> observations = list(sample, "observations");
      List<?> actions = list(sample, "actions");
      List<?> positions = list(sample, "positions");
      for (int t = 0; t < positions.size(); t++) {
        String view = (String) observations.get(t);
        assertThat(viewOf.merge((String) positions.get(t), view, (a, b) -> b)).isEqualTo(view);
        if (t + 1 < positions.size()) {
          int[] here = place(positions.get(t));
          int direction = "NESW".indexOf((String) actions.get(t));
          boolean blocked = view.contains((String) actions.get(t));
          int[] moved = {
            here[0] + (blocked ? 0 : Walks.GridWorld.DX[direction]),
            here[1] + (blocked ? 0 : Walks.GridWorld.DY[direction])
          };
          assertThat(place(positions.get(t + 1))).isEqualTo(moved);
        }
      }
    }
    assertThat(viewOf).hasSize((int) walks.facts().get("open_cells"));
    assertThat(new HashSet<>(viewOf.values()).size()).isLessThan(viewOf.size());
  }

  @Test
  void captions_tell_what_is_drawn() {
    Drawings drawings = new Drawings(24, 0);
    Pattern said =
        Pattern.compile("a (\\w+) (\\w+) (\\w+) (to the left of|above) a (\\w+) (\\w+) (\\w+)");
    Map<String, List<Integer>> channels =
        Map.of("red", List.of(1, 0, 0), "green", List.of(0, 1, 0), "blue", List.of(0, 0, 1));
    int looked = 0;
    for (int i = 0; i < 300; i++) {
      Map<String, Object> sample = drawings.sample(new Draws(SEED, i));
      List<?> captions = list(sample, "captions");
      Matcher m = said.matcher((String) captions.get(0));
      assertThat(m.matches()).isTrue();
      assertThat(captions).hasSize(4).doesNotHaveDuplicates();
      assertThat((String) captions.get(2))
          .startsWith("a " + m.group(5) + " " + m.group(6) + " " + m.group(7))
          .containsAnyOf("to the right of", "below");
      List<?> features = list(sample, "features");
      assertThat(features).hasSize(24 * 24);
      if (!channels.containsKey(m.group(2)) || m.group(2).equals(m.group(6))) {
        continue;
      }
      // The first shape's colour is in its half of the picture and not in the other one.
      boolean beside = m.group(4).startsWith("to");
      double[] seen = new double[2];
      for (int region = 0; region < features.size(); region++) {
        int half = (beside ? region % 24 : region / 24) / 12;
        List<?> numbers = (List<?>) features.get(region);
        assertThat(numbers).hasSize(12);
        for (int quarter = 0; quarter < 4; quarter++) {
          double distance = 0;
          for (int c = 0; c < 3; c++) {
            double value = number(numbers.get(3 * quarter + c));
            distance += Math.abs(value - channels.get(m.group(2)).get(c));
          }
          seen[half] += distance < 0.7 ? 1 : 0;
        }
      }
      assertThat(seen[0]).as(captions.toString()).isPositive();
      assertThat(seen[1]).as(captions.toString()).isZero();
      looked++;
    }
    assertThat(looked).isGreaterThan(80);
  }

  @Test
  void programs_print_their_answers() throws Exception {
    List<Map<String, Object>> samples = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      samples.add(new Programs(1 + i % 6, 1 + i % 5, i % 2 == 0).sample(new Draws(SEED, i)));
      samples.add(new Programs(3, 0, false).sample(new Draws(SEED, i)));
    }
    for (Map<String, Object> sample : samples) {
      String program = (String) sample.get("program");
      assertThat(run(program)).as(program).hasToString((String) sample.get("answer"));
      assertThat(program.split("print")).hasSize(2);
      assertThat((int) sample.get("length")).isBetween(1, 6);
    }
    String all = samples.toString();
    assertThat(all).contains("+", "-", "*", " if ", "<", ">", "range(", "+=", "-=");
    assertThat((String) samples.get(1).get("program")).matches("print\\(\\d{1,3}\\+\\d{1,3}\\)");
  }

  /** Runs a program line by line, its expressions from the innermost brackets outwards. */
  private static BigInteger run(String program) {
    Map<String, BigInteger> values = new HashMap<>();
    int turns = 1;
    for (String line : program.split("\n")) {
      String[] assigned = line.strip().split("[+-]?=");
      if (line.startsWith("for")) {
        turns = Integer.parseInt(line.replaceAll("\\D", ""));
      } else if (line.startsWith("print")) {
        return value(line.substring("print".length()), values);
      } else if (line.startsWith(" ")) {
        BigInteger step = value(assigned[1], values).multiply(BigInteger.valueOf(turns));
        values.merge(assigned[0], line.contains("-=") ? step.negate() : step, BigInteger::add);
      } else {
        values.put(assigned[0], value(assigned[1], values));
      }
    }
    throw new AssertionError("it prints nothing");
  }

  private static BigInteger value(String expression, Map<String, BigInteger> values) {
    String rest = expression;
    Pattern innermost = Pattern.compile("\\(([^()]*)\\)");
    for (Matcher m = innermost.matcher(rest); m.find(); m = innermost.matcher(rest)) {
      // Names for values in between, as a minus within would be read as an operation.
      String name = "v" + values.size();
      values.put(name, plain(m.group(1), values));
      rest = m.replaceFirst(name);
    }
    return plain(rest, values);
  }

  private static BigInteger plain(String text, Map<String, BigInteger> values) {
    String[] words = text.split(" if | else |(?<=[-+*<>])|(?=[-+*<>])");
    BigInteger[] v = new BigInteger[words.length];
    for (int i = 0; i < words.length; i++) {
      v[i] = words[i].matches("\\d+") ? new BigInteger(words[i]) : values.get(words[i]);
    }
    if (words.length == 1) {
      return v[0];
    }
    return switch (words.length == 3 ? words[1] : "if" + words[2]) {
      case "+" -> v[0].add(v[2]);
      case "-" -> v[0].subtract(v[2]);
      case "*" -> v[0].multiply(v[2]);
      case "if<" -> v[1].compareTo(v[3]) < 0 ? v[0] : v[4];
      case "if>" -> v[1].compareTo(v[3]) > 0 ? v[0] : v[4];
      default -> throw new AssertionError(text);
    };
  }

  private static int[] place(Object position) {
    return Arrays.stream(((String) position).split(",")).mapToInt(Integer::parseInt).toArray();
  }

  @Test
  void words_are_written_with_the_strokes_of_their_letters() {
    Strokes strokes = new Strokes(3, 5, 26, 0.02);
    Set<Character> seen = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      Map<String, Object> sample = strokes.sample(new Draws(SEED, i));
      String word = (String) sample.get("label");
      int expected = 0;
      for (char letter : word.toCharArray()) {
        seen.add(letter);
        expected += Strokes.StrokeFont.strokes(letter).size();
      }
      double x = 0;
      int lifts = 0;
      for (Object step : list(sample, "features")) {
        List<?> frame = (List<?>) step;
        x += number(frame.get(0));
        lifts += (int) number(frame.get(2));
      }
      assertThat(word).hasSizeBetween(3, 5);
      assertThat(lifts).isEqualTo(expected);
      assertThat(x).isGreaterThan(word.length() * 0.5);
      // CTC needs a step for each letter, and one more between equal ones.
      assertThat(list(sample, "features")).hasSizeGreaterThan(2 * word.length());
    }
    assertThat(seen).hasSize(Strokes.ALPHABET);
    assertThatThrownBy(() -> new Strokes(3, 2, 26, 0)).isInstanceOf(InputException.class);
  }
}
