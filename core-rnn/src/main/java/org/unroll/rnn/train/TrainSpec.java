// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

/**
 * How a model is trained. Together with the data and the model's specification it defines the
 * result to the bit; the number of workers and the kind of rounds are not part of it.
 *
 * @param batch B, streams over all shards together
 * @param window T, steps of backpropagation through time
 * @param epochs passes over the data
 * @param shards S, fixed slices of the data whose sums are added along one tree
 * @param seed of initialisation, dropout and random states
 * @param state where a window's state comes from
 * @param optimizer the update rule
 * @param schedule of the learning rate
 * @param penalty on weights
 * @param init how parameters start
 * @param clipNorm largest global gradient norm, 0 for no limit
 * @param clipValue largest absolute gradient element, 0 for no limit
 * @param patience epochs without a better validation loss before stopping, 0 to go on to the end
 * @param evalBatch streams of an evaluation over all shards together
 */
public record TrainSpec(
    int batch,
    int window,
    int epochs,
    int shards,
    long seed,
    StateMode state,
    OptimizerSpec optimizer,
    ScheduleSpec schedule,
    PenaltySpec penalty,
    InitSpec init,
    double clipNorm,
    double clipValue,
    int patience,
    int evalBatch) {}
