// SPDX-License-Identifier: Apache-2.0

/**
 * Folders and files on any Hadoop file system that appear whole or not at all.
 *
 * <pre>{@code
 * HadoopFiles     paths as people write them, errors of file systems in words
 * AtomicFiles     written under a hidden name, then renamed
 *   ModelStore    a model's folder, which a run may replace as often as it likes (ModelFolder)
 *   VectorStore   folders and files of word vectors
 *   CheckpointStore   the newest checkpoints of a run
 *   OutputFolder  a folder of results
 *   RegistryFolder    the versions of a model, and a journal of what happened (EventFiles)
 * OutputClaim     a run's hold on a folder, by numbered files (ClaimFiles)
 * }</pre>
 *
 * <p>The package may use the core alone.
 */
package org.unroll.spark.store;
