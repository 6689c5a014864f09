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

/** What was scored and what was left out is told, and a figure that nothing tells is no number. */
class LeftOutTest {
  private static final String TRAIN =
      "train --master local[2] --layers 1 --hidden 4 --epochs 1 --batch 4 ";

  @TempDir Path folder;

  private static Outcome run(String words) {
    return Shell.run(words.strip().split(" +"));
  }

  private String out(String name) {
    return " --out " + folder.resolve(name);
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static JsonNode json(Outcome outcome) throws IOException {
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return new ObjectMapper().readTree(outcome.lastLine());
  }

  @Test
  void rows_of_a_test_set_that_cannot_be_used_are_told() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      rows.append("pos\tfine day %d\nneg\tbad day %d\n".formatted(i, i));
    }
    Path train = write("a.tsv", rows.toString());
    Path test = write("b.tsv", "pos\tfine\nodd\tdull\nodd\tdim\n");
    String words =
        TRAIN + "--task classify --columns label,text --on-bad-row skip --input " + train;
    words += " --valid-fraction 0.25 --test " + test;
    Outcome told = run(words + out("words"));
    assertThat(told.exitCode()).as(told.err()).isZero();
    assertThat(told.err()).contains("1 to test", "2 rows that cannot be used were left out");
    assertThat(told.out())
        .contains("auc not told by these rows; 1 row scored, 2 left out")
        .doesNotContain("NaN");
    assertThat(Files.readString(folder.resolve("words/report.html"))).doesNotContain("NaN");
    assertThat(Files.readString(folder.resolve("words/config.json"))).doesNotContain("NaN");
    JsonNode figures = json(run(words + out("json") + " --json"));
    assertThat(figures.get("test_rows").intValue()).isEqualTo(1);
    assertThat(figures.get("test_skipped").intValue()).isEqualTo(2);
    assertThat(figures.get("test_auc").isNull()).isTrue();
    assertThat(figures.get("test_accuracy").isNumber()).isTrue();
  }

  @Test
  void forecasts_without_a_truth_are_left_out_and_where_there_is_none_refused() throws IOException {
    String whole = "{\"features\":[1,2,3,4,5,6]}\n";
    String cut = "{\"features\":[1,2,3,4,null,null]}\n";
    Path train = write("a.jsonl", whole.repeat(4));
    String words = TRAIN + "--task forecast --horizon 2 --input " + train;
    Path none = write("none.jsonl", cut.repeat(3));
    Outcome refused = run(words + " --valid " + none + out("none"));
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("There is nothing to validate", "is missing");
    Path some = write("some.jsonl", cut + whole + cut);
    JsonNode figures = json(run(words + " --valid " + some + out("model") + " --json"));
    assertThat(figures.get("valid_rows").intValue()).isEqualTo(1);
    assertThat(figures.get("valid_skipped").intValue()).isEqualTo(2);
    String evaluate = "evaluate --master local[2] --model " + folder.resolve("model") + " --input ";
    Outcome scored = run(evaluate + some);
    assertThat(scored.out()).containsPattern("rows +1\n").containsPattern("left out +2\n");
    Outcome nothing = run(evaluate + none);
    assertThat(nothing.exitCode()).isEqualTo(2);
    assertThat(nothing.err()).contains("There is nothing to score");
    Path unknown = write("unknown.jsonl", "{\"features\":[1,null,null,null]}\n");
    Outcome blank = run(TRAIN + "--task forecast --horizon 3 --input " + unknown + out("b"));
    assertThat(blank.exitCode()).isEqualTo(2);
    assertThat(blank.err()).contains("There is nothing to learn");
  }

  @Test
  void the_share_of_unknown_words_is_told() throws IOException {
    Path train = write("a.txt", "a sea of tea\n".repeat(30));
    String model = folder.resolve("model").toString();
    json(run(TRAIN + "--unit word --window 8 --input " + train + " --out " + model + " --json"));
    // Of 5 tokens, the end of the line among them, 2 are unknown.
    Path test = write("b.txt", "a lake of milk\n".repeat(10));
    String evaluate = "evaluate --master local[2] --model " + model + " --input " + test;
    assertThat(run(evaluate).out()).contains("20 of 50 tokens, 40.00 %");
    assertThat(json(run(evaluate + " --json")).get("oov_rate").doubleValue()).isEqualTo(0.4);
    String predict = "predict --master local[2] --model " + model + " --input " + test;
    assertThat(run(predict + out("answers")).out()).contains("20 of 50 tokens, 40.00 %");
    assertThat(json(run(predict + out("more") + " --json")).get("oov_rate").doubleValue())
        .isEqualTo(0.4);
  }

  @Test
  void twins_in_a_text_take_a_blank_more() throws IOException {
    String row = "{\"features\":[[1,2],[3,4],[5,6]],\"label\":\"%s\"}\n";
    Path train = write("a.jsonl", row.formatted("aba") + row.formatted("aab"));
    Outcome refused = run(TRAIN + "--task recognise --input " + train + out("none"));
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("3 characters, which take 4 steps, with a blank between");
  }

  @Test
  void a_vocabulary_is_of_the_tokens_that_are_asked_for() throws IOException {
    Path text = write("a.txt", "a sea of tea\n".repeat(30));
    String prepare = "prepare --master local[2] --input " + text;
    json(run(prepare + out("words") + " --unit word --json"));
    String with = " --vocabulary " + folder.resolve("words");
    for (String unit : new String[] {"char", "bpe", "wordpunct --lowercase"}) {
      Outcome refused = run(prepare + out("none") + with + " --unit " + unit);
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
      assertThat(refused.err())
          .contains("--unit " + unit + " does not go with", "was prepared with --unit word");
      assertThat(folder.resolve("none")).doesNotExist();
    }
    json(run(prepare + out("valid") + with + " --json"));
    json(run(prepare + out("same") + with + " --unit word --json"));
  }
}
