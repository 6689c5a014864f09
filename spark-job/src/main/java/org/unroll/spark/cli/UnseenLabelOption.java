// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import org.unroll.spark.task.OnUnseenLabel;
import picocli.CommandLine.Option;

/** What becomes of labels that only the data have that a model is scored on. */
@Heading("Reading tasks")
final class UnseenLabelOption {
  @Option(
      names = "--unseen-labels",
      defaultValue = "fail",
      paramLabel = "ACTION",
      description =
          "Of classify, tag and recognise: what becomes of a label that training never saw. With fail"
              + " its row cannot be used (see --on-bad-row), with wrong it counts as a mistake"
              + " whatever the answer is (default: ${DEFAULT-VALUE}).")
  OnUnseenLabel action;
}
