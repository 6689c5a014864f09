// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.AWTError;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * Puts a chart inside a page: as PNG, for light and dark pages and for wide and narrow ones, of
 * which the browser shows the one that fits. All use of AWT begins here, since it must not look for
 * a display.
 */
public final class Picture {
  /** The pixels of the picture for each of the page, so that it is sharp on a fine screen. */
  private static final int SCALE = 2;

  /** A size in pixels of the page, for the widths below that of the style sheet. */
  private static final Dimension SMALL = new Dimension(350, 280);

  static final Dimension LARGE = new Dimension(720, 340);

  private static final String NARROW = "screen and (max-width: 36rem)";
  private static final String AND_DARK = " and (prefers-color-scheme: dark)";

  static {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  /** A drawing makes the chart of one style and size, in pixels of the page. */
  @FunctionalInterface
  interface Drawing {
    Chart<?, ?> chart(ChartStyle style, int width, int height);
  }

  private Picture() {}

  /**
   * Returns the element for the page; a line of text where this Java cannot draw, for lack of fonts
   * or of its graphics libraries.
   *
   * @param description what the picture shows, for those who cannot see it
   */
  static String html(String description, Drawing drawing) {
    try {
      String image =
          "<img alt=\"%s\" width=\"%d\" height=\"%d\" src=\"%s\">\n</picture>"
              .formatted(
                  HtmlPage.text(description),
                  LARGE.width,
                  LARGE.height,
                  uri(ChartStyle.LIGHT, LARGE, drawing));
      return "<picture>\n"
          + source(NARROW + AND_DARK, ChartStyle.DARK, SMALL, drawing)
          + source(NARROW, ChartStyle.LIGHT, SMALL, drawing)
          + source("screen" + AND_DARK, ChartStyle.DARK, LARGE, drawing)
          + image;
    } catch (RuntimeException | AWTError | InternalError | LinkageError e) {
      // Which of them a lack of fonts causes depends on the JDK; none is worth a trained model.
      return "<p class=\"note\">Not drawn, as this Java seems to lack fonts or graphics libraries (%s): "
              .formatted(HtmlPage.text(String.valueOf(e)))
          + "the tables of this page have the numbers.</p>";
    }
  }

  private static String source(String media, ChartStyle style, Dimension size, Drawing drawing) {
    return "<source media=\"%s\" width=\"%d\" height=\"%d\" srcset=\"%s\">\n"
        .formatted(media, size.width, size.height, uri(style, size, drawing));
  }

  private static String uri(ChartStyle style, Dimension size, Drawing drawing) {
    return uri(png(drawing.chart(style, size.width, size.height)));
  }

  /** Returns a PNG file as an address that holds it. */
  static String uri(byte[] png) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  /** Returns the chart as a file. */
  static byte[] png(Chart<?, ?> chart) {
    int width = chart.getWidth();
    int height = chart.getHeight();
    return png(
        width,
        height,
        BufferedImage.TYPE_INT_ARGB,
        graphics -> chart.paint(graphics, width, height));
  }

  /**
   * Returns a drawing as a PNG file, with two pixels for one of a page.
   *
   * @param width in pixels of a page
   * @param height in pixels of a page
   * @param type of the image's pixels, a constant of {@link BufferedImage}
   */
  static byte[] png(int width, int height, int type, Consumer<Graphics2D> drawing) {
    return pixels(
        SCALE * width,
        SCALE * height,
        type,
        graphics -> {
          graphics.setRenderingHint(
              RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
          graphics.scale(SCALE, SCALE);
          drawing.accept(graphics);
        });
  }

  /**
   * Returns a drawing as a PNG file.
   *
   * @param width in pixels
   * @param height in pixels
   * @param type of the image's pixels, a constant of {@link BufferedImage}
   */
  public static byte[] pixels(int width, int height, int type, Consumer<Graphics2D> drawing) {
    var image = new BufferedImage(width, height, type);
    Graphics2D graphics = image.createGraphics();
    drawing.accept(graphics);
    graphics.dispose();
    var png = new ByteArrayOutputStream();
    try (var out = new MemoryCacheImageOutputStream(png)) { // ImageIO's own is a temporary file
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("The picture could not be encoded as PNG.", e);
    }
    return png.toByteArray();
  }
}
