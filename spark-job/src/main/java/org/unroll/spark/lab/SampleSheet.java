// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.AWTError;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.unroll.rnn.io.InputException;

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

  static {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  private SampleSheet() {}

  /**
   * Returns the picture as PNG.
   *
   * @throws InputException if this Java cannot draw
   */
  static byte[] png(SequenceKind kind, List<Map<String, Object>> samples) {
    try {
      return encode(image(kind, samples));
    } catch (AWTError | InternalError | LinkageError e) {
      throw new InputException(
          "No picture can be drawn, as this Java seems to lack fonts or graphics libraries ("
              + e
              + "): leave out --picture.",
          e);
    }
  }

  private static BufferedImage image(SequenceKind kind, List<Map<String, Object>> samples) {
    int rows = (samples.size() + COLUMNS - 1) / COLUMNS;
    BufferedImage image =
        new BufferedImage(
            COLUMNS * (WIDTH + MARGIN) + MARGIN,
            rows * (HEIGHT + MARGIN) + MARGIN,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D page = image.createGraphics();
    page.setColor(Color.WHITE);
    page.fillRect(0, 0, image.getWidth(), image.getHeight());
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
    page.dispose();
    return image;
  }

  private static byte[] encode(BufferedImage image) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try (var out = new MemoryCacheImageOutputStream(png)) { // ImageIO's own is a temporary file
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("The picture could not be encoded as PNG.", e);
    }
    return png.toByteArray();
  }
}
