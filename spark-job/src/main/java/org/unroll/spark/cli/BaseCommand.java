// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Platform;
import org.unroll.spark.report.Terminal;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A command does its own work in {@link #run}; what all do alike is here: check their options by
 * the rules, run, and print the figures as JSON when asked.
 */
abstract class BaseCommand implements Callable<Integer> {
  /** The master that spark-submit sets when nobody has named one. */
  private static final String NO_MASTER = "local[*]";

  /** The options that every command takes. */
  @OptionRule.Group(CommonOptions.HEADING)
  static final class CommonOptions {
    static final String HEADING = "Common";

    @Option(
        names = "--master",
        paramLabel = "URL",
        description =
            "Spark master: local[N], local-cluster[N,cores,MB], spark://host:port, yarn, k8s://url"
                + " (default: what spark-submit was given, otherwise local[*]).")
    @OptionRule(setting = false)
    String master;

    @Option(
        names = "--conf",
        paramLabel = "KEY=VALUE",
        description = "A Spark or spark.hadoop setting; repeatable (default: none).")
    @OptionRule(setting = false)
    Map<String, String> conf = new LinkedHashMap<>();

    @Option(names = "--seed", paramLabel = "NUMBER", description = "Seed of everything random.")
    long seed = 1;

    @Option(
        names = "--json",
        description = "Print only one line of JSON with the figures on standard output.")
    @OptionRule(setting = false)
    boolean json;

    @Option(
        names = "--verbose",
        description = "Print stack traces of errors, and Spark's warnings.")
    @OptionRule(setting = false)
    boolean verbose;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Print this page.")
    @OptionRule(setting = false)
    boolean help;
  }

  /**
   * One call of the command line.
   *
   * @param terminal where it writes
   * @param presets where it finds preset files and samples
   * @param words as they were typed
   */
  record Invocation(Terminal terminal, Presets presets, List<String> words) {
    /** Returns what to type in a shell to do the same again. */
    String command() {
      return "scripts/unroll " + words.stream().map(Invocation::quoted).collect(joining(" "));
    }

    private static String quoted(String word) {
      return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
  }

  @Spec CommandSpec spec;
  @Mixin CommonOptions common;

  /** The call that this command is run by, which {@link Cli} sets. */
  Invocation invocation;

  /**
   * Does the work: results through {@link #result}, anything else as notes to the terminal.
   *
   * @return the command's figures by name
   */
  abstract Map<String, Object> run() throws Exception;

  /** Returns the preset file that comes before all options; empty for none. */
  String ownPreset() {
    return "";
  }

  /** Returns the only task that the command is about, whose options it has alone; null for any. */
  TaskName onlyTask() {
    return null;
  }

  /** Returns the defaults that differ from those of the options: the values of the own preset. */
  Map<String, String> ownDefaults() {
    return ownPreset().isEmpty() ? Map.of() : invocation.presets().values(spec.name(), ownPreset());
  }

  @Override
  public final Integer call() throws Exception {
    new OptionRules(spec).check();
    SparkRuntime.set(common.conf);
    Map<String, Object> figures = run();
    if (common.json) {
      terminal().result(Json.line(figures));
    }
    return 0;
  }

  final Terminal terminal() {
    return invocation.terminal();
  }

  /** Prints a result for people, who do not read it when JSON was asked for. */
  final void result(String text) {
    if (!common.json) {
      terminal().result(text);
    }
  }

  /** Starts Spark with this command's options. */
  final SparkRuntime startSpark() {
    return SparkRuntime.start(spec.qualifiedName(), common.master, common.verbose);
  }

  /** Starts Spark on the master that somebody has named, or else on this one. */
  final SparkRuntime startSpark(String usualMaster) {
    if (common.master == null && System.getProperty("spark.master", NO_MASTER).equals(NO_MASTER)) {
      common.master = usualMaster;
    }
    return startSpark();
  }

  /** Shows under which conditions was measured, below a table. */
  final void showConditions(Map<String, Object> conditions) {
    show("\n" + ResultTable.text(conditions));
  }

  /** Returns the machine and Spark's master, the first conditions of what is measured on Spark. */
  static Map<String, Object> conditions(SparkRuntime spark) {
    return Json.fields(
        "machine", Platform.machine(), "spark", spark.session().sparkContext().master());
  }

  /** Shows what is to be read while a command goes on: as the result, or beside JSON. */
  final void show(String text) {
    if (common.json) {
      terminal().note(text);
    } else {
      result(text);
    }
  }
}
