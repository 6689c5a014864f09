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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.cli.Shell.Outcome;

/** A model learns new tokens and labels, and keeps what it knows. */
class GrowthCommandTest {
  private static final String SMALL =
      "--layers 1 --hidden 6 --embedding 4 --epochs 1 --batch 4 --master local[2] --seed 3";

  @TempDir Path folder;

  private String[] words(String out, String options) {
    return "train %s --out %s %s".formatted(SMALL, folder.resolve(out), options).split(" ");
  }

  private Outcome train(String out, String options) {
    return Shell.run(words(out, options));
  }

  private Outcome trained(String out, String options) {
    Outcome outcome = train(out, options);
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    return outcome;
  }

  private String refusal(String options) {
    Outcome outcome = train("refused", options);
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(2);
    assertThat(folder.resolve("refused")).doesNotExist();
    return outcome.err();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private JsonNode config(String model) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(model).resolve("config.json").toFile());
  }

  private List<String> tokens(String model, String file) throws IOException {
    return Files.readAllLines(folder.resolve(model).resolve(file)).stream()
        .map(line -> line.split("\t")[0])
        .toList();
  }

  private static List<String> texts(JsonNode list) {
    return Stream.of(new ObjectMapper().convertValue(list, String[].class)).toList();
  }

  private String old() throws IOException {
    Path rows =
        write("old.tsv", "label\ttext\n" + "mild\tsun and wind\nwet\train and rain\n".repeat(8));
    return "--task classify --input " + rows;
  }

  private String grown() throws IOException {
    Path rows =
        write(
            "new.tsv",
            "label\ttext\n" + "cold\tsnow and sun\nwet\train and hail\n".repeat(8) + "wet\tfog\n");
    return "--task classify --input %s --from %s".formatted(rows, folder.resolve("old"));
  }

  @Test
  void rows_bring_new_words_and_labels_whatever_the_workers() throws IOException {
    trained("old", old());
    Outcome outcome = trained("one", grown() + " --new-tokens 9 --new-min-count 2 --workers 1");
    trained("two", grown() + " --new-tokens 9 --new-min-count 2 --workers 2");

    assertThat(outcome.err())
        .contains("2 new tokens ('hail', 'snow') and 1 new label ('cold')")
        .contains("The label 'mild' of the model does not occur in the rows to learn.");
    List<String> before = tokens("old", "vocabulary.tsv");
    List<String> after = tokens("one", "vocabulary.tsv");
    assertThat(after.subList(0, before.size())).isEqualTo(before);
    assertThat(after.subList(before.size(), after.size())).containsExactly("hail", "snow");
    assertThat(Files.readAllLines(folder.resolve("one/vocabulary.tsv")))
        .contains("rain\t24", "hail\t8", "<unk>\t1", "wind\t8");
    assertThat(texts(config("one").get("data").get("labels")))
        .containsExactly("mild", "wet", "cold");
    JsonNode from = config("one").get("provenance").get("from");
    assertThat(from.get("path").textValue()).isEqualTo(folder.resolve("old").toString());
    assertThat(from.get("new_tokens").intValue()).isEqualTo(2);
    assertThat(texts(from.get("new_labels"))).containsExactly("cold");
    assertThat(Files.readAllBytes(folder.resolve("one/model.safetensors")))
        .isEqualTo(Files.readAllBytes(folder.resolve("two/model.safetensors")));
    Outcome scored =
        Shell.run(
            "evaluate",
            "--model",
            folder.resolve("one").toString(),
            "--input",
            folder.resolve("old.tsv").toString(),
            "--master",
            "local[2]");
    assertThat(scored.exitCode()).as(scored.err()).isZero();
  }

  @Test
  void what_cannot_grow_is_refused_with_both_sides() throws IOException {
    trained("old", old());
    assertThat(refusal(grown())).contains("is a model with other tokens", "--new-tokens");
    assertThat(refusal(grown() + " --new-rows averaged --hidden 7"))
        .contains("rnn.weight_ih_l0 is [24, 4] there and [28, 4] here");
    assertThat(refusal(grown() + " --new-rows averaged --unit char"))
        .contains("--unit wordpunct+lowercase", "--unit char");
    Path other = write("other.tsv", "label\tbody\n" + "mild\tsun\nwet\train\n".repeat(4));
    String from = " --from " + folder.resolve("old") + " --new-tokens 3";
    assertThat(refusal("--task classify --text body --input " + other + from))
        .contains("The rows have no column 'text' that is read, which the model reads");
    assertThat(refusal("--task tag --input " + other + from + " --text body"))
        .contains("is a model of task classify, but this training is of tag");
    assertThat(refusal(old() + " --new-tokens 3")).contains("--new-tokens 3 is for --from");
  }

  @Test
  void a_training_that_grows_another_way_is_another_one() throws IOException {
    trained("old", old());
    String options = grown() + " --epochs 3 --checkpoint-every 1 --new-rows ";
    Outcome broken = Shell.runUntil("epoch 3/3", words("new", options + "drawn"));
    assertThat(broken.exitCode()).as(broken.err()).isEqualTo(1);
    Outcome other = train("new", options + "averaged");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("--new-rows is drawn there and averaged here");
    assertThat(trained("new", options + "drawn").err()).contains("Resuming after round");
  }

  @Test
  void channels_stay_as_many_as_they_were_and_are_scaled_as_before() throws IOException {
    String two = "label,a,b\n" + "x,1 2 3,4 5 6\ny,3 2 1,6 5 4\n".repeat(8);
    String head = "--task classify --features a,b --input ";
    trained("old", head + write("old.csv", two));
    String from = " --from " + folder.resolve("old") + " --new-rows drawn";
    String more = two.replace("1 2 3", "7 8 9") + "z,5 5 5,5 5 5\n";
    trained("new", head + write("new.csv", more) + from);
    assertThat(config("new").get("data").get("means"))
        .isEqualTo(config("old").get("data").get("means"));
    assertThat(texts(config("new").get("data").get("labels"))).containsExactly("x", "y", "z");
    assertThat(refusal("--task classify --features a --input " + folder.resolve("new.csv") + from))
        .contains("no column 'b'");
  }

  @Test
  void characters_of_a_text_grow_and_get_a_symbol_for_what_is_left_out() throws IOException {
    String old = "--window 5 --input " + write("old.txt", "abba baab\n".repeat(30));
    String grown = "--window 5 --input " + write("new.txt", "abba cd cafe\n".repeat(30));
    trained("old", old);
    String from = " --from " + folder.resolve("old");
    trained("all", grown + from + " --new-rows averaged");
    trained("some", grown + from + " --new-tokens 1");

    List<String> before = tokens("old", "vocabulary.tsv");
    assertThat(Stream.concat(before.stream(), Stream.of("c", "d", "e", "f")).toList())
        .isEqualTo(tokens("all", "vocabulary.tsv"));
    assertThat(Stream.concat(before.stream(), Stream.of("c", "<unk>")).toList())
        .isEqualTo(tokens("some", "vocabulary.tsv"));
    trained("same", old + from + " --new-tokens 5");
    assertThat(tokens("same", "vocabulary.tsv")).isEqualTo(before);
    assertThat(refusal(grown + from + " --unit word --new-tokens 3"))
        .contains("is a model of --unit char, but this training is of --unit word");
  }

  @Test
  void words_of_a_text_grow_into_the_last_cluster() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      text.append("a b w").append(i % 9).append('\n');
    }
    String options = "--window 5 --unit word --adaptive 4,8 --hidden 16 --input ";
    trained("old", options + write("old.txt", text.toString()));
    text.append("a b neu\n".repeat(5));
    trained(
        "new",
        options
            + write("new.txt", text.toString())
            + " --new-tokens 2 --from "
            + folder.resolve("old"));
    List<String> before = tokens("old", "vocabulary.tsv");
    assertThat(tokens("new", "vocabulary.tsv"))
        .isEqualTo(Stream.concat(before.stream(), Stream.of("neu")).toList());
  }

  @ParameterizedTest
  @CsvSource({"word,", "word,--joint", "bpe,", "bpe,--joint"})
  void both_sides_of_a_translation_grow(String unit, String joint) throws IOException {
    String options =
        "--task translate --decoder-hidden 6 --target-embedding 4 --unit %s%s --text source --label"
            + " target --input ";
    options = options.formatted(unit, joint == null ? "" : " " + joint);
    if (unit.equals("bpe")) {
      options = "--vocab-size 262 " + options;
    }
    String rows = "source\ttarget\n" + "one two\tein zwei\ntwo\tzwei\n".repeat(6);
    trained("old", options + write("old.tsv", rows));
    String more = rows + "three one\tdrei ein\n".repeat(3);
    trained(
        "new",
        options + write("new.tsv", more) + " --new-tokens 4 --from " + folder.resolve("old"));
    List<String> files =
        unit.equals("bpe") || joint != null
            ? List.of("vocabulary.tsv")
            : List.of("vocabulary.tsv", "vocabulary_target.tsv");
    for (String file : files) {
      List<String> before = tokens("old", file);
      List<String> after = tokens("new", file);
      assertThat(after.subList(0, before.size())).isEqualTo(before);
      List<String> added = after.subList(before.size(), after.size());
      if (unit.equals("bpe")) {
        assertThat(added).isEmpty();
      } else {
        assertThat(added)
            .containsExactlyElementsOf(
                joint != null
                    ? List.of("drei", "three")
                    : file.contains("target") ? List.of("drei") : List.of("three"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"softmax", "crf"})
  void tags_and_characters_of_words_grow(String head) throws IOException {
    String options = "--task tag --char-embedding 3 --char-hidden 3 --head " + head + " --input ";
    String old = "ab O\nba B-X\n\n".repeat(8);
    trained("old", options + write("old.conll", old));
    String more = old + "cab B-Y\nba O\n\n".repeat(3);
    trained(
        "new",
        options + write("new.conll", more) + " --new-tokens 1 --from " + folder.resolve("old"));
    assertThat(texts(config("new").get("data").get("labels"))).containsExactly("B-X", "O", "B-Y");
    assertThat(tokens("new", "vocabulary.tsv")).endsWith("cab");
    List<String> characters = tokens("new", "characters.tsv");
    assertThat(characters).startsWith(tokens("old", "characters.tsv").toArray(String[]::new));
    assertThat(characters).endsWith("c");
  }

  @Test
  void labels_of_sequences_grow_behind_the_blank() throws IOException {
    String options = "--task recognise --features a --label said --input ";
    String old = "a,said\n" + "1 2 3 4 5,b\n5 4 3 2 1,c\n".repeat(8);
    trained("old", options + write("old.csv", old));
    String more = old + "1 1 1 1 5,ab\n".repeat(3);
    trained(
        "new",
        options + write("new.csv", more) + " --new-tokens 0 --from " + folder.resolve("old"));
    assertThat(texts(config("new").get("data").get("labels"))).containsExactly("b", "c", "a");
  }
}
