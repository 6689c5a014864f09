// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.spark.UnrollRegistrator;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.task.TrainJob;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine;

/** Where a task is trained, and in how many processes, changes no bit of the model. */
class PlacementTest {
  private static final String VECTORS = "( 0.5 -1 2\n[ 1 0.25 -2\n) 0 1 1\n";

  @TempDir static Path vectors;
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() throws IOException {
    Files.writeString(vectors.resolve("vectors.txt"), VECTORS);
    spark =
        SparkSession.builder()
            .master("local[3]")
            .config("spark.ui.enabled", "false")
            .config("spark.serializer", KryoSerializer.class.getName())
            .config("spark.kryo.registrationRequired", "true")
            .config("spark.kryo.registrator", UnrollRegistrator.class.getName())
            .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  /** Each has more than three rounds an epoch, so that a checkpoint lies in the middle of one. */
  static Stream<String> cases() {
    return Stream.of(
        "classify brackets --text text --dropout 0.2 --embeddings "
            + vectors.resolve("vectors.txt")
            + " --freeze-embeddings --local-steps 2 --batch 8",
        "tag brackets --text text --label depths --head crf --char-embedding 4 --char-hidden 4"
            + " --bidirectional --word-dropout 0.1 --batch 5 --accumulate 3",
        "forecast series --horizon 6 --context 48 --season 12 --weight-drop 0.1 --batch 32 --accumulate 2",
        "recognise strokes --residual --layer-norm --layers 2 --batch 16",
        "translate additions --text program --label answer --vocab-size 270 --joint --tied"
            + " --attention dot --label-smoothing 0.1 --batch 100 --accumulate 2",
        "caption drawings --label captions --attention additive --bridge zero --dropout 0.1 --batch"
            + " 160",
        "execute additions --text program --label answer --reverse --double-input --bridge copy"
            + " --attention none --adaptive 4 --batch 200",
        "state walks --batch 4 --accumulate 2 --local-steps 2 --locked-dropout --dropout 0.2",
        "lm brackets --adaptive 5 --batch 6 --window 7 --accumulate 3",
        "lm brackets --tied --embedding 12 --layers 2 --weight-drop 0.2 --locked-dropout"
            + " --dropout 0.1 --word-dropout 0.1 --layer-norm --state learned --batch 6 --window 7 --local-steps 3");
  }

  private static TrainRequest request(String options, Path out, String more) {
    String[] parts = options.split(" ", 3);
    String data = Shell.HOME.resolve("data-samples").resolve(parts[1]).toString();
    String usual = "--hidden 8 --epochs 2 --shards 3 --lr 0.02 --seed 7 --checkpoint-every 3";
    String words =
        "train --task %s --input %s/train.jsonl --valid %s/valid.jsonl --out %s %s %s %s"
            .formatted(parts[0], data, data, out, usual, parts[2], more);
    CommandLine all = Cli.root(null);
    all.parseArgs(words.split(" +"));
    TrainCommand command = all.getSubcommands().get("train").getCommand();
    return command.request("train");
  }

  private byte[] train(String options, Path out, String more, ByteArrayOutputStream notes)
      throws IOException {
    return train(spark, options, out, more, notes);
  }

  /**
   * Trains on data that the project has, and returns the model.
   *
   * @param options the task, the folder of its data, and options of {@code train}
   * @param more options of where it is trained
   * @param notes takes what the training says
   */
  static byte[] train(
      SparkSession spark, String options, Path out, String more, ByteArrayOutputStream notes)
      throws IOException {
    PrintStream stream = new PrintStream(notes, true, StandardCharsets.UTF_8);
    Terminal terminal = new Terminal(stream, stream, false, 80);
    new TrainJob(spark, request(options, out, more), terminal).run();
    return Files.readAllBytes(out.resolve("model.safetensors"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void workers_rounds_and_interruptions_change_no_bit(String options) throws IOException {
    byte[] one = train(options, folder.resolve("1"), "--workers 1", new ByteArrayOutputStream());
    for (String placement : List.of("--workers 2 --rounds job", "--workers 3")) {
      Path out = folder.resolve(placement.replace(' ', '-'));
      assertThat(train(options, out, placement, new ByteArrayOutputStream()))
          .as(placement)
          .isEqualTo(one);
    }
    Path out = folder.resolve("broken");
    ByteArrayOutputStream breaking = new Shell.Breaking("epoch 2/2");
    assertThatThrownBy(() -> train(options, out, "--workers 2", breaking))
        .hasMessageContaining("broken off");
    ByteArrayOutputStream notes = new ByteArrayOutputStream();
    assertThat(train(options, out, "--workers 3", notes)).isEqualTo(one);
    assertThat(notes.toString(StandardCharsets.UTF_8)).containsPattern("Resuming after round \\d");
  }
}
