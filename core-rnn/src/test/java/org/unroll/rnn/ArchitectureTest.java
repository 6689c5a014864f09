// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of the house that a compiler does not know, read from the sources. */
class ArchitectureTest {
  private static final Path CORE = Path.of("src/main/java");
  private static final Path SPARK_JOB = Path.of("../spark-job/src/main/java");

  /** Packages of the core and those they may use beside themselves: arrows only downwards. */
  private static final Map<String, Set<String>> USES =
      Map.of(
          "math", Set.of(),
          "nn", Set.of("math"),
          "data", Set.of("math", "io"),
          "network", Set.of("math", "nn", "data"),
          "io", Set.of("math", "nn", "data", "network"),
          "train", Set.of("math", "nn", "data", "network"),
          "embed", Set.of("math", "nn", "data", "network", "io", "train"));

  /** The packages of the Spark job: each may use those before it. */
  private static final List<String> SPARK_ORDER =
      List.of(
          "cluster",
          "store",
          "report",
          "rows",
          "corpus",
          "rounds",
          "embed",
          "task",
          "registry",
          "serve",
          "lab",
          "cli",
          "ml");

  /** These classes put the Spark job together, and may know all of it. */
  private static final Set<String> COMPOSITION =
      Set.of("Main.java", "UnrollRegistrator.java", "package-info.java");

  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|//[^\\n]*");
  private static final Pattern PACKAGE = Pattern.compile("package org\\.unroll\\.rnn\\.(\\w+);");
  private static final Pattern USE = Pattern.compile("org\\.unroll\\.rnn\\.([a-z]\\w*)");
  private static final Pattern SPARK_PACKAGE =
      Pattern.compile("package org\\.unroll\\.spark\\.?(\\w*)");
  private static final Pattern SPARK_USE = Pattern.compile("org\\.unroll\\.spark\\.([a-z]\\w*)");
  private static final Pattern IMPORT = Pattern.compile("(?m)^import (?:static )?([\\w.]+);");

  /** These functions are not the same on every JVM: their last bits are the JIT's choice. */
  private static final Pattern LOOSE_FUNCTION =
      Pattern.compile(
          "\\bMath\\.(exp|expm1|log|log10|log1p|pow|sin|cos|tan|sinh|cosh|tanh|asin|acos|atan"
              + "|atan2|cbrt|hypot)\\(");

  /** These classes give numbers by arrival order rather than by position. */
  private static final Pattern LOOSE_RANDOM =
      Pattern.compile(
          "\\b(Random|ThreadLocalRandom|SplittableRandom|SecureRandom|Math\\.random)\\b");

  private record Source(Path file, String code) {
    static Source read(Path file) {
      try {
        String text = Files.readString(file);
        return new Source(file, COMMENT.matcher(text).replaceAll(""));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    Set<String> find(Pattern pattern) {
      return pattern
          .matcher(code)
          .results()
          .map(match -> match.group(1))
          .collect(Collectors.toCollection(TreeSet::new));
    }

    String name() {
      return file.getFileName().toString();
    }

    String corePackage() {
      return home(PACKAGE, "the core");
    }

    String home(Pattern pattern, String house) {
      Matcher matcher = pattern.matcher(code);
      assertThat(matcher.find()).as("%s is in a package of %s", file, house).isTrue();
      return matcher.group(1);
    }

    void requireUses(Set<String> allowed, String home, Pattern use) {
      Set<String> used = find(use);
      used.remove(home);
      assertThat(allowed).as("uses of %s in %s", name(), home).containsAll(used);
    }
  }

  private static List<Source> sources(Path... roots) throws IOException {
    Stream.Builder<Source> all = Stream.builder();
    for (Path root : roots) {
      try (Stream<Path> files = Files.walk(root)) {
        files.filter(file -> file.toString().endsWith(".java")).map(Source::read).forEach(all);
      }
    }
    List<Source> sources = all.build().toList();
    assertThat(sources).isNotEmpty();
    return sources;
  }

  @Test
  void packages_of_the_core_use_only_those_below_them() throws IOException {
    for (Source source : sources(CORE)) {
      String home = source.corePackage();
      assertThat(USES).as("packages with a rule").containsKey(home);
      source.requireUses(USES.get(home), home, USE);
    }
  }

  @Test
  void packages_of_the_spark_job_use_only_those_below_them() throws IOException {
    for (Source source : sources(SPARK_JOB)) {
      String home = source.home(SPARK_PACKAGE, "the Spark job");
      if (home.isEmpty()) {
        assertThat(COMPOSITION).as("classes above all packages").contains(source.name());
      } else {
        assertThat(SPARK_ORDER).as("packages with a rule").contains(home);
        Set<String> before = new HashSet<>(SPARK_ORDER.subList(0, SPARK_ORDER.indexOf(home)));
        source.requireUses(before, home, SPARK_USE);
      }
    }
  }

  @Test
  void the_core_needs_the_jdk_and_for_its_formats_jackson() throws IOException {
    for (Source source : sources(CORE)) {
      String home = source.corePackage();
      assertThat(source.find(IMPORT))
          .as("imports of %s", source.name())
          .allMatch(
              name ->
                  name.startsWith("java.")
                      || name.startsWith("org.unroll.rnn.")
                      || name.startsWith("jdk.incubator.vector.")
                      || name.startsWith("com.fasterxml.jackson.")
                          && (home.equals("io") || source.name().equals("TrainState.java")));
    }
  }

  @Test
  void only_the_vector_kernels_need_the_incubating_module() throws IOException {
    for (Source source : sources(CORE, SPARK_JOB)) {
      if (source.code().contains("import jdk.incubator.vector")) {
        assertThat(source.name()).startsWith("Vector");
        assertThat(source.corePackage()).isEqualTo("math");
      }
    }
  }

  @Test
  void what_is_served_needs_no_spark() throws IOException {
    for (Source source : sources(SPARK_JOB.resolve("org/unroll/spark/serve"))) {
      assertThat(source.find(IMPORT))
          .as("imports of %s", source.name())
          .noneMatch(name -> name.startsWith("org.apache.") || name.startsWith("scala."));
    }
  }

  @Test
  void functions_in_the_core_have_the_same_bits_on_every_jvm() throws IOException {
    for (Source source : sources(CORE)) {
      assertThat(source.find(LOOSE_FUNCTION)).as("in %s", source.name()).isEmpty();
      assertThat(source.code()).as(source.name()).doesNotContain("reduceLanes(VectorOperators.ADD");
    }
  }

  @Test
  void random_numbers_are_a_function_of_their_position() throws IOException {
    for (Source source : sources(CORE, SPARK_JOB)) {
      assertThat(source.find(LOOSE_RANDOM)).as("in %s", source.name()).isEmpty();
    }
  }

  @Test
  void no_two_classes_share_a_simple_name() throws IOException {
    assertThat(sources(CORE, SPARK_JOB))
        .filteredOn(source -> !source.name().equals("package-info.java"))
        .extracting(Source::name)
        .doesNotHaveDuplicates();
  }
}
