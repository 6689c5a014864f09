// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.AWTError;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Picture;

/** A picture of a few sequences, two beside each other. */
public final class SampleSheet {
  /** The width of a sequence's place in pixels. */
  static final int WIDTH = 360;

  /** The height of a sequence's place in pixels. */
  static final int HEIGHT = 160;

  /** So many sequences are drawn at most. */
  static final int MOST = 8;

  private static final int COLUMNS = 2;
  private static final int MARGIN = 20;

  private SampleSheet() {}

  /**
   * Returns the picture as PNG.
   *
   * @throws InputException if this Java cannot draw
   */
  static byte[] png(SequenceKind kind, List<Map<String, Object>> samples) {
    try {
      int rows = (samples.size() + COLUMNS - 1) / COLUMNS;
      return Picture.png(
          COLUMNS * (WIDTH + MARGIN) + MARGIN,
          rows * (HEIGHT + MARGIN) + MARGIN,
          BufferedImage.TYPE_INT_RGB,
          page -> draw(kind, samples, page));
    } catch (AWTError | InternalError | LinkageError e) {
      throw new InputException(
          "No picture can be drawn, as this Java seems to lack fonts or graphics libraries ("
              + e
              + "): leave out --picture.",
          e);
    }
  }

  private static void draw(SequenceKind kind, List<Map<String, Object>> samples, Graphics2D page) {
    page.setColor(Color.WHITE);
    page.fill(page.getDeviceConfiguration().getBounds());
    page.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    for (int i = 0; i < samples.size(); i++) {
      int x = MARGIN + i % COLUMNS * (WIDTH + MARGIN);
      int y = MARGIN + i / COLUMNS * (HEIGHT + MARGIN);
      Graphics2D place = (Graphics2D) page.create(x, y, WIDTH + 1, HEIGHT + 1);
      place.setColor(Color.BLACK);
      place.setStroke(new BasicStroke(1.5f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      kind.draw(samples.get(i), place);
      place.dispose();
    }
  }
}
