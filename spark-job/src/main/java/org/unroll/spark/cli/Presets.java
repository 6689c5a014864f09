// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;

/**
 * Finds what belongs to the project wherever a command is called: preset files
 * ({@code @conf/ptb-small.args}) and samples are looked for beside the caller first, then in the
 * project's own folder.
 */
final class Presets {
  private static final String SUFFIX = ".args";

  private final Path workingDirectory;
  private final Path home;

  /**
   * With the folder of the project, which scripts/unroll exports as UNROLL_HOME; null where it is
   * unknown.
   */
  Presets(Path workingDirectory, Path home) {
    this.workingDirectory = workingDirectory;
    this.home = home;
  }

  static Presets ofProcess() {
    String home = System.getenv("UNROLL_HOME");
    return new Presets(Path.of("").toAbsolutePath(), home == null ? null : Path.of(home));
  }

  /**
   * The file of this name, beside the caller or else in the project's folder.
   *
   * @throws InputException saying where it was looked for
   */
  Path find(String name) {
    return look(name).orElseThrow(() -> missing(name, ""));
  }

  private Optional<Path> look(String name) {
    return Stream.of(workingDirectory, home)
        .filter(Objects::nonNull)
        .map(folder -> folder.resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private InputException missing(String name, String advice) {
    String places =
        home == null || home.equals(workingDirectory)
            ? "in " + workingDirectory
            : "in " + workingDirectory + " or in " + home;
    String where =
        home == null ? "; set UNROLL_HOME to the project's folder, or name the whole path" : "";
    return new InputException("There is no file " + name + " " + places + where + "." + advice);
  }

  /** Replaces {@code @file} by the whole path of the file; {@code @@} begins a text instead. */
  String[] resolve(String... args) {
    return Arrays.stream(args).map(this::resolve).toArray(String[]::new);
  }

  private String resolve(String arg) {
    if (!arg.startsWith("@") || arg.startsWith("@@")) {
      return arg;
    }
    String name = arg.substring(1);
    return "@" + look(name).orElseThrow(() -> missing(name, others(name)));
  }

  private String others(String name) {
    if (!name.endsWith(SUFFIX)) {
      return " A word that begins with @ names a preset file; text that does is typed with @@.";
    }
    List<String> presets = available();
    if (presets.isEmpty()) {
      return "";
    }
    return Nearest.to(name, presets)
        .map(preset -> " Did you mean @" + preset + "?")
        .orElse(" There are @" + String.join(", @", presets) + ".");
  }

  private List<String> available() {
    Path folder = (home == null ? workingDirectory : home).resolve("conf");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> "conf/" + file.getFileName())
          .filter(file -> file.endsWith(SUFFIX))
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
