// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import java.awt.AWTError;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.function.Supplier;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.w3c.dom.Document;

/**
 * A picture of a page as a file of its own, in the colours of light pages on a white ground: as
 * pixels (PNG) or as lines and letters (SVG).
 *
 * @param name of the file, without its ending
 * @param width in pixels of a page
 * @param height in pixels of a page
 * @param painting what it shows
 */
public record PictureFile(String name, int width, int height, Painting painting) {

  /** A painting can be done on any ground that Java draws on. */
  @FunctionalInterface
  interface Painting {
    /** Paints. */
    void on(Graphics2D ground, ChartStyle style);
  }

  /** Makes a file of a chart, as it is drawn on wide pages. */
  static PictureFile of(String name, Picture.Drawing drawing) {
    int width = Picture.LARGE.width;
    int height = Picture.LARGE.height;
    return new PictureFile(
        name,
        width,
        height,
        (ground, style) -> drawing.chart(style, width, height).paint(ground, width, height));
  }

  /** Returns a name of small letters, digits and hyphens that goes with a heading. */
  static String name(String heading) {
    String name = heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return name.replaceAll("^-|-$", "");
  }

  private void paint(Graphics2D ground) {
    ground.setColor(Color.WHITE);
    ground.fillRect(0, 0, width, height);
    painting.on(ground, ChartStyle.LIGHT);
  }

  /**
   * Returns the file as PNG, with two pixels for one of a page.
   *
   * @throws UncheckedIOException if this Java cannot draw
   */
  public byte[] png() {
    return drawn(() -> Picture.png(width, height, BufferedImage.TYPE_INT_RGB, this::paint));
  }

  /**
   * Returns the file as SVG.
   *
   * @throws UncheckedIOException if this Java cannot draw
   */
  public byte[] svg() {
    return drawn(this::vectors);
  }

  private byte[] vectors() {
    SVGGeneratorContext context = SVGGeneratorContext.createDefault(document());
    context.setComment(null);
    SVGGraphics2D ground = new SVGGraphics2D(context, false);
    ground.setSVGCanvasSize(new Dimension(width, height));
    paint(ground);
    ByteArrayOutputStream svg = new ByteArrayOutputStream();
    try {
      // Batik's own writer names a document type, which other programs would look for in the web.
      Transformer writer = TransformerFactory.newDefaultInstance().newTransformer();
      writer.transform(new DOMSource(ground.getRoot()), new StreamResult(svg));
    } catch (TransformerException e) {
      throw new IllegalStateException(e);
    }
    return svg.toByteArray();
  }

  private static Document document() {
    try {
      return DocumentBuilderFactory.newDefaultInstance()
          .newDocumentBuilder()
          .getDOMImplementation()
          .createDocument(SVGGraphics2D.SVG_NAMESPACE_URI, "svg", null);
    } catch (ParserConfigurationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Says what is amiss where Java has no fonts, which shows in a way that depends on the JDK. */
  private byte[] drawn(Supplier<byte[]> file) {
    try {
      return file.get();
    } catch (AWTError | InternalError | LinkageError e) {
      throw new UncheckedIOException(
          "The picture " + name + " cannot be drawn",
          new IOException("this Java seems to lack fonts or graphics libraries: " + e, e));
    }
  }
}
