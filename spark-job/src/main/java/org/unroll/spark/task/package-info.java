// SPDX-License-Identifier: Apache-2.0
/**
 * Tasks that read sequences: a {@link org.unroll.spark.reading.ReadingTask} says what is learnt of
 * a row and how good an answer is; all else - encoding, training, scoring, predicting - is the same
 * for all of them.
 */
package org.unroll.spark.task;
