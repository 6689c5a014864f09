// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.unroll.spark.report.Page;
import org.unroll.spark.report.PictureFile;
import org.unroll.spark.store.AtomicFiles;
import org.unroll.spark.store.OutputFolder;
import picocli.CommandLine.Option;

/** The options of a command that writes a page. */
final class PageOptions {
  private static final OutputFolder.Kind PICTURES =
      new OutputFolder.Kind(
          "this command",
          "the pictures",
          Pattern.compile("\\d{2,}-[a-z0-9-]*\\.(png|svg)"),
          Optional.empty());

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The page, a file of HTML on any Hadoop file system.")
  String out;

  @Option(
      names = "--pictures",
      paramLabel = "DIR",
      description =
          "A new folder for the pictures of the page, each as PNG and as SVG, on any Hadoop file"
              + " system (default: none).")
  String pictures;

  @Option(names = "--overwrite", description = "Replace a page, and pictures, that are there.")
  boolean overwrite;

  /** Returns whether anything is to be written. */
  boolean isAsked() {
    return out != null || pictures != null;
  }

  /**
   * Refuses outputs that are there and may not be replaced, before anything is read for them.
   *
   * @throws org.unroll.rnn.io.InputException if so
   */
  void requireFree() {
    if (out != null) {
      AtomicFiles.requireFree(out, overwrite);
    }
    if (pictures != null) {
      OutputFolder.free(pictures, overwrite, PICTURES);
    }
  }

  /**
   * Returns lines that say what was written.
   *
   * @param name of the page
   */
  List<String> told(String name) {
    List<String> lines = new ArrayList<>();
    if (out != null) {
      lines.add(name + "  " + out);
    }
    if (pictures != null) {
      lines.add("pictures  " + pictures);
    }
    return lines;
  }

  /**
   * Writes the page, and its pictures where somebody wants them: the page and the folder of
   * pictures appear whole or not at all.
   *
   * @param name of the page among the figures
   * @param figures of the command, which are told what was written
   */
  void write(Page page, String name, Map<String, Object> figures) {
    if (pictures != null) {
      OutputFolder folder = OutputFolder.free(pictures, overwrite, PICTURES);
      folder.write(
          unfinished -> {
            for (PictureFile picture : page.pictures()) {
              unfinished.write(picture.name() + ".png", to -> to.write(picture.png()));
              unfinished.write(picture.name() + ".svg", to -> to.write(picture.svg()));
            }
          },
          "The pictures could not be written to " + folder.show());
      figures.put("pictures", pictures);
    }
    if (out != null) {
      AtomicFiles.write("page", out, page.html());
      figures.put(name, out);
    }
  }
}
