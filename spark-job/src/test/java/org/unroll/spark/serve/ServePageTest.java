// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.openqa.selenium.Keys.ARROW_DOWN;
import static org.openqa.selenium.Keys.ARROW_RIGHT;
import static org.openqa.selenium.Keys.chord;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.unroll.spark.store.RegistryFolder;

/** The page that is served, in a real browser. */
class ServePageTest {
  private static final String BEGUN = "The sea ";

  private static Browser browser;

  @TempDir Path folder;

  @BeforeAll
  static void begin() {
    browser = new Browser();
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void the_browser_has_nothing_to_complain_of() {
    // A page that stays open asks on, also behind the end of a test's server.
    assertThat(browser.complaints()).filteredOn(line -> !line.contains("ERR_")).isEmpty();
  }

  private static Served serve(String model) {
    return new Served(Served.MODELS.resolve(model));
  }

  private static WebElement opened(Served served) {
    browser.window(1200, 900, false);
    browser.open(served.server.url());
    return browser.shown("#text");
  }

  /** Returns what the API says that the page offers. */
  private static String offered(Served served, String text, int choice) {
    ObjectNode request =
        Served.completion(text, 40, 1).put("temperature", 0.6).put("top_p", 1).put("n", 3);
    return served.complete(request).path("choices").path(choice).path("text").asText();
  }

  private static void untilOffered(String text) {
    browser.until("'" + text + "' in grey", () -> browser.text(".ghost").equals(text));
  }

  private static String value() {
    return browser.find("#text").getDomProperty("value");
  }

  @Test
  void a_text_goes_on_in_grey_as_the_api_says_and_tab_accepts_it() throws IOException {
    try (Served served = serve("lm-char")) {
      WebElement text = opened(served);
      browser.pictures("begun");
      text.sendKeys(BEGUN);
      String first = offered(served, BEGUN, 0);
      untilOffered(first);
      browser.until("its ways", () -> browser.all(".ways button").size() > 1);
      browser.pictures("offered");

      text.sendKeys(Keys.TAB);
      assertThat(value()).isEqualTo(BEGUN + first);
      untilOffered(offered(served, BEGUN + first, 0));
      assertThat(browser.driver.switchTo().activeElement()).isEqualTo(text);
    }
  }

  @Test
  void escape_dismisses_and_tab_moves_on_then() {
    try (Served served = serve("lm-char")) {
      WebElement text = opened(served);
      text.sendKeys(BEGUN);
      untilOffered(offered(served, BEGUN, 0));
      text.sendKeys(Keys.ESCAPE);
      untilOffered("");
      assertThat(browser.text("#said")).isEqualTo("Dismissed.");
      text.sendKeys(Keys.TAB);
      assertThat(value()).isEqualTo(BEGUN);
      assertThat(browser.driver.switchTo().activeElement()).isNotEqualTo(text);
      // Typing on asks again.
      text.sendKeys("is");
      untilOffered(offered(served, BEGUN + "is", 0));
    }
  }

  @Test
  void one_word_of_it_and_other_ways_can_be_had_from_the_keyboard() {
    try (Served served = serve("lm-char")) {
      WebElement text = opened(served);
      text.sendKeys(BEGUN);
      String first = offered(served, BEGUN, 0);
      String second = offered(served, BEGUN, 1);
      untilOffered(first);
      browser.until("its ways", () -> browser.all(".ways button").size() > 1);
      text.sendKeys(chord(Keys.ALT, ARROW_DOWN));
      untilOffered(second);
      text.sendKeys(chord(Keys.CONTROL, ARROW_RIGHT));
      String word = second.replaceFirst("(?s)^(\\s*\\S+).*", "$1");
      assertThat(value()).isEqualTo(BEGUN + word);
      untilOffered(second.substring(word.length()));
    }
  }

  @Test
  void nothing_is_offered_inside_a_text() {
    try (Served served = serve("lm-char")) {
      WebElement text = opened(served);
      text.sendKeys(BEGUN);
      String first = offered(served, BEGUN, 0);
      untilOffered(first);
      text.sendKeys(Keys.ARROW_LEFT);
      untilOffered("");
      text.sendKeys(Keys.ARROW_RIGHT);
      untilOffered(first);
    }
  }

  @Test
  void the_model_writes_on_until_it_is_stopped() throws IOException {
    try (Served served = serve("lm-char")) {
      WebElement text = opened(served);
      text.sendKeys(BEGUN);
      browser.find("#write").click();
      browser.until("it writes", () -> value().length() > BEGUN.length() + 10);
      if (browser.text("#write").equals("Stop")) {
        browser.find("#write").click();
      }
      browser.until("it stops", () -> browser.text("#write").equals("Write on"));
      assertThat(value()).startsWith(BEGUN);
      browser.pictures("written");
    }
  }

  @Test
  void what_is_typed_is_text_and_nothing_else() {
    try (Served served = serve("lm-char")) {
      WebElement text = opened(served);
      String markup = "<img src=x onerror=document.title=1> & <b>";
      text.sendKeys(markup);
      browser.until("a word on what it does not know", () -> !browser.text("#notice").isEmpty());
      assertThat(browser.text(".typed")).isEqualTo(markup);
      assertThat(browser.all(".mirror img, .mirror b, #notice img, #notice b")).isEmpty();
      assertThat(browser.complaints()).isNotEmpty().allMatch(line -> line.contains("400"));
    }
  }

  @Test
  void a_new_champion_is_told_and_answers_from_then_on() {
    String dir = folder.resolve("registry").toString();
    RegistryFolder registry = RegistryFolder.at(dir, "sea");
    Served.promote(registry, Served.scaled(1), folder, 1);
    try (Served served = new Served("registry:" + dir + "/sea", null, Served.LIMITS)) {
      WebElement text = opened(served);
      text.sendKeys(BEGUN);
      untilOffered(offered(served, BEGUN, 0));
      assertThat(browser.text("#summary")).startsWith("version 1");

      Served.promote(registry, Served.scaled(0.9f), folder, 2);
      browser.until("the news", () -> browser.text("#notice").contains("new version"));
      assertThat(browser.text("#summary")).startsWith("version 2");
      assertThat(value()).isEqualTo(BEGUN);
      untilOffered(offered(served, BEGUN, 0));
    }
  }

  @Test
  void a_key_is_asked_for_where_the_server_has_one() throws IOException {
    String key = "a key of a test!".replace(' ', '-');
    try (Served served =
        new Served(Served.MODELS.resolve("lm-char").toString(), key, Served.LIMITS)) {
      browser.window(1200, 900, false);
      browser.open(served.server.url());
      browser.shown("#secret").sendKeys("another-key-of-a-test", Keys.ENTER);
      browser.until(
          "it asks again", () -> browser.find("#secret").getDomProperty("value").isEmpty());
      browser.pictures("key");
      browser.shown("#secret").sendKeys(key, Keys.ENTER);
      browser.shown("#text").sendKeys(BEGUN);
      browser.until("an answer", () -> !browser.text(".ghost").isEmpty());
      // The browser tells of each refusal.
      assertThat(browser.complaints()).isNotEmpty().allMatch(line -> line.contains("401"));
    }
  }

  @Test
  void a_server_that_goes_away_is_told_of() throws IOException {
    Served served = serve("lm-char");
    WebElement text = opened(served);
    served.close();
    text.sendKeys(BEGUN);
    browser.until("a notice", () -> browser.text("#notice").contains("does not answer"));
    assertThat(value()).isEqualTo(BEGUN);
    browser.pictures("away");
    assertThat(browser.complaints()).isNotEmpty().allMatch(line -> line.contains("ERR_"));
  }

  @Test
  void a_classifier_shows_labels_and_what_is_likely() throws IOException {
    try (Served served = serve("classify-text")) {
      opened(served).sendKeys("abcabcabc");
      browser.shown(".bars li");
      double all =
          browser.all(".bars em").stream()
              .mapToDouble(share -> Double.parseDouble(share.getText().replace(" %", "")))
              .sum();
      assertThat(all).isBetween(99.0, 101.0);
      assertThat(browser.text("#answer h2")).isEqualTo(browser.text(".bars li:first-child span"));
      browser.pictures("classified");
    }
  }

  @Test
  void a_tagger_shows_a_tag_under_each_word() throws IOException {
    try (Served served = serve("tag-crf")) {
      opened(served)
          .sendKeys(
              "{\"word\": [\"He\", \"reckons\", \"it\"], \"pos\": [\"PRP\", \"VBZ\", \"PRP\"]}");
      browser.shown(".tags li");
      assertThat(browser.all(".tags small")).hasSize(3);
      browser.pictures("tagged");
    }
  }

  @Test
  void a_forecaster_goes_on_with_numbers() throws IOException {
    try (Served served = serve("forecast-series")) {
      opened(served);
      browser.find("#example").click();
      browser.shown(".chart .next");
      browser.pictures("forecast");
      browser.find("#text").sendKeys("\nnone");
      browser.until("a word on it", () -> browser.text("#answer").contains("must have"));
    }
  }
}
