// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;

/**
 * What a person chose of a head.
 *
 * @param crf whether the labels of a sequence are scored together
 * @param smoothing of labels
 * @param weights of classes, or null
 */
record HeadChoice(boolean crf, double smoothing, List<Double> weights) {}
