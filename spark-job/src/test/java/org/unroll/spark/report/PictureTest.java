// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;

class PictureTest {
  private static final EpochChart CHART =
      new EpochChart(
          "nats",
          List.of(
              new EpochChart.Line("training", ChartStyle::training, new double[] {3, 2, 1}),
              new EpochChart.Line("validation", ChartStyle::validation, new double[] {4, 2, 3})),
          2);

  private static List<BufferedImage> images(String html) throws IOException {
    List<BufferedImage> images = new ArrayList<>();
    Matcher uri = Pattern.compile("data:image/png;base64,([^\"]+)").matcher(html);
    while (uri.find()) {
      byte[] png = Base64.getDecoder().decode(uri.group(1));
      images.add(ImageIO.read(new ByteArrayInputStream(png)));
    }
    return images;
  }

  /** How many pixels are exactly of this colour. */
  private static long pixels(BufferedImage image, int rgb) {
    int[] all = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    return Arrays.stream(all).filter(p -> p == rgb).count();
  }

  @Test
  void it_is_drawn_for_both_widths_at_twice_the_resolution() throws IOException {
    assertThat(images(Picture.html("a loss", CHART::draw)))
        .extracting(BufferedImage::getWidth)
        .containsExactly(700, 700, 1440, 1440);
    assertThat(System.getProperty("java.awt.headless")).isEqualTo("true");
  }

  @Test
  void each_scheme_has_its_colours_on_the_ground_of_the_page() throws IOException {
    List<BufferedImage> images = images(Picture.html("a loss", CHART::draw));
    for (int i = 0; i < images.size(); i++) {
      ChartStyle shown = i % 2 == 0 ? ChartStyle.DARK : ChartStyle.LIGHT;
      ChartStyle other = i % 2 == 0 ? ChartStyle.LIGHT : ChartStyle.DARK;
      assertThat(pixels(images.get(i), shown.training().getRGB())).isGreaterThan(500);
      assertThat(pixels(images.get(i), shown.validation().getRGB())).isGreaterThan(500);
      assertThat(pixels(images.get(i), shown.ink().getRGB())).isGreaterThan(50);
      assertThat(pixels(images.get(i), other.training().getRGB())).isZero();
      assertThat(images.get(i).getRGB(0, 0)).isZero();
    }
  }

  @Test
  void bars_have_the_colours_of_their_models_and_the_lengths_of_all() throws IOException {
    BarChart chart =
        new BarChart(
            "bleu",
            List.of(
                new BarChart.Bars("short", 0, lengths(1, 5, 12.5)),
                new BarChart.Bars("long", 2, lengths(101, null, 7))));
    assertThat(BarChart.lengths(chart.models())).containsExactly("1–5", "over 100");
    assertThat(chart.description())
        .isEqualTo(
            "BLEU by length of source, short: 1–5 steps 12.5000."
                + " BLEU by length of source, long: over 100 steps 7.0000.");
    List<BufferedImage> images = images(Picture.html("bars", chart::draw));
    List<Color> colors = ChartStyle.LIGHT.models();
    assertThat(images).hasSize(4);
    assertThat(pixels(images.get(3), colors.get(0).getRGB())).isGreaterThan(500);
    assertThat(pixels(images.get(3), colors.get(2).getRGB())).isGreaterThan(500);
    assertThat(pixels(images.get(3), colors.get(1).getRGB())).isZero();
  }

  private static ByLength lengths(int from, Integer to, double bleu) {
    return new ByLength("", List.of(new ByLength.Bin(from, to, 3, Map.of("bleu", bleu))));
  }

  @Test
  void its_description_is_text() {
    assertThat(Picture.html("loss < 2 \"nats\"", CHART::draw))
        .contains("alt=\"loss &lt; 2 &quot;nats&quot;\"");
  }

  @Test
  void values_that_are_not_finite_are_left_out() throws IOException {
    double[] gaps = {3, Double.NaN, Double.POSITIVE_INFINITY, 1};
    double[] nothing = {Double.NaN, Double.NaN, Double.NaN, Double.NaN};
    for (double[] values : List.of(gaps, nothing)) {
      EpochChart chart =
          new EpochChart(
              "nats", List.of(new EpochChart.Line("training", ChartStyle::training, values)), 2);
      assertThat(images(Picture.html("a loss", chart::draw))).hasSize(4);
    }
  }

  @Test
  void where_java_cannot_draw_a_line_says_so() {
    for (Throwable thrown :
        List.of(
            new InternalError("no <fonts>"),
            new RuntimeException("no <fonts>"),
            new NoClassDefFoundError("no <fonts>"))) {
      String html = Picture.html("a loss", (style, width, height) -> fail(thrown));
      assertThat(html)
          .contains("lack fonts", "no &lt;fonts&gt;", "tables of this page")
          .doesNotContain("<picture>", "\n");
    }
  }

  @Test
  void a_lack_of_memory_is_no_lack_of_fonts() {
    OutOfMemoryError full = new OutOfMemoryError("full");
    assertThatThrownBy(() -> Picture.html("a loss", (style, width, height) -> fail(full)))
        .isSameAs(full);
  }

  private static XYChart fail(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }
}
