// SPDX-License-Identifier: Apache-2.0

/**
 * Layers are pairs of a forward and a backward pass over one {@code float[]}. A layer's
 * specification, its numbers and its buffers are three things: {@link org.unroll.rnn.nn.RnnSpec} is
 * a record, the numbers stand in the vector that {@link org.unroll.rnn.nn.ParamLayout} lays out,
 * and buffers belong to one caller at a time.
 *
 * <pre>{@code
 * tokens -> DistinctTokens -> Embedding
 *                                |  [N, D], time-major, packed
 *                             RnnStack        layers one above the other: whole sequences or steps
 *                                |
 *              StackLayer  =  RecurrentLayer in one or both directions,
 *                             + its input, LayerNorm, Dropout
 *                                |
 *                             RecurrentLayer  chunks of steps, threads, order of work
 *                             LayerProducts   the matrix products
 *                             CellType        the gates: Elman, GRU, LSTM
 *                             LayerWorkspace  the buffers
 *                                |  [N, W]
 *                   Linear  or  Attention, before another RnnStack, or  TokenSoftmax:
 *                             SoftmaxHead, or AdaptiveSoftmax of several
 *
 * every backward pass adds to a Gradient, which knows which of its blocks were written
 * }</pre>
 *
 * <p>The package may use {@code math}.
 */
package org.unroll.rnn.nn;
