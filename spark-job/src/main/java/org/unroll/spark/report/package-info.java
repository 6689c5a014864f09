// SPDX-License-Identifier: Apache-2.0

/**
 * Words and figures for people and programs: progress on a {@link
 * org.unroll.spark.report.Terminal}, figures in words and in JSON, the log of epochs, the page of a
 * trained model, pictures, metrics of Spark.
 *
 * <pre>{@code
 * TrainListener <- Progress         -> Terminal       while a training goes on
 *               <- TrainingMetrics  -> SparkMetrics
 * EpochMetrics, Measure -> MetricsLog                 metrics.jsonl
 *                       -> Report -> ReportPage       report.html, with
 *                                      EpochChart, BarChart -> Picture, in a ChartStyle
 * MetricsLog -> SideBySide -> SideBySidePage          models side by side; both are an HtmlPage
 * Figures, RoundFigures                               numbers as people read them
 * }</pre>
 *
 * <p>The package may use the core alone.
 */
package org.unroll.spark.report;
