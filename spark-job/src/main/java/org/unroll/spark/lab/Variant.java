// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.Ops;

/**
 * A way to run the measured program: the usual one, or one to be compared with it.
 *
 * @param name as it was asked for
 * @param command that starts it
 * @param otherBuild whether its classes are not ours
 */
public record Variant(String name, List<String> command, boolean otherBuild) {
  private static final String JDK = "jdk=";
  private static final String BUILD = "build=";

  /** The place of what a build made, in its own folder. */
  private static final Path BUILT = Path.of("spark-job", "target", "unroll.jar");

  /** The names of the measured program in builds so far, the newest first. */
  private static final List<String> MAIN_CLASSES =
      List.of(BenchWorker.class.getName(), "org.unroll.rnn.bench.BenchWorker");

  /** This process's own Java, classes and best kernels. */
  static final Variant USUAL = ours("ours", ownJava());

  private static Variant ours(String name, Path javaHome, String... jvmOptions) {
    return new Variant(
        name, command(javaHome, ownClasses(), BenchWorker.class.getName(), jvmOptions), false);
  }

  private static List<String> command(
      Path javaHome, String classPath, String mainClass, String... jvmOptions) {
    return Stream.of(
            Stream.of(java(javaHome).toString(), "--add-modules=jdk.incubator.vector"),
            Stream.of(jvmOptions),
            Stream.of("-cp", classPath, mainClass))
        .flatMap(part -> part)
        .toList();
  }

  private static Path ownJava() {
    return Path.of(System.getProperty("java.home"));
  }

  /** Returns the jar with all classes, or the folders of the core's and the Spark job's. */
  private static String ownClasses() {
    return Stream.of(BenchWorker.class, Ops.class)
        .map(Variant::place)
        .distinct()
        .collect(Collectors.joining(System.getProperty("path.separator")));
  }

  private static String place(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads {@code avx2} (half as wide vectors, on x86), {@code scalar} (no vectors), {@code
   * jdk=PATH} (another JDK) or {@code build=PATH} (another checkout that has been built, or the jar
   * of one).
   *
   * @throws InputException if it is none of them, or if there is no JDK or build at the path
   */
  public static Variant parse(String text) {
    if (text.equals("avx2")) {
      return ours(text, ownJava(), "-XX:UseAVX=2");
    }
    if (text.equals("scalar")) {
      return ours(text, ownJava(), "-Dunroll.kernels=scalar");
    }
    if (text.startsWith(JDK)) {
      return otherJdk(text, Path.of(text.substring(JDK.length())));
    }
    if (text.startsWith(BUILD)) {
      return otherBuild(text, Path.of(text.substring(BUILD.length())));
    }
    throw new InputException(
        ("--compare '%s' is none of avx2, scalar, jdk=PATH (another JDK's folder) and"
                + " build=PATH (another build's folder).")
            .formatted(text));
  }

  private static Variant otherJdk(String text, Path home) {
    if (!Files.isExecutable(java(home))) {
      throw new InputException(
          ("--compare %s: there is no bin/java in that folder. Name the folder that JAVA_HOME"
                  + " would name.")
              .formatted(text));
    }
    return ours(text, home);
  }

  private static Variant otherBuild(String text, Path place) {
    Path jar = Files.isRegularFile(place) ? place : place.resolve(BUILT);
    if (!Files.isRegularFile(jar)) {
      throw new InputException(
          ("--compare %s: there is no %s in that folder. Name a checkout in which"
                  + " scripts/unroll has run, which builds it.")
              .formatted(text, BUILT));
    }
    return new Variant(text, command(ownJava(), jar.toString(), mainClass(text, jar)), true);
  }

  private static String mainClass(String text, Path jar) {
    try (JarFile classes = new JarFile(jar.toFile())) {
      return MAIN_CLASSES.stream()
          .filter(name -> classes.getEntry(name.replace('.', '/') + ".class") != null)
          .findFirst()
          .orElseThrow(
              () ->
                  new InputException(
                      "--compare " + text + ": " + jar + " has no program that can be measured."));
    } catch (IOException e) {
      throw new InputException("--compare " + text + ": " + jar + " cannot be read as a jar.", e);
    }
  }

  private static Path java(Path home) {
    return home.resolve("bin").resolve("java");
  }
}
