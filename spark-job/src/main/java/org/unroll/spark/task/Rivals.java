// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Figures;

/**
 * Rivals are two models whose answers are to the same question, so that one can be better than the
 * other.
 *
 * @param a the champion
 * @param b the challenger
 */
record Rivals(TaskModel a, TaskModel b) {

  /**
   * Returns two models.
   *
   * @throws InputException if their answers are not to the same question
   */
  static Rivals of(TaskModel a, TaskModel b) {
    String taskA = a.task().name();
    String taskB = b.task().name();
    if (!taskA.equals(taskB)) {
      throw new InputException(
          "Models of different tasks cannot be compared: one is of %s, the other of %s."
              .formatted(taskA, taskB));
    }
    Object unitA = a.saved().config().data().get("unit");
    Object unitB = b.saved().config().data().get("unit");
    if (a.task().measure().scoresLoss() && !unitA.equals(unitB)) {
      throw new InputException(
          "The models are measured by the loss of a token, but one reads %s, the other %s: train both with the same --unit."
              .formatted(unitA, unitB));
    }
    if (!a.task().measure().equals(b.task().measure())) {
      throw new InputException(
          "The models are measured differently, one by its %s, the other by its %s."
              .formatted(a.task().measure().words(), b.task().measure().words()));
    }
    if (a.task() instanceof Forecast && !a.task().settings().equals(b.task().settings())) {
      throw new InputException(
          "The models forecast different numbers: %s and %s by data.settings of their config.json."
              .formatted(a.task().settings(), b.task().settings()));
    }
    boolean scaled = a.task() instanceof State state && state.form().numeric();
    if (scaled && !a.encoder().statistics().equals(b.encoder().statistics())) {
      throw new InputException(
          "The models predict scaled numbers, and the scales that they learnt differ, so that their errors do not compare.");
    }
    return new Rivals(a, b);
  }

  /** Refuses texts that the models do not cut into as many tokens. */
  static void requireSameTokens(long a, long b) {
    if (a != b) {
      throw new InputException(
          "The models cut the text into different tokens, %s and %s, so that their losses per token do not compare."
              .formatted(Figures.count(a), Figures.count(b)));
    }
  }

  /** Returns what makes losses per token differ, whatever the models are worth. */
  List<String> cautions() {
    if (!a.task().measure().scoresLoss() || tokens(a).equals(tokens(b))) {
      return List.of();
    }
    return List.of(
        "The vocabularies of the models differ: what one of them takes for an unknown token is"
            + " easier to predict for it.");
  }

  private static List<String> tokens(TaskModel model) {
    Vocabulary vocabulary =
        model.encoder().target() == null
            ? model.saved().vocabularies().get(0)
            : model.encoder().target().vocabulary();
    return vocabulary.entries().stream().map(Vocabulary.Entry::token).toList();
  }
}
