// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import org.unroll.spark.report.Figures;
import org.unroll.spark.task.Comparison;

/**
 * The guards of a promotion: a challenger becomes the champion only if it passes all of them.
 *
 * @param minImprovement by so much the challenger's score must be better than the champion's, over
 *     all rows that judge; below 0, so much worse it may be
 * @param maxRegression by so much its score may be worse for a label, for the rows of a slice, or
 *     for those of the files that were there before
 * @param partRows rows of a label or slice, below which it is told and not judged by
 * @param certain whether the whole interval of the difference must be above the improvement that is
 *     asked for
 */
public record Guards(double minImprovement, double maxRegression, long partRows, boolean certain) {

  /**
   * A verdict says whether a challenger becomes the champion, and why.
   *
   * @param reason in a sentence
   */
  record Verdict(boolean promoted, String reason) {}

  /** Returns the verdict on a challenger that was compared with the champion. */
  Verdict judge(Comparison comparison) {
    for (Comparison.Part part : comparison.parts()) {
      boolean whole = part.isAll();
      String name = comparison.measuredBy(part);
      if (part.difference() == null) {
        if (whole) {
          return new Verdict(false, "The rows that judge do not tell the %s.".formatted(name));
        }
        continue;
      }
      if (whole ? isTooLittle(part) : isTooBad(part)) {
        return new Verdict(false, describe(part, name) + (whole ? tooLittle(part) : tooBad(part)));
      }
    }
    Comparison.Part all = comparison.all();
    return new Verdict(true, describe(all, comparison.measuredBy(all)) + ".");
  }

  private boolean isTooLittle(Comparison.Part all) {
    boolean uncertain = all.low() == null || all.low() < minImprovement;
    return all.difference() < minImprovement || certain && uncertain;
  }

  private String tooLittle(Comparison.Part all) {
    return all.difference() < minImprovement
        ? ", and must be %s at least.".formatted(Figures.fine(minImprovement))
        : ", which is not certain to be %s.".formatted(Figures.fine(minImprovement));
  }

  /** Returns whether a part is worse by too much, and surely worse at all. */
  private boolean isTooBad(Comparison.Part part) {
    boolean surely = part.high() != null && part.high() < 0;
    return part.rows() >= partRows && part.difference() < -maxRegression && surely;
  }

  private String tooBad(Comparison.Part part) {
    return ", and may be %s worse at most.".formatted(Figures.fine(maxRegression));
  }

  private static String describe(Comparison.Part part, String name) {
    String interval =
        part.low() == null
            ? ""
            : " (%s to %s)".formatted(Figures.fine(part.low()), Figures.fine(part.high()));
    return "The %s%s is %s, the champion's %s: a difference of %s%s"
        .formatted(
            name,
            part.isAll() ? "" : " of %s '%s'".formatted(part.kind(), part.name()),
            Figures.fine(part.b()),
            Figures.fine(part.a()),
            Figures.fine(part.difference()),
            interval);
  }
}
