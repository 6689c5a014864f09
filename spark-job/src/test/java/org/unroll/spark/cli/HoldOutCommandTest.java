// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.train.Split;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.HoldOut;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.EvaluateJob;
import org.unroll.spark.task.TaskModel;

/** One input gives what is learnt, what is validated and what is tested. */
class HoldOutCommandTest {
  private static final String[] SMALL = {
    "--layers",
    "1",
    "--hidden",
    "6",
    "--embedding",
    "4",
    "--epochs",
    "1",
    "--batch",
    "4",
    "--master",
    "local[2]",
    "--hold-out",
    "0.2,0.2",
    "--json"
  };

  @TempDir Path folder;

  private static Outcome train(String... options) {
    return Shell.run(
        Stream.of(new String[] {"train"}, options, SMALL)
            .flatMap(Stream::of)
            .toArray(String[]::new));
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  private Path rows(int count) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < count; i++) {
      rows.append(i % 2 == 0 ? "even" : "odd").append('\t').append("number n").append(i);
      rows.append('\n');
    }
    return Files.writeString(folder.resolve("rows" + count + ".tsv"), rows);
  }

  private JsonNode classify(int count) throws IOException {
    Path out = folder.resolve("model" + count);
    String[] options = {
      "--task",
      "classify",
      "--input",
      rows(count).toString(),
      "--columns",
      "label,text",
      "--out",
      out.toString()
    };
    return json(train(options));
  }

  @Test
  void rows_are_learnt_validated_and_tested_and_more_rows_leave_the_others_where_they_are()
      throws IOException {
    JsonNode first = classify(100);
    JsonNode grown = classify(150);

    assertThat(first.get("valid_rows").longValue()).isBetween(10L, 30L);
    assertThat(first.get("test_rows").longValue()).isBetween(10L, 30L);
    assertThat(first.get("test_accuracy").doubleValue()).isBetween(0.0, 1.0);
    assertThat(grown.get("test_rows").longValue())
        .isGreaterThanOrEqualTo(first.get("test_rows").longValue());
    JsonNode config = new ObjectMapper().readTree(folder.resolve("model100/config.json").toFile());
    // Words of rows that are held out are no tokens: n0 to n99 have a place where they are learnt.
    long learnt = config.get("provenance").get("train_rows").longValue();
    assertThat(learnt)
        .isEqualTo(100 - first.get("valid_rows").longValue() - first.get("test_rows").longValue());
    assertThat(Files.readAllLines(folder.resolve("model100/vocabulary.tsv")))
        .hasSize((int) learnt + 2);
  }

  @Test
  void lines_of_a_text_are_learnt_validated_and_tested_and_a_side_is_scored_alone()
      throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      text.append("line n").append(i).append(" of it\n");
    }
    String input = Files.writeString(folder.resolve("a.txt"), text).toString();
    String model = folder.resolve("lm").toString();
    String[] options = {"--input", input, "--out", model, "--unit", "word", "--window", "5"};
    json(train(options));

    JsonNode data =
        new ObjectMapper().readTree(Path.of(model, "config.json").toFile()).get("provenance");
    long valid = data.get("valid_tokens").longValue();
    long test = data.get("test_tokens").longValue();
    assertThat(data.get("train_tokens").longValue() + valid + test).isEqualTo(1000);
    // Words, each line with its end.
    assertThat(valid % 5).isZero();
    assertThat(valid).isBetween(100L, 300L);
    assertThat(test).isBetween(100L, 300L);
    HoldOut held = new HoldOut(0.2, 0.2);
    TaskModel saved = TaskModel.of(ModelStore.read(model));
    RowsInput all = RowsInput.of(List.of(input));
    try (SparkRuntime spark = SparkRuntime.start("test", "local[2]", false)) {
      EvaluateJob.Score score =
          EvaluateJob.text(
              spark.session(), saved, all, ColumnChoice.USUAL_TEXT, 1, held, Split.TEST);
      assertThat(score.scored()).isEqualTo(test);
      assertThat(EvaluateJob.text(spark.session(), saved, all, ColumnChoice.USUAL_TEXT, 1).scored())
          .isEqualTo(1000);
    }
  }

  @Test
  void a_stream_without_documents_and_a_side_without_text_are_refused() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), "one line of text\n".repeat(50));
    Path out = folder.resolve("lm");
    Outcome empty = train("--input", text.toString(), "--out", out.toString());
    assertThat(empty.exitCode()).isEqualTo(2);
    assertThat(empty.err())
        .containsPattern("Of the input's documents, none is left .* with --hold-out 0.2,0.2");

    Path corpus = folder.resolve("corpus");
    Outcome prepared = Shell.run("prepare", "--input", text.toString(), "--out", corpus.toString());
    assertThat(prepared.exitCode()).as(prepared.err()).isZero();
    Outcome stream = train("--input", corpus.toString(), "--out", out.toString());
    assertThat(stream.exitCode()).isEqualTo(2);
    assertThat(stream.err())
        .contains("--hold-out 0.2,0.2 divides the documents of a text", "is one stream");
    assertThat(out).doesNotExist();
  }
}
