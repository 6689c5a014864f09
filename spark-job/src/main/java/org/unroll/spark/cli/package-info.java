// SPDX-License-Identifier: Apache-2.0

/**
 * The command line: commands and their options, and nothing that computes. It may use all other
 * packages, and none of them knows it.
 *
 * <pre>
 *   words -> Cli -> Presets -> picocli -> a BaseCommand with its options -> request -> a job
 *                      |          |              |
 *                      |      Converters     OptionRules: ranges, tasks, contradictions
 *                      +--- OptionRules: an option of a preset gives way to what is typed
 *
 *   OptionRules.settings -> config.json, report, the identity of a run
 * </pre>
 *
 * <p>An option is one field: {@code @Option} has its name, default and description, {@link
 * org.unroll.spark.cli.Range} the numbers that it takes, and {@link
 * org.unroll.spark.cli.OptionRule} the tasks that it is for, what it does not go with and whether
 * it is a setting. {@link org.unroll.spark.cli.OptionRules} is the only reader of the last two, so
 * that a new option is checked, gives way and is kept without another line. A command class builds
 * the request of a job from its options; {@link org.unroll.spark.cli.Failures} turns what goes
 * wrong into a paragraph and an exit code, {@link org.unroll.spark.cli.Stop} a signal into a line.
 */
package org.unroll.spark.cli;
