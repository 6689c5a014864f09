// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.unroll.spark.cli.Shell;

/** A real browser of a test: Chromium without a screen, on machines that have it. */
final class Browser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Path PICTURES = Shell.HOME.resolve("spark-job/target/pages");

  final ChromeDriver driver;

  /** Begins one, or skips the test where there is none. */
  Browser() {
    Path chromium = onPathOrNull("chromium", "chromium-browser", "google-chrome");
    Path chromedriver = onPathOrNull("chromedriver");
    assumeTrue(
        chromium != null && chromedriver != null,
        "There is no Chromium here: install chromium and chromium-driver.");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(chromedriver.toFile())
                .withSilent(true)
                .build(),
            options);
  }

  private static Path onPathOrNull(String... names) {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(folder -> Stream.of(names).map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  void open(String url) {
    driver.get(url);
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /** Waits until something is so, and fails with its name if it never is. */
  void until(String what, BooleanSupplier so) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!isSo(so)) {
      assertThat(System.nanoTime()).as("waited for %s", what).isLessThan(end);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static boolean isSo(BooleanSupplier so) {
    try {
      return so.getAsBoolean();
    } catch (NoSuchElementException | StaleElementReferenceException e) {
      return false; // The page is about to put it there, or to put another in its place.
    }
  }

  /** Waits until an element can be seen, and returns it. */
  WebElement shown(String css) {
    until(css, () -> find(css).isDisplayed());
    return find(css);
  }

  /** Returns the text of an element as it stands in the page, with its white space. */
  String text(String css) {
    return find(css).getDomProperty("textContent");
  }

  /** Has the window be of this many pixels, and the page light or dark. */
  void window(int width, int height, boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  /** Leaves pictures of what is shown, wide and narrow, light and dark, for people to look at. */
  void pictures(String name) throws IOException {
    Files.createDirectories(PICTURES);
    for (int width : new int[] {1200, 400}) {
      for (boolean dark : new boolean[] {false, true}) {
        window(width, 900, dark);
        String file = "%s-%s-%s.png".formatted(name, width, dark ? "dark" : "light");
        Files.write(PICTURES.resolve(file), driver.getScreenshotAs(OutputType.BYTES));
        assertThat(overflow()).as("what is too wide in %s", file).isZero();
      }
    }
    window(1200, 900, false);
  }

  private long overflow() {
    return (Long)
        driver.executeScript(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth;");
  }

  /** Returns what the browser complained of since it was last asked. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
