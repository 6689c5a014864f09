// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.function.IntFunction;
import org.unroll.rnn.network.SequenceModel;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.corpus.TokenSource;

/**
 * What is to be measured.
 *
 * @param train how to train with a number of shards
 * @param tokens to learn
 * @param pace how long each measurement takes
 */
public record PlanRequest(
    SequenceModel model, IntFunction<TrainSpec> train, TokenSource tokens, Race.Pace pace) {
  /** With random tokens where there is no text: as many as a few dozen windows need. */
  public static TokenSource uniformTokens(int vocabulary, TrainSpec spec) {
    long tokens = 64L * spec.batch() * spec.window() + 1;
    return new UniformTokens(vocabulary, tokens, spec.seed());
  }
}
