// SPDX-License-Identifier: Apache-2.0

/**
 * The formats of files that a model and its training leave: safetensors with PyTorch's names,
 * {@code config.json}, checkpoints. What is wrong with a file is an {@link
 * org.unroll.rnn.io.InputException}, which names the file and what to do.
 */
package org.unroll.rnn.io;
