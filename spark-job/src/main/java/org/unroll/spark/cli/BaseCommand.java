// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static java.util.stream.Collectors.joining;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Platform;
import org.unroll.spark.report.Terminal;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A command does its own work in {@link #run}; what all do alike is here: take the same options,
 * check all by the rules, run, and print the figures as JSON when asked.
 */
@OptionRule.Group(value = BaseCommand.OPTIONS, settings = false)
abstract class BaseCommand implements Callable<Integer> {
  /** The heading of the options that every command takes. */
  static final String OPTIONS = "Common";

  /** The master that spark-submit sets when nobody has named one. */
  private static final String NO_MASTER = "local[*]";

  /**
   * One call of the command line.
   *
   * @param terminal where it writes
   * @param presets where it finds preset files and samples
   * @param words as they were typed
   */
  record Invocation(Terminal terminal, Presets presets, List<String> words) {
    /** The settings whose values Spark, too, shows to nobody, and the keys of Azure's accounts. */
    private static final Pattern SECRET =
        Pattern.compile(
            "((?:--conf=)?spark\\.[^=]*(?:secret|password|token|access\\.?key|account\\.?key)[^=]*=).+",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Returns what to type in a shell to do the same again, with stars for what is secret. */
    String command() {
      return words.stream()
          .map(word -> SECRET.matcher(word).replaceFirst("$1***"))
          .map(Invocation::quoted)
          .collect(joining(" ", "scripts/unroll ", ""));
    }

    private static String quoted(String word) {
      return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
  }

  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "Spark master: local[N], local-cluster[N,cores,MB], spark://host:port, yarn, k8s://url"
              + " (default: what spark-submit was given, otherwise local[*]).")
  String master;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "A Spark or spark.hadoop setting; repeatable (default: none).")
  Map<String, String> conf = new LinkedHashMap<>();

  @Option(names = "--seed", paramLabel = "NUMBER", description = "Seed of everything random.")
  @OptionRule(setting = true)
  long seed = 1;

  @Option(
      names = "--json",
      description = "Print only one line of JSON with the figures on standard output.")
  boolean json;

  @Option(names = "--verbose", description = "Print stack traces of errors, and Spark's warnings.")
  boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this page.")
  boolean help;

  @Spec CommandSpec spec;

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

  /** Returns whether the command has an option that is declared for it. */
  boolean takes(OptionSpec option) {
    return onlyTask() == null || OptionRules.isFor(option, onlyTask());
  }

  /** Returns the words that were typed, as they are to be parsed. */
  List<String> read(List<String> words) {
    return words;
  }

  /** Returns the defaults that differ from those of the options: the values of the own preset. */
  Map<String, String> ownDefaults() {
    return ownPreset().isEmpty() ? Map.of() : invocation.presets().values(spec.name(), ownPreset());
  }

  @Override
  public final Integer call() throws Exception {
    new OptionRules(spec).check();
    SparkRuntime.set(conf);
    Map<String, Object> figures = run();
    if (json) {
      terminal().result(Json.line(figures));
    }
    return exitCode(figures);
  }

  /** Returns the exit code of what has been done; 0 unless a command finds fault. */
  int exitCode(Map<String, Object> figures) {
    return 0;
  }

  final Terminal terminal() {
    return invocation.terminal();
  }

  /** Prints a result for people, who do not read it when JSON was asked for. */
  final void result(String text) {
    if (!json) {
      terminal().result(text);
    }
  }

  /** Starts Spark with this command's options. */
  final SparkRuntime startSpark() {
    return SparkRuntime.start(spec.qualifiedName(), master, verbose);
  }

  /** Starts Spark on the master that somebody has named, or else on this one. */
  final SparkRuntime startSpark(String usualMaster) {
    if (master == null && System.getProperty("spark.master", NO_MASTER).equals(NO_MASTER)) {
      master = usualMaster;
    }
    return startSpark();
  }

  /** Shows under which conditions was measured, below a table: the machine, and these. */
  final void showConditions(Map<String, Object> others) {
    Map<String, Object> conditions = Json.fields("machine", Platform.machine());
    conditions.putAll(others);
    show("\n" + ResultTable.text(conditions));
  }

  /** Shows what is to be read while a command goes on: as the result, or beside JSON. */
  final void show(String text) {
    if (json) {
      terminal().note(text);
    } else {
      result(text);
    }
  }
}
