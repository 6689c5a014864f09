// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.embed.Analogies;
import org.unroll.rnn.io.CheckpointFile;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.spark.corpus.CorpusDescription;
import org.unroll.spark.corpus.WrittenDescription;
import org.unroll.spark.fuzz.FuzzTest.Target;
import org.unroll.spark.rounds.DamagedMessages;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.FileRows;
import org.unroll.spark.rows.RowSource;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.store.VectorStore;

/** All that reads files and messages which somebody else may have damaged. */
final class Targets {
  private static final ColumnChoice ANYTHING =
      new ColumnChoice(List.of(), List.of(), null, null, LabelKind.ANY, true);
  private static final Configuration CONF = new Configuration();
  private static final TextSplitter WORDS = new TextSplitter(TextSplitter.Unit.WORDS, true);

  private Targets() {}

  static List<Target> all(Path folder) throws IOException {
    List<Target> targets = new ArrayList<>(models(folder));
    targets.addAll(inputs(folder));
    targets.addAll(vectors(folder));
    targets.add(
        of(
            "vocabulary",
            "a\t3\n\\n\t2\né\t1\n",
            bytes -> Vocabulary.read(in(bytes), "vocabulary")));
    targets.add(
        of(
            "questions",
            ": capital\nparis france rome italy\n",
            bytes -> Analogies.Questions.read(in(bytes), "questions")));
    targets.add(checkpoint());
    targets.add(new Target("messages", DamagedMessages.wholes(), "", DamagedMessages::read));
    targets.add(corpus());
    return targets;
  }

  private static Target of(String name, String whole, FuzzTest.Reader reader) {
    return new Target(name, List.of(bytes(whole)), name, reader);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ByteArrayInputStream in(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }

  /** Each file of a model's folder, while the others are whole. */
  private static List<Target> models(Path folder) throws IOException {
    Path model = folder.resolve("model");
    Network network =
        new Network(
            NetworkSpec.languageModel(3, RnnSpec.of(CellType.LSTM, 2, 2, 1), false, true, false));
    Vocabulary vocabulary =
        Vocabulary.of(
            List.of(
                new Vocabulary.Entry("\n", 3),
                new Vocabulary.Entry("é", 2),
                new Vocabulary.Entry("\t", 1)));
    ModelConfig config =
        new ModelConfig("lm", Map.of("unit", "char"), network.spec(), Map.of(), Map.of());
    float[] params = new float[network.layout().size()];
    ModelStore.Writer writer = new ModelStore.Writer(model.toString(), false);
    writer.claim("");
    writer.replace(
        new SavedModel(config, params, List.of(vocabulary), null, Map.of()),
        new byte[0],
        new byte[0]);
    List<Target> targets = new ArrayList<>();
    for (String name : List.of("config.json", "vocabulary.tsv", "model.safetensors")) {
      byte[] whole = Files.readAllBytes(model.resolve(name));
      targets.add(
          new Target(
              name,
              List.of(whole),
              model.toString(),
              bytes -> {
                Files.write(model.resolve(name), bytes);
                try {
                  ModelStore.read(model.toString());
                } finally {
                  Files.write(model.resolve(name), whole);
                }
              }));
    }
    return targets;
  }

  /** Files of every format that has lines. */
  private static List<Target> inputs(Path folder) {
    Map<String, String> wholes =
        Map.of(
            "a.txt", "one two three\nfour\n\nfive, \"six\"\n",
            "a.tsv", "label\ttext\tid\npos\tgood one\t1\nneg\tbad \"one\t2\n",
            "a.csv", "label,text,id\npos,\"good, \"\"one\"\"\nand more\",1\nneg,bad,2\n",
            "a.jsonl", "{\"text\":\"good\",\"label\":1,\"id\":7}\n{\"text\":[\"a\",\"b\"]}\n",
            "b.jsonl", "{\"features\":[[1,2.5],[3,null]],\"label\":\"x\"}\n",
            "a.conll", "The DT B-NP\ndog NN I-NP\n\nIt PRP B-NP\n",
            "a.conllu",
                "# text\n1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\t_\n2\tend\tend\tNOUN\t_\t_\t0\troot\t_\t_\n\n",
            "a.ts", "@problemName x\n@classLabel true a b\n@data\n1,2,3:4,5,6:a\n1,?,3:4,5,6:b\n",
            "a.ucr", "1.0 0.5 0.25 -1e-3\n2.0 0.5 0.25 7\n");
    return wholes.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            file -> {
              Path path = folder.resolve(file.getKey());
              return new Target(
                  file.getKey(),
                  List.of(bytes(file.getValue())),
                  file.getKey(),
                  FuzzTest.ofFile(path, Targets::readRows));
            })
        .toList();
  }

  private static void readRows(Path file) throws IOException {
    FileRows rows = FileRows.of(RowsInput.of(List.of(file.toString())), ANYTHING, WORDS, CONF);
    for (int part = 0; part < rows.parts(); part++) {
      try (RowSource.RowStream stream = rows.open(part)) {
        while (stream.next() != null) {
          // Rows and bad rows are both answers.
        }
      }
    }
  }

  private static List<Target> vectors(Path folder) {
    return Stream.of(
            Map.entry("vectors.txt", "2 3\nparis 0.1 0.2 0.3\nrome 1 2 -3e-2\n"),
            Map.entry("glove.txt", "paris 0.1 0.2 0.3\nrome 1 2 -3e-2\n"))
        .map(
            file ->
                new Target(
                    file.getKey(),
                    List.of(bytes(file.getValue())),
                    file.getKey(),
                    FuzzTest.ofFile(
                        folder.resolve(file.getKey()), path -> VectorStore.read(path.toString()))))
        .toList();
  }

  private static Target checkpoint() throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    CheckpointFile.write(
        whole,
        new CheckpointFile.Content(
            Map.of("run", "x"), Map.of("params", new float[] {1, 2}, "state", new float[3])));
    return new Target(
        "checkpoint",
        List.of(whole.toByteArray()),
        "checkpoint",
        bytes -> {
          if (CheckpointFile.findDamage(in(bytes)).isEmpty()) {
            CheckpointFile.read(in(bytes), "checkpoint");
          }
        });
  }

  private static Target corpus() throws IOException {
    return new Target(
        "corpus.json",
        List.of(WrittenDescription.bytes()),
        "corpus.json",
        bytes -> CorpusDescription.read(in(bytes), "corpus.json"));
  }
}
