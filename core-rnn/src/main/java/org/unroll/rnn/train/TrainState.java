// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.unroll.rnn.network.Loss;

/**
 * All that a training owns between two rounds: enough to go on with the same bits, on any rounds.
 * Best epoch, patience and learning rate follow from the epochs.
 *
 * @param next the round that comes next
 * @param epochSums what the unfinished epoch has added up
 * @param runSums what the whole run has added up
 * @param epochs that are over, first to last
 * @param vectors by name: {@code params}, {@code best} (of the best epoch, if one is over), {@code
 *     moment.} with each moment of the optimiser, {@code state.} with each shard from 0
 */
public record TrainState(
    Window next,
    List<Double> epochSums,
    List<Double> runSums,
    List<EpochMetrics> epochs,
    Map<String, float[]> vectors) {
  static final String PARAMS = "params";
  static final String BEST = "best";
  static final String MOMENT = "moment.";
  static final String STATE = "state.";

  private static final String NEXT = "next";
  private static final String EPOCH_SUMS = "epoch_sums";
  private static final String RUN_SUMS = "run_sums";
  private static final String EPOCHS = "epochs";
  private static final int EPOCH_NUMBERS = 19;

  /** Whether every parameter is a number: a state to go on from. */
  public boolean isFinite() {
    for (float p : vectors.get(PARAMS)) {
      if (!Float.isFinite(p)) {
        return false;
      }
    }
    return true;
  }

  /** Everything but the vectors as texts by name, for {@link #of}; no bit is lost. */
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(NEXT, next.epoch() + " " + next.index() + " " + next.step());
    texts.put(EPOCH_SUMS, text(epochSums));
    texts.put(RUN_SUMS, text(runSums));
    texts.put(EPOCHS, epochs.stream().map(TrainState::text).collect(Collectors.joining("\n")));
    return texts;
  }

  private static String text(List<?> numbers) {
    return numbers.stream().map(Object::toString).collect(Collectors.joining(" "));
  }

  private static String text(EpochMetrics m) {
    Loss valid = m.valid() == null ? Loss.ZERO : m.valid();
    return text(
        List.of(
            m.epoch(),
            m.step(),
            m.train().sum(),
            m.train().weight(),
            valid.sum(),
            valid.weight(),
            m.lr(),
            m.gradientNorm(),
            m.seconds(),
            m.tokensPerSecond(),
            m.times().compute(),
            m.times().waiting(),
            m.times().encode(),
            m.times().wire(),
            m.times().sum(),
            m.times().step(),
            m.times().slowestShard(),
            m.times().slowestSeconds(),
            m.score()));
  }

  /**
   * A state from its parts; other texts may be among them.
   *
   * @throws IllegalArgumentException if a text is missing or cannot be understood
   */
  public static TrainState of(Map<String, String> texts, Map<String, float[]> vectors) {
    String[] next = words(texts, NEXT, 3);
    List<EpochMetrics> epochs = new ArrayList<>();
    text(texts, EPOCHS).lines().forEach(line -> epochs.add(epoch(line.split(" "))));
    return new TrainState(
        new Window(Integer.parseInt(next[0]), Integer.parseInt(next[1]), Long.parseLong(next[2])),
        numbers(words(texts, EPOCH_SUMS, EpochSums.NUMBERS)),
        numbers(words(texts, RUN_SUMS, Throughput.NUMBERS)),
        epochs,
        new LinkedHashMap<>(vectors));
  }

  private static String text(Map<String, String> texts, String name) {
    String text = texts.get(name);
    if (text == null) {
      throw new IllegalArgumentException("the state has no '" + name + "'");
    }
    return text;
  }

  private static String[] words(Map<String, String> texts, String name, int count) {
    String[] words = text(texts, name).split(" ");
    if (words.length != count) {
      throw new IllegalArgumentException(
          "'" + name + "' of the state must have " + count + " numbers but has " + words.length);
    }
    return words;
  }

  private static List<Double> numbers(String[] words) {
    return Stream.of(words).map(Double::valueOf).toList();
  }

  private static EpochMetrics epoch(String[] words) {
    if (words.length != EPOCH_NUMBERS) {
      throw new IllegalArgumentException(
          "an epoch of the state must have " + EPOCH_NUMBERS + " numbers but has " + words.length);
    }
    List<Double> numbers = numbers(words);
    Loss valid = new Loss(numbers.get(4), numbers.get(5));
    return new EpochMetrics(
        Integer.parseInt(words[0]),
        Long.parseLong(words[1]),
        new Loss(numbers.get(2), numbers.get(3)),
        valid.weight() > 0 ? valid : null,
        numbers.get(6),
        numbers.get(7),
        numbers.get(8),
        numbers.get(9),
        new RoundTimes(
            numbers.get(10),
            numbers.get(11),
            numbers.get(12),
            numbers.get(13),
            numbers.get(14),
            numbers.get(15),
            Integer.parseInt(words[16]),
            numbers.get(17)),
        numbers.get(18));
  }

  /** Takes a vector out, so that the state does not keep it in memory. */
  float[] take(String name, int size) {
    float[] vector = vectors.remove(name);
    if (vector == null) {
      throw new IllegalArgumentException("the state has no vector '" + name + "'");
    }
    if (vector.length != size) {
      throw new IllegalArgumentException(
          "the vector '"
              + name
              + "' of the state has "
              + vector.length
              + " numbers but must have "
              + size);
    }
    return vector;
  }

  /** Takes the states of the shards out, as many as there are from the first on. */
  List<float[]> takeShardStates() {
    List<float[]> states = new ArrayList<>();
    for (String name = STATE + 0; vectors.containsKey(name); name = STATE + states.size()) {
      states.add(vectors.remove(name));
    }
    return states;
  }
}
