// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Search;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.cluster.SparkRuntime;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.task.Comparison.Part;
import org.unroll.spark.task.Comparison.Parts;

/** Two models side by side, with figures that are made row by row beside it. */
class ComparisonTest {
  private static final double TINY = 1e-12;
  private static final int ROWS = 60;

  @TempDir static Path home;
  private static SparkRuntime spark;
  private static final List<String> LABELS = new ArrayList<>();
  private static final List<String> TEXTS = new ArrayList<>();

  @BeforeAll
  static void train() throws IOException {
    Random random = new Random(7);
    StringBuilder learnt = new StringBuilder("label\ttext\n");
    for (int i = 0; i < 40; i++) {
      learnt.append(i % 2 == 0 ? "pos\tgood fine" : "neg\tbad awful").append(" so\n");
    }
    Files.writeString(home.resolve("learnt.tsv"), learnt);
    Files.createDirectory(home.resolve("rows"));
    for (int file = 0; file < 2; file++) {
      StringBuilder rows = new StringBuilder("label\ttext\n");
      for (int i = 0; i < ROWS / 2; i++) {
        boolean good = random.nextBoolean();
        // A third label that one model knows, and words that mislead.
        LABELS.add(i % 10 == 9 ? "mixed" : good ? "pos" : "neg");
        TEXTS.add((random.nextInt(4) == 0 ? !good : good) ? "good so fine" : "awful bad");
        rows.append(LABELS.get(LABELS.size() - 1)).append('\t').append(TEXTS.get(TEXTS.size() - 1));
        rows.append('\n');
      }
      Files.writeString(home.resolve("rows/" + file + ".tsv"), rows);
    }
    Files.writeString(home.resolve("more.tsv"), learnt + "mixed\tso so\n".repeat(9));
    Files.writeString(home.resolve("old.txt"), "ab ab ab ba. ".repeat(50));
    Files.writeString(home.resolve("new.txt"), "ba ba ab ba. ".repeat(30));
    classifier("a", "learnt.tsv", "--epochs 1 --lr 0.0001");
    classifier("b", "more.tsv", "--epochs 12 --lr 0.03");
    run("train --task lm --input old.txt --out lm-a --unit char --hidden 4 --epochs 1 --window 8");
    run("train --task lm --input old.txt --out lm-b --unit char --hidden 8 --epochs 6 --window 8");
    run("train --task lm --input old.txt --out words --unit word --hidden 4 --epochs 1 --window 8");
    spark = SparkRuntime.start("test", "local[2]", false);
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  private static void classifier(String name, String input, String more) {
    run(
        "train --task classify --label label --input %s --out %s --hidden 4 %s"
            .formatted(input, name, more));
  }

  private static void run(String words) {
    String placed =
        words.replaceAll("--(input|out) (\\S+)", "--$1 " + home + "/$2")
            + " --layers 1 --batch 4 --master local[1]";
    Shell.Outcome outcome = Shell.run(placed.split(" +"));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
  }

  private static TaskModel model(String name) {
    return TaskModel.of(ModelStore.read(home.resolve(name).toString()));
  }

  private static RowsInput input(String name) {
    return RowsInput.of(List.of(home.resolve(name).toString()));
  }

  private static Comparison compare(TaskModel a, TaskModel b, Parts parts) {
    try (RowSet ofA = a.open(spark.session(), input("rows"), ColumnChoice.USUAL_TEXT, true);
        RowSet ofB = b.open(spark.session(), input("rows"), ColumnChoice.USUAL_TEXT, true)) {
      return Comparison.rows(spark.session(), a, b, ofA, ofB, parts, 1);
    }
  }

  /** What a model says of each row, asked one by one. */
  private static Object[] said(TaskModel model) {
    return TEXTS.stream()
        .map(text -> model.answer(text, Search.GREEDY).get("prediction"))
        .toArray();
  }

  private static boolean[] right(Object[] said) {
    boolean[] right = new boolean[ROWS];
    for (int i = 0; i < ROWS; i++) {
      right[i] = LABELS.get(i).equals(said[i]);
    }
    return right;
  }

  private static double f1(String label, Object[] said) {
    int hits = 0;
    int there = 0;
    int named = 0;
    for (int i = 0; i < ROWS; i++) {
      there += LABELS.get(i).equals(label) ? 1 : 0;
      named += label.equals(said[i]) ? 1 : 0;
      hits += LABELS.get(i).equals(label) && label.equals(said[i]) ? 1 : 0;
    }
    return 2.0 * hits / (there + named);
  }

  @Test
  void parts_have_the_share_of_their_rows_that_each_model_gets_right_and_labels_their_f1() {
    TaskModel a = model("a");
    TaskModel b = model("b");
    BitSet second = new BitSet();
    second.set(1);
    Comparison comparison = compare(a, b, new Parts(second));
    Object[] saidByA = said(a);
    Object[] saidByB = said(b);
    boolean[] rightA = right(saidByA);
    boolean[] rightB = right(saidByB);
    assertThat(comparison.parts())
        .extracting(part -> part.kind() + " " + part.name())
        .containsExactlyInAnyOrder(
            "all all", "age old", "age new", "label pos", "label neg", "label mixed");
    for (Part part : comparison.parts()) {
      long rows = 0;
      double ofA = 0;
      double ofB = 0;
      for (int i = 0; i < ROWS; i++) {
        boolean inside =
            switch (part.name()) {
              case "all" -> true;
              case "old" -> i < ROWS / 2;
              case "new" -> i >= ROWS / 2;
              default -> LABELS.get(i).equals(part.name());
            };
        if (inside) {
          rows++;
          ofA += rightA[i] ? 1 : 0;
          ofB += rightB[i] ? 1 : 0;
        }
      }
      boolean label = part.kind().equals("label");
      double scoreA = label ? f1(part.name(), saidByA) : ofA / rows;
      double scoreB = label ? f1(part.name(), saidByB) : ofB / rows;
      assertThat(part.rows()).as(part.name()).isEqualTo(rows);
      assertThat(part.a()).as(part.name()).isCloseTo(scoreA, within(TINY));
      assertThat(part.b()).as(part.name()).isCloseTo(scoreB, within(TINY));
      assertThat(part.difference()).isCloseTo(scoreB - scoreA, within(TINY));
    }
    Part all = comparison.all();
    assertThat(all.a())
        .isCloseTo((double) comparison.ofA().figures().get("accuracy"), within(TINY));
    assertThat(all.b())
        .isCloseTo((double) comparison.ofB().figures().get("accuracy"), within(TINY));
    assertThat(all.low()).isLessThan(all.difference());
    assertThat(all.high()).isGreaterThan(all.difference());
  }

  @Test
  void the_interval_is_that_of_rows_drawn_one_by_one() {
    TaskModel a = model("a");
    TaskModel b = model("b");
    boolean[] rightA = right(said(a));
    boolean[] rightB = right(said(b));
    Random random = new Random(2);
    double[] gains = new double[20_000];
    for (int r = 0; r < gains.length; r++) {
      for (int i = 0; i < ROWS; i++) {
        int row = random.nextInt(ROWS);
        gains[r] += ((rightB[row] ? 1 : 0) - (rightA[row] ? 1 : 0)) / (double) ROWS;
      }
    }
    Arrays.sort(gains);
    Part all = compare(a, b, Parts.USUAL).all();
    assertThat(all.low()).isCloseTo(gains[500], within(0.03));
    assertThat(all.high()).isCloseTo(gains[19_500], within(0.03));
  }

  @Test
  void a_label_that_one_model_does_not_know_is_its_mistake_and_few_rows_have_no_interval() {
    Comparison comparison = compare(model("a"), model("b"), Parts.USUAL);
    Part mixed = comparison.parts().get(comparison.parts().size() - 1);
    assertThat(mixed.name()).isEqualTo("mixed");
    assertThat(mixed.rows()).isEqualTo(6);
    assertThat(mixed.a()).isZero();
    assertThat(mixed.low()).isNull();
    assertThat(comparison.notes()).singleElement().asString().contains("mixed", "10 blocks");
    assertThat(comparison.figures())
        .containsEntry("measure", "accuracy")
        .containsEntry("confidence", 0.95);
    assertThat(comparison.table().columns())
        .containsExactly("part", "rows", "champion", "challenger", "gain", "95 % interval");
    assertThat(comparison.table().rows()).hasSameSizeAs(comparison.parts());
  }

  @Test
  void a_model_is_no_better_than_itself() {
    TaskModel b = model("b");
    for (Part part : compare(b, b, Parts.USUAL).parts()) {
      assertThat(part.difference()).isZero();
      assertThat(part.low()).isIn(0.0, null);
      assertThat(part.high()).isIn(0.0, null);
    }
  }

  @Test
  void texts_are_compared_by_the_loss_of_their_tokens_stream_by_stream() {
    TaskModel a = model("lm-a");
    TaskModel b = model("lm-b");
    Comparison comparison =
        Comparison.text(
            spark.session(),
            a,
            b,
            List.of(input("old.txt"), input("new.txt")),
            ColumnChoice.USUAL_TEXT,
            0,
            null,
            Comparison.Trial.of(1));
    assertThat(comparison.parts()).extracting(Part::name).containsExactly("all", "old", "new");
    Part old = comparison.parts().get(1);
    Part fresh = comparison.parts().get(2);
    for (TaskModel model : List.of(a, b)) {
      EvaluateJob.Score alone =
          EvaluateJob.text(spark.session(), model, input("old.txt"), ColumnChoice.USUAL_TEXT, 20);
      double score = model == a ? old.a() : old.b();
      assertThat(-score).isCloseTo((double) alone.figures().get("loss"), within(1e-9));
    }
    assertThat(comparison.all().rows()).isEqualTo(old.rows() + fresh.rows()).isEqualTo(649 + 389);
    assertThat(comparison.all().b())
        .isCloseTo((old.b() * old.rows() + fresh.b() * fresh.rows()) / 1038, within(1e-9));
    assertThat(old.difference()).isPositive().isBetween(old.low(), old.high());
    assertThat(comparison.figures()).containsEntry("measure", "minus_loss");
  }

  @Test
  void models_that_answer_different_questions_are_refused() {
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(() -> compare(model("a"), model("lm-a"), Parts.USUAL))
        .withMessageContainingAll("different tasks", "classify", "lm");
    assertThatExceptionOfType(InputException.class)
        .isThrownBy(
            () ->
                Comparison.text(
                    spark.session(),
                    model("lm-a"),
                    model("words"),
                    List.of(input("old.txt")),
                    ColumnChoice.USUAL_TEXT,
                    0,
                    null,
                    Comparison.Trial.of(1)))
        .withMessageContainingAll("char", "word", "--unit");
  }
}
