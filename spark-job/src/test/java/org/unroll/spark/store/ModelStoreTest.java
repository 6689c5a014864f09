// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.ModelConfig;

class ModelStoreTest {
  private static final byte[] METRICS = "{}\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] REPORT = "<html>".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private Path out;

  @BeforeEach
  void nameOutput() {
    out = folder.resolve("model");
  }

  private void write(boolean overwrite, float first) {
    TestModel.write(out.toString(), overwrite, TestModel.starting(first), METRICS, REPORT);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static AbstractStringAssert<?> assertProblem(Runnable work) {
    return assertThat(catchThrowableOfType(InputException.class, work::run).getMessage());
  }

  @Test
  void a_model_comes_back_as_it_was_written() throws IOException {
    write(false, 1);
    assertThat(names(out))
        .containsExactly(
            "README.md",
            "config.json",
            "metrics.jsonl",
            "model.safetensors",
            "report.html",
            "vocabulary.tsv");
    assertThat(out.resolve("metrics.jsonl")).hasBinaryContent(METRICS);
    assertThat(out.resolve("report.html")).hasBinaryContent(REPORT);
    TestModel.assertEqual(ModelStore.read(out.toString()), TestModel.starting(1));
    assertThat(names(folder)).containsExactly("model");
  }

  @Test
  void equal_models_are_equal_bytes() throws IOException {
    write(false, 1);
    byte[] first = Files.readAllBytes(out.resolve("model.safetensors"));
    write(true, 1);
    assertThat(out.resolve("model.safetensors")).hasBinaryContent(first);
  }

  @Test
  void an_empty_folder_and_missing_parents_are_free() throws IOException {
    Files.createDirectories(out);
    write(false, 1);
    out = folder.resolve("a/b/c");
    write(false, 2);
    TestModel.assertEqual(ModelStore.read(out + "/"), TestModel.starting(2));
  }

  @Test
  void another_model_is_only_replaced_when_asked_for() {
    write(false, 1);
    assertProblem(() -> ModelStore.requireFree(out.toString(), false))
        .contains(out.toString())
        .contains("already holds a model")
        .contains("config.json")
        .contains("--overwrite");
    assertProblem(() -> write(false, 2)).contains("--overwrite");
    TestModel.assertEqual(ModelStore.read(out.toString()), TestModel.starting(1));
    ModelStore.requireFree(out.toString(), true);
    write(true, 2);
    TestModel.assertEqual(ModelStore.read(out.toString()), TestModel.starting(2));
  }

  @Test
  void an_unfinished_model_is_replaced_by_its_own_run() {
    SavedModel starting = TestModel.starting(1);
    ModelConfig config = starting.config();
    Map<String, Object> provenance = Map.of(ModelStore.UNFINISHED_RUN, "a1");
    ModelConfig unfinished =
        new ModelConfig("lm", config.data(), config.model(), Map.of(), provenance);
    TestModel.write(
        out.toString(),
        false,
        new SavedModel(unfinished, starting.params(), starting.vocabularies(), null, Map.of()),
        METRICS,
        REPORT);
    ModelStore.requireFree(out.toString(), false);
    assertProblem(() -> new ModelStore.Writer(out.toString(), false).claim("b2"))
        .contains("already holds a model of another training, which has not finished")
        .contains("--overwrite");
    new ModelStore.Writer(out.toString(), true).claim("b2");
    ModelStore.Writer own = new ModelStore.Writer(out.toString(), false);
    own.claim("a1");
    own.replace(TestModel.starting(2), METRICS, REPORT);
    TestModel.assertEqual(ModelStore.read(out.toString()), TestModel.starting(2));
    assertProblem(() -> new ModelStore.Writer(out.toString(), false))
        .contains("already holds a model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"thesis.txt", ".hidden", "report.html"})
  void other_files_are_never_touched(String name) throws IOException {
    Files.createDirectories(out);
    Files.writeString(out.resolve(name), "mine");
    for (boolean overwrite : new boolean[] {false, true}) {
      assertProblem(() -> write(overwrite, 1))
          .contains("no model (" + name + ")")
          .contains("new folder");
    }
    assertThat(out.resolve(name)).hasContent("mine");
    assertThat(names(folder)).containsExactly("model");
  }

  @Test
  void a_model_with_a_strangers_file_is_left_alone() throws IOException {
    write(false, 1);
    Files.writeString(out.resolve("notes"), "mine");
    assertProblem(() -> write(true, 2)).contains("(notes)");
    assertThat(out.resolve("notes")).hasContent("mine");
  }

  @Test
  void a_file_or_the_root_is_no_place_for_a_model() throws IOException {
    Files.writeString(out, "mine");
    assertProblem(() -> write(true, 1)).contains("is a file");
    assertProblem(() -> ModelStore.requireFree("/", true)).contains("root");
    assertProblem(() -> new ModelStore.Writer(out + "/below", false)).contains(out.toString());
    assertThat(out).hasContent("mine");
  }

  @Test
  void a_run_replaces_its_model_as_often_as_it_likes() throws IOException {
    ModelStore.Writer writer = new ModelStore.Writer(out.toString(), false);
    assertThat(names(folder)).isEmpty();
    for (int best = 1; best <= 4; best++) {
      writer.replace(TestModel.starting(best), METRICS, REPORT);
      TestModel.assertEqual(ModelStore.read(out.toString()), TestModel.starting(best));
      assertThat(names(folder)).containsExactly("model");
    }
  }

  @Test
  void what_somebody_else_put_there_during_the_run_is_left_and_the_model_kept_beside_it()
      throws IOException {
    ModelStore.Writer first = new ModelStore.Writer(out.toString(), false);
    ModelStore.Writer second = new ModelStore.Writer(out.toString(), false);
    second.replace(TestModel.starting(2), METRICS, REPORT);
    assertProblem(() -> first.replace(TestModel.starting(1), METRICS, REPORT))
        .contains(out.toString())
        .contains("changed by somebody else");
    TestModel.assertEqual(ModelStore.read(out.toString()), TestModel.starting(2));
    assertThat(names(folder)).hasSize(2);
    Path kept = folder.resolve(names(folder).get(0));
    TestModel.assertEqual(ModelStore.read(kept.toString()), TestModel.starting(1));
  }

  @Test
  void a_model_that_cannot_be_written_leaves_the_one_before() throws IOException {
    ModelStore.Writer writer = new ModelStore.Writer(out.toString(), false);
    writer.replace(TestModel.starting(1), METRICS, REPORT);
    assertThatThrownBy(() -> writer.replace(TestModel.starting(2), null, REPORT))
        .isInstanceOf(NullPointerException.class);
    TestModel.assertEqual(ModelStore.read(out.toString()), TestModel.starting(1));
    assertThat(names(folder)).containsExactly("model");
  }

  @Test
  void a_missing_model_is_named_and_one_that_was_being_replaced_found() throws IOException {
    assertProblem(() -> ModelStore.read(out.toString()))
        .contains("no model folder " + out)
        .contains("--out");
    write(false, 1);
    Path hidden = folder.resolve(".model.unroll-1");
    Files.move(out, hidden);
    assertProblem(() -> ModelStore.read(out.toString())).contains(hidden.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors", "vocabulary.tsv"})
  void a_missing_or_damaged_file_is_named(String name) throws IOException {
    write(false, 1);
    byte[] content = Files.readAllBytes(out.resolve(name));
    Files.write(out.resolve(name), java.util.Arrays.copyOf(content, content.length / 2));
    assertProblem(() -> ModelStore.read(out.toString())).contains(out.resolve(name).toString());
    Files.delete(out.resolve(name));
    assertProblem(() -> ModelStore.read(out.toString())).contains(out.toString()).contains(name);
  }

  @Test
  void files_of_two_models_are_told_apart() throws IOException {
    write(false, 1);
    Files.writeString(out.resolve("vocabulary.tsv"), "a\t1\nb\t1\n");
    assertProblem(() -> ModelStore.read(out.toString()))
        .contains("vocabulary.tsv has 2 tokens")
        .contains("says 3");
  }

  @Test
  void numbers_that_are_none_are_no_parameters() throws IOException {
    write(false, 1);
    Path file = out.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - Float.BYTES, Float.NaN);
    Files.write(file, bytes);
    assertProblem(() -> ModelStore.read(out.toString()))
        .contains(file + " is damaged: element 2 of tensor decoder.bias is NaN");
    assertProblem(() -> VectorStore.read(out.toString())).contains("decoder.bias is NaN");
  }

  @Test
  void files_that_do_not_belong_together_are_told_by_their_checksum() throws IOException {
    write(false, 1);
    Path vocabulary = out.resolve("vocabulary.tsv");
    String whole = Files.readString(vocabulary);
    Files.writeString(vocabulary, whole.replace("é", "e"));
    assertProblem(() -> ModelStore.read(out.toString()))
        .contains("The files of the model " + out + " do not belong together")
        .contains("take checksum out of config.json");
    Files.writeString(vocabulary, whole);
    Path params = out.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(params);
    bytes[bytes.length - 3] ^= 1;
    Files.write(params, bytes);
    assertProblem(() -> ModelStore.read(out.toString())).contains("do not belong together");
    Path config = out.resolve("config.json");
    String changed = Files.readString(config).replaceFirst(",\\s*.checksum.[^\\n]*", "");
    assertThat(changed).isNotEqualTo(Files.readString(config));
    Files.writeString(config, changed);
    assertThat(ModelStore.read(out.toString()).params()).isNotEmpty();
  }
}
