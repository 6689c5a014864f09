// SPDX-License-Identifier: Apache-2.0

/**
 * Synchronous training: every round all shards compute the gradient of one window, or of some, at
 * the same parameters, and one update follows; or shards make steps by themselves, whose results
 * are averaged.
 *
 * <pre>{@code
 * Trainer                          the driver's side: epochs, evaluation, patience, TrainState
 *   Rounds.gradient(window, params)
 *     Learner                      a worker's side: the sum of one shard
 *     ShardTree                    all shards' sums (WeightedSum), added along one fixed tree
 *   UpdateStep                     divided once, penalties, clipping, norm
 *     Optimizer                    the update rule with its moments
 *
 * LocalLearner                     a shard's own steps, with an UpdateStep of its own
 *   AverageStep                    the driver's update behind them
 * }</pre>
 *
 * <p>{@link org.unroll.rnn.train.TrainSpec} and the specifications in it define the result to the
 * bit, together with the data and the network. The package may use {@code network}, {@code nn},
 * {@code data} and {@code math}.
 */
package org.unroll.rnn.train;
