// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  private static Report report(int epochs, boolean validated) {
    return report(epochs, validated, List.of());
  }

  private static Report report(int epochs, boolean validated, List<Report.Table> tables) {
    Map<String, String> configuration = new LinkedHashMap<>();
    configuration.put("batch", "50");
    configuration.put("window", "50");
    configuration.put("optimizer", "adam");
    configuration.put("lr", "0.002");
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put(
        "data hash", "sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0");
    provenance.put("kernels", "vector, 16 lanes");
    return new Report(
        false,
        Measure.LANGUAGE_MODEL,
        "A language model of <harbour>.txt",
        "LSTM, 2 layers of 128 units, embedding 128, vocabulary 65, 214,593 parameters, on 1,003,854"
            + " characters to learn, 111,540 to validate. Trained for 10 epochs; those of epoch 7 were kept.",
        List.of(
            new Report.Figure("1.556", "nats per token, validation"),
            new Report.Figure("4.74", "perplexity, validation"),
            new Report.Figure("2.245", "bits per token, validation"),
            new Report.Figure("31,204", "tokens per second"),
            new Report.Figure("12:40", "time, all in all")),
        Epochs.of(epochs, Math.min(7, epochs), validated),
        Math.min(7, epochs),
        List.of(
            new Report.Sample(
                "temperature 0.5, seed 1",
                "The ferry went out & the wind came in,\n\"We go when we go,\" said Tove.\n\nAnd \u0007 so.")),
        List.of(),
        Findings.of(tables),
        configuration,
        provenance,
        "scripts/unroll train @conf/quickstart.args --out 'my model'");
  }

  private static String page(Report report) {
    return new String(ReportPage.of(report).html(), StandardCharsets.UTF_8);
  }

  /** Without the pictures, whose encoding may spell any word. */
  private static String text(String page) {
    return page.replaceAll("data:image/png;base64,[^\"]+", "");
  }

  @Test
  void it_tells_what_there_is_to_tell() {
    String page = page(report(10, true));
    assertThat(page)
        .startsWith("<!DOCTYPE html>")
        .contains("<h1>A language model of &lt;harbour&gt;.txt</h1>")
        .contains("1.556", "nats per token, validation")
        .contains(
            "alt=\"Training and validation loss by epoch, in nats per token. Epoch 7 is best: 1.500.")
        .contains("Where a round&#39;s time went, epoch 10")
        .contains("<th scope=\"row\">compute</th><td>100 ms, 80 %</td>")
        .contains("<th scope=\"row\">slowest shard</th><td>shard 3, 104 ms</td>")
        .contains("sha256:0f1e", "vector, 16 lanes")
        .contains("The ferry went out &amp; the wind came in", "temperature 0.5")
        .contains("scripts/unroll train @conf/quickstart.args --out &#39;my model&#39;");
  }

  @Test
  void it_needs_nothing_but_itself() {
    assertThat(text(page(report(10, true))))
        .doesNotContain("http", "<script", "<link", "url(", "@import", "\u0007");
  }

  @Test
  void every_picture_is_inside_and_has_a_dark_version() {
    String page = page(report(10, true));
    assertThat(page.split("<picture>", -1)).hasSize(3);
    assertThat(page.split("(?:src|srcset)=", -1)).hasSize(9);
    assertThat(page.split("(?:src|srcset)=\"data:image/png;base64,", -1)).hasSize(9);
    assertThat(page).contains("prefers-color-scheme: dark", "width=device-width");
  }

  @Test
  void without_validation_data_there_is_one_line() {
    String page = page(report(3, false));
    assertThat(text(page)).doesNotContain("validation loss", "NaN");
    assertThat(page).contains("alt=\"Training loss by epoch");
  }

  @Test
  void a_rate_that_never_changes_needs_no_picture() {
    assertThat(page(report(10, true))).contains("<h2>Learning rate</h2>");
    assertThat(page(report(3, true))).doesNotContain("<h2>Learning rate</h2>");
  }

  @Test
  void one_epoch_has_no_course_to_draw() {
    assertThat(text(page(report(1, true))))
        .contains("<th scope=\"row\" dir=\"auto\"><span>1</span></th>")
        .doesNotContain("<picture>", "NaN", "Infinity");
  }

  @Test
  void what_is_printed_is_wide_and_light() {
    assertThat(text(page(report(10, true))).split("<source media=\"screen and ", -1)).hasSize(7);
    assertThat(text(page(report(10, true))).split("<source ", -1)).hasSize(7);
  }

  @Test
  void results_scroll_and_their_rows_have_names() {
    String label = "</table><b>\u05e9\u05dc\u05d5\u05dd & \ud83d\ude00";
    Report.Table table =
        new Report.Table("By label", List.of("label", "F1"), List.of(List.of(label, "93.33 %")));
    assertThat(page(report(3, true, List.of(table))))
        .contains("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"By label\">")
        .contains(
            "<th scope=\"row\" dir=\"auto\"><span>&lt;/table&gt;&lt;b&gt;\u05e9\u05dc\u05d5\u05dd &amp; \ud83d\ude00</span></th>\n<td>93.33 %</td>");
  }

  @Test
  void of_thousands_of_rows_the_first_ones_are_there_and_where_the_others_are() {
    List<List<String>> rows =
        IntStream.range(0, 3000).mapToObj(i -> List.of("label-" + i, "100.00 %")).toList();
    Report.Table table = new Report.Table("By label", List.of("label", "F1"), rows);
    assertThat(page(report(3, true, List.of(table))))
        .contains("label-999<", "first 1,000 of 3,000 rows")
        .doesNotContain("label-1000<");
  }

  @Test
  void equal_reports_are_equal_bytes() {
    assertThat(ReportPage.of(report(10, true)).html())
        .isEqualTo(ReportPage.of(report(10, true)).html());
  }
}
