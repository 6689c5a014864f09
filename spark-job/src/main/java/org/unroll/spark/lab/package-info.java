// SPDX-License-Identifier: Apache-2.0
/**
 * The laboratory measures and illustrates: the speed of training steps, products and rounds; the
 * plan for more executors; what units and gradients of a network do; data that are made up, with a
 * known truth. It may use all other packages but {@code cli}, which alone may use it.
 *
 * <pre>
 *   bench cells, readers, kernels   TrainingCase, GemmCase -> Race.Work
 *                                   Race over Contenders, each a ChildProcess of a Roster:
 *                                     BenchWorker (TrainingSteps, Product), peer.py, other Variants
 *   bench rounds, corpus            RoundsBench, CorpusBench
 *   plan                            PlanBench -> Profile, Link -> Predictor
 *   inspect gates                   UnitReading, TextMarks -> UnitsPage
 *   inspect gradients               GradientCurves -> GradientsPage
 *   generate-data                   SequenceKind (Adding, Brackets, ...) -> GeneratedData
 * </pre>
 */
package org.unroll.spark.lab;
