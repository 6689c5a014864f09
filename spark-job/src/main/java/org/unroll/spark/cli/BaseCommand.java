// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Terminal;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What all commands do alike: check the ranges of their options, run, and print the figures as JSON
 * when asked.
 */
abstract class BaseCommand implements Callable<Integer> {
  /** What spark-submit says when nobody has named a master. */
  private static final String NO_MASTER = "local[*]";

  @Spec CommandSpec spec;
  @Mixin CommonOptions common;

  final Invocation invocation;

  BaseCommand(Invocation invocation) {
    this.invocation = invocation;
  }

  /**
   * Does the work: results through {@link #result}, anything else as notes to the terminal.
   *
   * @return the command's figures by name
   */
  abstract Map<String, Object> run() throws Exception;

  /** A preset file that comes before all options; empty for none. */
  String ownPreset() {
    return "";
  }

  @Override
  public final Integer call() throws Exception {
    Ranges.check(spec);
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
    return startSpark(common.master);
  }

  /** Starts Spark with this command's options, but for the master. */
  final SparkRuntime startSpark(String master) {
    return SparkRuntime.start(spec.qualifiedName(), master, common.verbose);
  }

  /**
   * The master that somebody has named, or else this one.
   *
   * @return null for spark-submit's
   */
  final String masterOr(String usual) {
    boolean named =
        common.master != null || !System.getProperty("spark.master", NO_MASTER).equals(NO_MASTER);
    return named ? common.master : usual;
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
