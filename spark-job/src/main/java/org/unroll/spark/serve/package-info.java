// SPDX-License-Identifier: Apache-2.0

/**
 * A model answers over HTTP, without a Spark session.
 *
 * <p>{@link org.unroll.spark.serve.Server} knows the paths; a {@code Call} is a request that is
 * being answered, behind the {@code Gate}. {@code Models} holds the model that is served now, a
 * {@code ServedModel}, and takes up a registry's next one. Of a language model an {@code Engine}
 * writes all {@code TextSession}s together, which {@code Completions} makes answers of; {@code
 * Predictions} and {@code Embeddings} have rows read, one request after the other.
 */
package org.unroll.spark.serve;
