// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

class OptionRulesTest {
  /** Options of train that have no part in the result, or whose files count and not their names. */
  private static final Set<String> NO_SETTINGS =
      Set.of(
          "master",
          "conf",
          "json",
          "verbose",
          "help",
          "input",
          "valid",
          "test",
          "target",
          "valid_target",
          "test_target",
          "embeddings",
          "from",
          "start",
          "new_tokens",
          "new_min_count",
          "new_rows",
          "keep_case",
          "out",
          "overwrite",
          "workers",
          "threads",
          "rounds",
          "sum",
          "ui",
          "tensorboard",
          "checkpoint_every",
          "keep_checkpoints",
          "checkpoint_dir",
          "shards_dir",
          "format",
          "columns",
          "header",
          "on_invalid",
          "text",
          "features",
          "label",
          "id",
          "on_bad_row");

  private static TrainCommand parse(String options) {
    CommandLine all = Cli.root(null);
    all.parseArgs(("train --input x --out y " + options).strip().split(" "));
    return all.getSubcommands().get("train").getCommand();
  }

  private static Map<String, Object> settings(String options) {
    return parse(options).request("train").settings();
  }

  @Test
  void every_option_of_train_is_a_setting_of_a_task_or_known_to_be_none() {
    Set<String> settings = new LinkedHashSet<>();
    Stream.of(
            "--task lm --embeddings v --unit regex --pattern x --adaptive 10",
            "--task classify --char-embedding 8 --l1 0.1 --lr-schedule step --unit char",
            "--task tag --optimizer momentum --init uniform --locked-dropout",
            "--task forecast --optimizer adamw --lr-schedule exponential --hold-out 0.1,0.1",
            "--task state --probe p --cell rnn --nonlinearity relu --min-count 2 --vocab-size 9",
            "--task recognise --lr 1 --lr-decay 0.1 --lr-schedule plateau --embedding 3 --lr-layers 0.5"
                + " --eval-batch 4",
            "--task execute --decoder-layers 1 --decoder-hidden 4 --target-embedding 4")
        .forEach(
            options -> {
              TrainCommand command = parse(options);
              settings.addAll(new OptionRules(command.spec).settings(command.task).keySet());
            });
    Set<String> all = new LinkedHashSet<>();
    parse("").spec.options().forEach(o -> all.add(o.longestName().substring(2).replace('-', '_')));
    all.removeAll(settings);
    assertThat(NO_SETTINGS).containsAll(all).doesNotContainAnyElementsOf(settings);
  }

  @Test
  void settings_have_the_values_that_count_and_not_those_that_were_typed() {
    assertThat(settings("--hidden 7 --batch 9 --optimizer sgd --seed 3 --rounds job"))
        .containsEntry("task", "lm")
        .containsEntry("cell", "lstm")
        .containsEntry("embedding", 7)
        .containsEntry("eval_batch", 9)
        .containsEntry("lr", 1.0)
        .containsEntry("seed", 3L)
        .containsEntry("wire", "fp32")
        .containsEntry("window", 50)
        .doesNotContainKeys(
            "momentum", "weight_decay", "lr_decay", "init_range", "pooling", "rounds");
    assertThat(settings("--task forecast --horizon 4"))
        .containsEntry("horizon", 4)
        .containsEntry("unit", "wordpunct")
        .containsEntry("vocab_size", 0)
        .containsEntry("min_count", 1L)
        .doesNotContainKeys("window", "state", "tied");
    assertThat(settings("--task forecast --label sum"))
        .doesNotContainKeys("horizon", "context", "season");
    assertThat(settings("--task tag --head crf --keep-case"))
        .containsEntry("head", "crf")
        .containsEntry("lowercase", false)
        .doesNotContainKeys("label_smoothing", "class_weights", "beam", "keep_case");
  }

  @ParameterizedTest
  @EnumSource(TaskName.class)
  void all_options_of_the_layers_are_open_to_every_task(TaskName task) {
    String name = task.name().toLowerCase(Locale.ROOT);
    TrainCommand command =
        parse(
            "--task "
                + name
                + " --weight-drop 0.5 --locked-dropout 0.3 --word-dropout 0.1 --layer-norm"
                + " --residual");
    OptionRules rules = new OptionRules(command.spec);
    rules.check();
    rules.checkTask(task);
    assertThat(rules.settings(task))
        .containsEntry("weight_drop", 0.5)
        .containsEntry("locked_dropout", 0.3)
        .containsEntry("word_dropout", 0.1)
        .containsEntry("layer_norm", true)
        .containsEntry("residual", true);
  }
}
