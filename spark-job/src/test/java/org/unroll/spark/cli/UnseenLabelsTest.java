// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.spark.cli.Shell.Outcome;

/** Labels that only validation and test rows have. */
class UnseenLabelsTest {
  @TempDir Path folder;

  private Outcome train(String task, Path train, Path test, String more) {
    String words =
        "train --task %s --input %s --valid %s --test %s --out %s --master local[1] --hidden 4"
                .formatted(task, train, test, test, folder.resolve("model"))
            + " --layers 1 --epochs 1 --json "
            + more;
    return Shell.run(words.strip().split(" +"));
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  @Test
  void spans_of_such_labels_are_missed_and_their_sentences_stay() throws IOException {
    Path train = Files.writeString(folder.resolve("a.conll"), "x B-NP\ny I-NP\nz O\n\nx B-NP\n");
    Path test = Files.writeString(folder.resolve("b.conll"), "x B-NP\n\n- B-LST\n- I-LST\n");
    Outcome refused = train("tag", train, test, "");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("Line 3 of " + test, "'B-LST' is none of", "B-NP, I-NP, O", "--unseen-labels");

    Outcome counted = train("tag", train, test, "--unseen-labels wrong");
    JsonNode figures = json(counted);
    assertThat(counted.err())
        .contains(
            "2 labels that training never saw count as mistakes, the first is 'B-LST' in line 3");
    assertThat(figures.get("test_rows").intValue()).isEqualTo(2);
    assertThat(figures.get("test_recall").doubleValue()).isIn(0.0, 0.5);
    assertThat(figures.get("test_accuracy").doubleValue()).isLessThan(0.5);
    assertThat(figures.get("f1").doubleValue()).isEqualTo(figures.get("test_f1").doubleValue());
    Path model = folder.resolve("model");
    assertThat(Files.readString(model.resolve("report.html"))).contains("B-LST");
    assertThat(
            new ObjectMapper().readTree(model.resolve("config.json").toFile()).at("/data/labels"))
        .hasSize(3);
  }

  @Test
  void characters_that_were_never_seen_are_edits() throws IOException {
    String row = "{\"features\":[[1,2],[3,4],[5,6]],\"label\":\"ab\"}\n";
    Path train = Files.writeString(folder.resolve("a.jsonl"), row.repeat(2));
    Path test = Files.writeString(folder.resolve("b.jsonl"), row.replace("ab\"", "xyz\""));
    assertThat(train("recognise", train, test, "").exitCode()).isEqualTo(2);
    JsonNode figures = json(train("recognise", train, test, "--unseen-labels wrong"));
    assertThat(figures.get("test_label_error_rate").doubleValue()).isGreaterThanOrEqualTo(1);
    assertThat(figures.get("test_loss").isNull()).as("nothing to take the loss of").isTrue();
  }
}
