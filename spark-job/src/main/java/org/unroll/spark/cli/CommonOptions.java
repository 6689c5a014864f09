// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What every command takes. */
@Heading(CommonOptions.HEADING)
final class CommonOptions {
  static final String HEADING = "Common";

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

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "NUMBER",
      description = "Seed of everything random (default: ${DEFAULT-VALUE}).")
  long seed;

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
}
