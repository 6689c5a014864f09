// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.unroll.spark.report.Report;
import org.unroll.spark.report.SideBySide;
import org.unroll.spark.report.SideBySidePage;
import org.unroll.spark.task.ModelReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command that puts models side by side. */
@Command(
    name = "report",
    description =
        "Puts models of one task side by side on a page: curves, options that differ, figures.")
final class ReportCommand extends BaseCommand {
  @Option(
      names = "--models",
      paramLabel = "DIR",
      arity = "1..*",
      description =
          "Folders that train wrote, on any Hadoop file system (default: none); of one alone the page"
              + " has all options.")
  List<String> models = new ArrayList<>();

  @Mixin PageOptions page;

  @Override
  Map<String, Object> run() {
    OptionRules.require(
        models,
        "--models is missing: name folders that train wrote, as in --models work/a work/b.");
    OptionRules.require(
        json || page.isAsked() ? models : null,
        "--out is missing: name the page, as in --out report.html, or ask for --json.");
    page.requireFree();
    SideBySide told = ModelReport.of(models);
    told.notes().forEach(terminal()::note);
    Map<String, Object> figures = told.json();
    if (page.isAsked()) {
      page.write(SideBySidePage.of(told), "report", figures);
    }
    for (Report.Table table : List.of(told.figureTable(), told.optionTable())) {
      if (!table.rows().isEmpty()) {
        result(ResultTable.of(table) + "\n");
      }
    }
    page.told("report").forEach(this::result);
    return figures;
  }
}
