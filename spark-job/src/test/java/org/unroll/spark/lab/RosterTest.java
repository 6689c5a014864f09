// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.lab.Roster.ChildProcess;

/** Real child processes: this program's own, and scripts in the place of a Python. */
class RosterTest {
  private static final String NO_PYTHON = "no-such-python-anywhere";

  private static final TrainingCase TINY = TrainingCase.Family.CELLS.parse("tiny=lstm:1x16:20:2:4");

  @TempDir Path folder;

  private final List<String> notes = new ArrayList<>();

  private String python(String script) throws IOException {
    Path file = Files.writeString(folder.resolve("python"), "#!/bin/sh\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }

  /** What peer.py answers where there is torch: half a second for whatever it is to do. */
  private String pythonWithTorch() throws IOException {
    return python(
        """
        while read -r command rest; do
          case "$command" in
            about) echo "ok PyTorch 0.0" ;;
            run) echo "ok 0.5" ;;
            *) echo ok ;;
          esac
        done
        """);
  }

  private Roster find(String python, Variant... variants) {
    return Roster.find(python, NO_PYTHON, List.of(variants), notes::add);
  }

  @Test
  void ours_and_a_variant_do_the_same_work_in_processes_of_their_own() {
    Roster roster = find(null, Variant.parse("scalar"));
    assertThat(roster.abouts()).containsOnlyKeys("ours", "scalar");
    assertThat(roster.abouts().get("scalar")).startsWith("scalar, Java ");
    assertThat(notes).singleElement().asString().contains(NO_PYTHON, "--python");
    try (Roster.Lineup lineup = roster.start()) {
      Race race = new Race(new Race.Pace(1, 0.01, 0), progress -> {});
      String workload = TINY.work(1, 1).request();
      Race.Result result = race.run(lineup.contenders(), workload);
      assertThat(result.scores()).containsOnlyKeys("ours", "scalar");
      assertThat(result.score("ours").seconds()).isPositive();
      assertThat(result.score("ours").bytes()).isNotNegative();
      assertThat(result.limit()).isPositive();
      assertThat(result.scores().values()).allMatch(score -> score.workspaceBytes() > 0);
    }
  }

  @Test
  void children_end_with_the_lineup() {
    try (Roster.Lineup lineup = find(null).start()) {
      assertThat(lineup.contenders()).hasSize(1);
      assertThat(workers()).isNotEmpty();
    }
    assertThat(workers()).isEmpty();
  }

  private static List<ProcessHandle> workers() {
    try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
      return children.filter(ProcessHandle::isAlive).toList();
    }
  }

  @Test
  void a_python_that_was_asked_for_takes_part() throws IOException {
    Roster roster = find(pythonWithTorch());
    assertThat(roster.abouts()).containsEntry("pytorch", "PyTorch 0.0");
    assertThat(roster.abouts().keySet()).containsExactly("ours", "pytorch");
    assertThat(notes).isEmpty();
  }

  @Test
  void the_usual_python_takes_part_if_it_has_torch() throws IOException {
    Roster roster = Roster.find(null, pythonWithTorch(), List.of(), notes::add);
    assertThat(roster.abouts()).containsKey("pytorch");
    assertThat(notes).isEmpty();
  }

  @Test
  void the_usual_python_is_left_out_without_torch() throws IOException {
    String python = python("echo 'error it cannot import torch'; exit 1");
    Roster roster = Roster.find(null, python, List.of(), notes::add);
    assertThat(roster.abouts()).containsOnlyKeys("ours");
    assertThat(notes).singleElement().asString().startsWith("PyTorch is left out: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo 'error it cannot import torch (no module)'; exit 1",
        "echo 'no module named torch' >&2; exit 1",
        "echo 'Python 3'",
        "exit 0"
      })
  void a_python_that_was_asked_for_must_have_torch(String script) throws IOException {
    String python = python(script);
    assertThatThrownBy(() -> find(python))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("--python " + python + " does not work: ")
        .hasMessageContaining("import torch");
  }

  @Test
  void a_python_that_was_asked_for_must_be_there() {
    assertThatThrownBy(() -> find(NO_PYTHON))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--python " + NO_PYTHON)
        .hasMessageContaining("cannot be started");
  }

  @Test
  void what_a_child_complained_of_is_quoted() {
    try (ChildProcess child = new ChildProcess("x", List.of("sh", "-c", "echo why >&2"))) {
      assertThatThrownBy(() -> child.ask("about"))
          .isInstanceOf(ChildProcess.UnusableException.class)
          .hasMessage("x ended unasked: why");
    }
  }

  @Test
  void a_variant_that_does_not_start_is_refused() throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    Path java = Files.writeString(bin.resolve("java"), "#!/bin/sh\necho 'no such option' >&2\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    assertThatThrownBy(() -> find(null, Variant.parse("jdk=" + folder)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--compare jdk=" + folder + " does not work here")
        .hasMessageContaining("no such option");
  }

  @ParameterizedTest
  @ValueSource(strings = {"avx3", "jdk", "", "JDK=x"})
  void an_unknown_variant_is_refused_with_those_there_are(String variant) {
    assertThatThrownBy(() -> Variant.parse(variant))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'" + variant + "' is none of avx2, scalar, jdk=PATH");
  }

  @Test
  void a_jdk_must_have_java() {
    assertThatThrownBy(() -> Variant.parse("jdk=" + folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no bin/java")
        .hasMessageContaining("JAVA_HOME");
    String own = System.getProperty("java.home");
    assertThat(Path.of(Variant.parse("jdk=" + own).command().get(0))).isExecutable();
  }

  /** Packs what lies in the folders of our own classes, as a build does. */
  private Path checkout() throws IOException {
    Path jar = folder.resolve("checkout/spark-job/target/unroll.jar");
    Files.createDirectories(jar.getParent());
    List<String> command = Variant.USUAL.command();
    String classPath = command.get(command.indexOf("-cp") + 1);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (String place : classPath.split(File.pathSeparator)) {
        pack(Path.of(place), out);
      }
    }
    return folder.resolve("checkout");
  }

  private static void pack(Path place, JarOutputStream out) throws IOException {
    boolean packed = Files.isRegularFile(place);
    try (FileSystem jar = packed ? FileSystems.newFileSystem(place) : null;
        Stream<Path> files = Files.walk(packed ? jar.getPath("/") : place)) {
      Path root = packed ? jar.getPath("/") : place;
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        out.putNextEntry(new ZipEntry(root.relativize(file).toString()));
        Files.copy(file, out);
      }
    }
  }

  @Test
  void another_build_does_the_same_work() throws IOException {
    Path checkout = checkout();
    Variant other = Variant.parse("build=" + checkout);
    assertThat(other.otherBuild()).isTrue();
    assertThat(other.command())
        .contains(checkout.resolve("spark-job/target/unroll.jar").toString());
    try (Roster.Lineup lineup = find(null, other).start()) {
      Race race = new Race(new Race.Pace(1, 0.01, 0), progress -> {});
      Race.Result result = race.run(lineup.contenders(), TINY.work(1, 1).request());
      assertThat(result.ratio("ours", other.name())).isPositive();
      assertThat(result.score(other.name()).workspaceBytes())
          .isEqualTo(result.score("ours").workspaceBytes());
    }
  }

  @Test
  void builds_from_before_have_the_program_in_another_package() throws IOException {
    Path jar = folder.resolve("unroll.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new ZipEntry("org/unroll/rnn/bench/BenchWorker.class"));
    }
    assertThat(Variant.parse("build=" + jar).command())
        .endsWith("org.unroll.rnn.bench.BenchWorker");
  }

  @Test
  void what_is_no_build_is_refused() throws IOException {
    assertThatThrownBy(() -> Variant.parse("build=" + folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no spark-job/target/unroll.jar in that folder");
    Path text = Files.writeString(folder.resolve("text"), "text");
    assertThatThrownBy(() -> Variant.parse("build=" + text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cannot be read as a jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(text))) {
      out.putNextEntry(new ZipEntry("other.txt"));
    }
    assertThatThrownBy(() -> Variant.parse("build=" + text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no program that can be measured");
  }
}
