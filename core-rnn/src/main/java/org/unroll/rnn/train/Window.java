// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.io.Serializable;

/**
 * The piece of its data that every shard works on in a round, or one of the windows that a round
 * has of it ({@link RoundSpec}).
 *
 * @param epoch the pass over the data, from 0
 * @param index the round, or window, within the epoch, from 0; 0 starts from a fresh state
 * @param step the rounds, or windows, before this one in the whole run: the counter of all random
 *     draws
 */
public record Window(int epoch, int index, long step) implements Serializable {}
