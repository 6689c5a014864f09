// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.Map;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.rounds.RoundsKind;

/**
 * A training to be run, whatever is learnt.
 *
 * @param train how
 * @param settings all that decides the result besides the data, by the names of the options
 * @param rounds where the shards live
 * @param workers Spark tasks, 0 for as many as can work
 * @param out folder of the model
 * @param overwrite whether a model that is there may be replaced
 * @param checkpoints how the training survives its driver
 * @param command as a person would type it again
 */
public record RunRequest(
    TrainSpec train,
    Map<String, Object> settings,
    RoundsKind rounds,
    int workers,
    String out,
    boolean overwrite,
    CheckpointSettings checkpoints,
    String command) {}
