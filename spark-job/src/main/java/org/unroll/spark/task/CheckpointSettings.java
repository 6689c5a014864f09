// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

/**
 * What is wanted of checkpoints.
 *
 * @param every how often
 * @param keep how many of the newest stay
 * @param folder where, or null for beside the model
 */
public record CheckpointSettings(CheckpointInterval every, int keep, String folder) {}
