// SPDX-License-Identifier: Apache-2.0

/**
 * This package knows the formats of the files that a model and its training leave: {@link
 * org.unroll.rnn.io.Safetensors model.safetensors} with PyTorch's names, {@link
 * org.unroll.rnn.io.ModelConfig config.json} and {@link org.unroll.rnn.io.CheckpointFile
 * checkpoints}. {@link org.unroll.rnn.io.StrictJson} binds JSON to records. What is wrong with a
 * file is an {@link org.unroll.rnn.io.InputException}, which names the file, the place in it and
 * what to do.
 *
 * <p>The package may use {@code network} and {@code nn}, whose specifications and layouts the files
 * hold.
 */
package org.unroll.rnn.io;
