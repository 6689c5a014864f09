// SPDX-License-Identifier: Apache-2.0
/**
 * Tasks are what networks are trained for, and the jobs that train, score and ask them.
 *
 * <pre>
 *                        Task: its columns, examples, head, metrics, answers
 *                       /                                                    \
 *            LanguageModel                    RowTask: Classify, Tag, Forecast, Recognise, State
 *               |                                                             |
 *            TrainingText    TrainingData: what is learnt and held out    TrainingRows
 *               |                                                             |
 *            TextShards   TrainingData.Shards: what workers read        ExampleShards
 *                       \                                                    /
 *     TrainJob: NetworkWork on rounds of all workers -> ModelFiles, Checkpoints
 *     EvaluateJob, PredictJob: a TaskModel that was read, in hand at every executor
 *     Comparison: two of them on the same rows, which Dealing cuts into blocks and parts;
 *                 how sure the difference is says PairedBootstrap
 *     Drift: how data differ from those before, as a model reads them
 *     ModelReport: model folders, read to be compared
 * </pre>
 *
 * <p>A new task is one more class beside {@link org.unroll.spark.task.Classify}; training,
 * evaluation, prediction, checkpoints and reports are the same for all. The package uses all other
 * packages of the Spark job but {@code lab} and {@code cli}.
 */
package org.unroll.spark.task;
