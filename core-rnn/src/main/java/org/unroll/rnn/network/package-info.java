// SPDX-License-Identifier: Apache-2.0

/**
 * There is one network for every task: a specification, the layout of its parameters, and passes
 * over batches.
 *
 * <pre>{@code
 * NetworkSpec   InputSpec        RnnSpec      Pooling.Type        HeadSpec
 *     |             |                |        or DecoderSpec          |
 *     |             |                |              |                 |
 * Network       names, shapes and roles of all parameters in one float[]
 *     |             |                |              |                 |
 * Pass          Inputs     ->    RnnStack   ->  [Pooling]  ->  Head: Linear and Criterion,
 *                 WordReader           \                             or TokenSoftmax
 *                                       -> [Decoder]  ->         |            |
 *                                            Bridge            Loss      Prediction
 *                                            Attention                        |
 * Generator, Sampling: text, step by step                                  Metric: Bleu, ChrF, ...
 * Search, BeamSearch: what a Decoder writes
 * }</pre>
 *
 * <p>{@link org.unroll.rnn.network.Pass#train} runs from left to right and back, {@link
 * org.unroll.rnn.network.Pass#read} from left to right, {@link org.unroll.rnn.network.Pass#step}
 * one step. The package may use {@code nn}, {@code data} and {@code math}.
 */
package org.unroll.rnn.network;
