// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a training owns between two rounds: enough to go on with the same bits, on any rounds.
 * Best epoch, patience and learning rate follow from the epochs.
 *
 * @param next the round that comes next
 * @param epoch what the unfinished epoch has added up
 * @param run what the whole run has added up
 * @param epochs that are over, first to last
 * @param vectors by name: {@code params}, {@code best} (of the best epoch, if one is over), {@code
 *     moment.} with each moment of the optimiser, {@code state.} with each shard from 0
 */
public record TrainState(
    Window next,
    RoundSums epoch,
    RoundSums run,
    List<EpochMetrics> epochs,
    Map<String, float[]> vectors) {
  static final String PARAMS = "params";
  static final String BEST = "best";
  static final String MOMENT = "moment.";
  static final String STATE = "state.";

  /** The name of the text that holds everything but the vectors. */
  private static final String NUMBERS = "numbers";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .visibility(PropertyAccessor.GETTER, Visibility.NONE)
          .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
          .visibility(PropertyAccessor.FIELD, Visibility.ANY)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  /** The state but for its vectors, as JSON has it: the fields of these classes by their names. */
  private record Numbers(Window next, RoundSums epoch, RoundSums run, List<EpochMetrics> epochs) {}

  /** Returns whether every parameter is a number: a state to go on from. */
  public boolean isFinite() {
    for (float p : vectors.get(PARAMS)) {
      if (!Float.isFinite(p)) {
        return false;
      }
    }
    return true;
  }

  /** Returns everything but the vectors as texts by name, for {@link #of}; no bit is lost. */
  public Map<String, String> texts() {
    try {
      return Map.of(NUMBERS, JSON.writeValueAsString(new Numbers(next, epoch, run, epochs)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Makes a state of its parts; other texts may be among them.
   *
   * @throws IllegalArgumentException if a text is missing or cannot be understood
   */
  public static TrainState of(Map<String, String> texts, Map<String, float[]> vectors) {
    String text = texts.get(NUMBERS);
    if (text == null) {
      throw new IllegalArgumentException("the state has no '" + NUMBERS + "'");
    }
    try {
      Numbers numbers = JSON.readValue(text, Numbers.class);
      return new TrainState(
          numbers.next(),
          numbers.epoch(),
          numbers.run(),
          numbers.epochs(),
          new LinkedHashMap<>(vectors));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "'" + NUMBERS + "' of the state: " + e.getOriginalMessage(), e);
    }
  }

  /** Takes a vector out, so that the state does not keep it in memory. */
  float[] take(String name, int size) {
    float[] vector = vectors.remove(name);
    if (vector == null) {
      throw new IllegalArgumentException("the state has no vector '" + name + "'");
    }
    if (vector.length != size) {
      throw new IllegalArgumentException(
          "the vector '%s' of the state has %s numbers but must have %s"
              .formatted(name, vector.length, size));
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
