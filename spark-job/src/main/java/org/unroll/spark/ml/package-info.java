// SPDX-License-Identifier: Apache-2.0
/**
 * Tasks as Spark ML has them: an {@code Estimator} and a {@code Model} each, for pipelines,
 * cross-validation and notebooks.
 *
 * <pre>
 *     SequenceClassifier, SequenceTagger, SequenceForecaster, SequenceTranslator,
 *     LanguageModelFeaturizer         SequenceEstimator: params -> options of train -> TrainJob
 *                                          |
 *     ...Model                        SequenceModel: rows of a frame -> SharedModel -> columns
 *                                          |
 *                                     ModelContent: what copies share; a model folder
 * </pre>
 *
 * <p>There is no second training here: an estimator says in the options of {@code train} what its
 * params say, and the job of that command trains. What a {@link org.unroll.spark.ml.Declaration
 * param} is called, means and may be is declared once.
 */
package org.unroll.spark.ml;
