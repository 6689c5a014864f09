// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.Analogies;
import org.unroll.rnn.embed.VectorFile;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.rnn.io.CheckpointFile;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.train.Split;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.corpus.CorpusDescription;
import org.unroll.spark.corpus.DamagedShards;
import org.unroll.spark.corpus.PreparedCorpus;
import org.unroll.spark.corpus.PreparedFolder;
import org.unroll.spark.corpus.RowShards;
import org.unroll.spark.corpus.WrittenDescription;
import org.unroll.spark.rounds.DamagedMessages;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.store.VectorStore;
import org.unroll.spark.task.TaskModel;

/**
 * What the program writes itself and reads again: models, vectors, corpora, checkpoints, messages.
 * Most of it has checksums, so that what is read must be what was written, or nothing.
 */
final class Models {
  /** Folders that earlier versions wrote. */
  static final Path FOLDERS = Shell.HOME.resolve("spark-job/src/test/resources/version-1");

  private static final Configuration CONF = new Configuration();
  private static final WordVectors VECTORS =
      new WordVectors(
          vocabulary("paris", "rome", "oslo"), 3, new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9});

  private Models() {}

  static List<Target> all(Path folder) throws IOException {
    List<Target> targets = new ArrayList<>();
    targets.addAll(model(folder, "lm-char"));
    targets.addAll(model(folder, "tag-crf"));
    targets.addAll(model(folder, "state"));
    targets.addAll(model(folder, "forecast-series"));
    targets.addAll(parts(translator(folder)));
    targets.addAll(vectors(folder));
    targets.add(checkpoint());
    targets.addAll(corpora(folder));
    targets.add(
        Target.ofBytes("messages", DamagedMessages.wholes(), List.of(), DamagedMessages::read));
    return targets;
  }

  private static Vocabulary vocabulary(String... tokens) {
    return Vocabulary.of(
        Arrays.stream(tokens).map(token -> new Vocabulary.Entry(token, tokens.length)).toList());
  }

  private static ByteArrayInputStream in(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  /** Each file of a model's folder as it is written today, while the others are whole. */
  private static List<Target> model(Path folder, String name) throws IOException {
    Path path = folder.resolve(name);
    SavedModel earlier = ModelStore.read(FOLDERS.resolve(name).toString());
    ModelStore.Writer writer = new ModelStore.Writer(path.toString(), false);
    writer.claim("");
    ModelConfig then = earlier.config();
    ModelConfig config =
        new ModelConfig(then.task(), then.data(), then.model(), then.training(), then.provenance());
    writer.replace(
        new SavedModel(
            config,
            earlier.params(),
            earlier.vocabularies(),
            earlier.characters(),
            earlier.tensors()),
        new byte[0],
        new byte[0]);
    return parts(path);
  }

  /** Trains a model that writes on two files of lines beside it, {@code a.de} and {@code a.en}. */
  static Path translator(Path folder) throws IOException {
    Files.writeString(folder.resolve("a.de"), "eins zwei.\n\ndrei\nvier fünf\n");
    Files.writeString(folder.resolve("a.en"), "one two.\n\nthree\nfour five\n");
    Path path = folder.resolve("translate");
    Shell.Outcome trained =
        Shell.run(
            ("train --task translate --vocab-size 262 --layers 1 --hidden 4 --epochs 1 --shards 1"
                    + " --master local[1] --input DIR/a.de --target DIR/a.en --out DIR/translate")
                .replace("DIR", folder.toString())
                .split(" "));
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    return path;
  }

  /** Each file of a model's folder that is read, while the others are whole. */
  private static List<Target> parts(Path path) throws IOException {
    SavedModel whole = ModelStore.read(path.toString());
    List<Target> targets = new ArrayList<>();
    for (Path file : files(path)) {
      boolean isRead = !file.toString().matches(".*(report.html|metrics.jsonl)");
      if (isRead && Files.size(file) > 0) {
        boolean learnt = !file.endsWith("config.json");
        targets.add(
            Target.ofPart(
                path.getFileName() + "/" + file.getFileName(),
                file,
                damaged -> requireWhole(ModelStore.read(path.toString()), whole, learnt)));
      }
    }
    return targets;
  }

  static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /**
   * Fails unless a model can be put to work and has numbers alone.
   *
   * @param same whether its checksum is untouched, so that it must be the model that was written
   */
  private static void requireWhole(SavedModel read, SavedModel whole, boolean same) {
    TaskModel.of(read);
    requireFinite(read.params());
    read.tensors().values().forEach(tensor -> requireFinite(tensor.values()));
    if (same) {
      assertThat(read.params()).isEqualTo(whole.params());
      assertThat(entries(read)).isEqualTo(entries(whole));
      assertThat(read.tensors().keySet()).isEqualTo(whole.tensors().keySet());
      read.tensors()
          .forEach(
              (name, tensor) -> {
                Safetensors.Tensor written = whole.tensors().get(name);
                assertThat(tensor.shape()).isEqualTo(written.shape());
                assertThat(tensor.values()).isEqualTo(written.values());
              });
    }
  }

  private static List<Vocabulary.Entry> entries(SavedModel model) {
    List<Vocabulary.Entry> entries = new ArrayList<>();
    model.vocabularies().forEach(vocabulary -> entries.addAll(vocabulary.entries()));
    if (model.target() != null) {
      entries.addAll(model.target().entries());
    }
    if (model.characters() != null) {
      entries.addAll(model.characters().entries());
    }
    return entries;
  }

  private static void requireFinite(float[] numbers) {
    for (float number : numbers) {
      assertThat(number).isFinite();
    }
  }

  /** Vectors in files of all formats and in a folder, and what is asked of them. */
  private static List<Target> vectors(Path folder) throws IOException {
    List<Target> targets = new ArrayList<>();
    for (VectorFile.Format format : VectorFile.Format.values()) {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      VectorFile.write(VECTORS, format, whole);
      String name = format.name().toLowerCase(Locale.ROOT) + ".vectors";
      targets.add(Target.ofFile(folder.resolve(name), whole.toByteArray(), Models::readVectors));
    }
    Path packed = folder.resolve("whole.vectors.gz");
    VectorStore.export(VECTORS, VectorFile.Format.WORD2VEC, packed.toString());
    targets.add(
        Target.ofFile(
            folder.resolve("vectors.gz"), Files.readAllBytes(packed), Models::readVectors));
    Path written = folder.resolve("vectors");
    VectorStore.write(written.toString(), false, VECTORS, Map.of(), Map.of());
    for (Path file : files(written)) {
      targets.add(
          Target.ofPart("vectors/" + file.getFileName(), file, damaged -> readVectors(written)));
    }
    targets.add(
        Target.ofFile(
            folder.resolve("vocabulary.tsv"),
            Inputs.bytes("a\t3\n\\n\t2\né\t1\n"),
            file -> HadoopFiles.read(file.toString(), "vocabulary", Vocabulary::read)));
    targets.add(
        Target.ofFile(
            folder.resolve("questions.txt"),
            Inputs.bytes(": capital\nparis france rome italy\n"),
            file -> HadoopFiles.read(file.toString(), "questions", Analogies.Questions::read)));
    return targets;
  }

  private static void readVectors(Path path) {
    requireFinite(VectorStore.read(path.toString()).values());
  }

  private static Target checkpoint() throws IOException {
    float[] params = {1, 2};
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    CheckpointFile.write(
        whole,
        new CheckpointFile.Content(
            Map.of("run", "x"), Map.of("params", params, "state", new float[3])));
    return Target.ofBytes(
        "checkpoint",
        List.of(whole.toByteArray()),
        List.of("checkpoint"),
        bytes -> {
          if (CheckpointFile.findDamage(in(bytes)).isEmpty()) {
            CheckpointFile.Content read = CheckpointFile.read(in(bytes), "checkpoint");
            assertThat(read.vectors().get("params")).isEqualTo(params);
          }
        });
  }

  /** A corpus of a stream and one of documents. */
  private static List<Target> corpora(Path folder) throws IOException {
    String text = "one two three four\n".repeat(50);
    Path stream =
        PreparedFolder.ofText(folder.resolve("stream"), text, "word").write(text, 1 << 20);
    List<Target> targets = new ArrayList<>();
    targets.add(
        Target.ofFile(
            folder.resolve("corpus.json"),
            WrittenDescription.bytes(),
            file -> HadoopFiles.read(file.toString(), "corpus.json", CorpusDescription::read)));
    for (Path file : files(stream)) {
      targets.add(
          Target.ofPart(
              "stream/" + file.getFileName(),
              file,
              damaged -> PreparedCorpus.open(stream.toString(), CONF)));
    }
    Path shard = files(stream.resolve(PreparedCorpus.SHARDS)).get(0);
    int[] tokens = DamagedShards.tokens(shard, 100);
    targets.add(
        shard(
            "stream/shards",
            shard,
            file -> assertThat(DamagedShards.tokens(file, tokens.length)).isEqualTo(tokens)));
    targets.add(documents(folder.resolve("documents")));
    return targets;
  }

  /**
   * A shard of the length that it was written with, as one of another is refused unopened. A
   * process reads the footer of a file once, so that each time it is another file.
   */
  private static Target shard(String name, Path whole, Target.FileReader reader)
      throws IOException {
    byte[] bytes = Files.readAllBytes(whole);
    return Target.ofBytes(
        name,
        List.of(bytes),
        List.of(whole.getParent().toString()),
        damaged -> {
          Path file = Files.createTempFile(whole.getParent(), "part", ".zstd.parquet");
          try {
            Files.write(file, Arrays.copyOf(damaged, bytes.length));
            reader.read(file);
          } finally {
            Files.deleteIfExists(file);
          }
        });
  }

  private static Target documents(Path folder) throws IOException {
    List<Vocabulary> vocabularies = List.of(vocabulary("<unk>", "one", "two"));
    List<SequenceRow> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rows.add(
          new SequenceRow(
              new RowKey(0, i),
              "row" + i,
              new String[][] {{"one", "two", "never seen"}},
              new float[] {i, 0.5f, -1},
              1,
              "label" + i % 2,
              null,
              null));
    }
    RowShards shards = new RowShards(folder.toString(), CONF);
    try (RowShards.Writer writer = shards.write(Split.TRAIN, 0, vocabularies)) {
      for (SequenceRow row : rows) {
        writer.add(row);
      }
      writer.finish();
    }
    List<String> whole = rows.stream().map(Models::show).toList();
    Path file = files(folder).get(0);
    return shard(
        "documents/shards",
        file,
        damaged -> {
          Files.move(damaged, file, StandardCopyOption.REPLACE_EXISTING);
          List<String> read = new ArrayList<>();
          shards.read(Split.TRAIN, 0, vocabularies, row -> read.add(show(row)));
          assertThat(read).isEqualTo(whole);
        });
  }

  private static String show(SequenceRow row) {
    return "%s %s %s %s %s"
        .formatted(
            row.key(),
            row.id(),
            Arrays.deepToString(row.tokens()),
            Arrays.toString(row.features()),
            row.label());
  }
}
