// SPDX-License-Identifier: Apache-2.0

/**
 * The job that learns word vectors from text, by skip-gram in rounds or by MLlib's Word2Vec. The
 * text is a corpus; what is learnt lies in the core's package of the same name. The package may use
 * {@code corpus}, {@code rounds}, {@code report} and {@code cluster}.
 */
package org.unroll.spark.embed;
