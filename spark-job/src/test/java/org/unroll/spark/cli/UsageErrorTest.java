// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.unroll.spark.cli.Shell.Outcome;

/** Errors that are found before Spark is started. */
class UsageErrorTest {
  @TempDir Path folder;

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake("", "unroll: A command is missing. See unroll --help."),
        mistake("trian", "There is no command 'trian': did you mean train?"),
        mistake("xyzzy", "There is no command 'xyzzy'. See unroll --help."),
        mistake("--json train", "Unknown option --json: options come behind the command."),
        mistake("train --hiden 4", "Unknown option --hiden: did you mean --hidden?"),
        mistake("train --hiden=4", "Unknown option --hiden: did you mean --hidden?"),
        mistake("train --rate 4", "Unknown option --rate. See unroll train --help."),
        mistake("generate --tempreature 1", "did you mean --temperature?"),
        mistake("train book.txt", "'book.txt' belongs to no option"),
        mistake("train --hidden", "Missing required parameter for option '--hidden' (UNITS)"),
        mistake("train --hidden many", "'--hidden': 'many' is not a whole number"),
        mistake("train --lr fast", "'--lr': 'fast' is not a number"),
        mistake("train --cell lstn", "'lstn' is not one of rnn, lstm, gru; did you mean lstm?"),
        mistake("train --task compose", "'compose' is not one of lm"),
        mistake("train --conf verbose", "should be in KEY=VALUE format but was verbose"),
        mistake("train --hidden 0", "--hidden is 0, but it must be at least 1."),
        mistake("train --shards 0", "--shards is 0, but it must be at least 1."),
        mistake("train --workers 0", "--workers is 0, but it must be at least 1."),
        mistake("train --window -1", "--window is -1, but it must be at least 1."),
        mistake("train --accumulate 0", "--accumulate is 0, but it must be at least 1."),
        mistake("train --local-steps 0", "--local-steps is 0, but it must be at least 1."),
        mistake(
            "train --input a --valid b --local-steps 4 --lr-schedule plateau",
            "--local-steps 4 and --lr-schedule plateau do not go together, since shards see no"
                + " evaluation that would tell their rate: leave one of them out."),
        mistake("train --lr 0", "--lr is 0, but it must be greater than 0."),
        mistake("train --lr NaN", "--lr is NaN, but it must be greater than 0."),
        mistake("train --lr Infinity", "--lr is Infinity, but it must be greater than 0."),
        mistake("train --dropout 1", "--dropout is 1, but it must be at least 0 and less than 1."),
        mistake(
            "train --lr-decay 1.5", "--lr-decay is 1.5, but it must be at least 0 and at most 1."),
        mistake("generate --top-p 0", "--top-p is 0, but it must be greater than 0 and at most 1."),
        mistake("evaluate --batch 0", "--batch is 0, but it must be at least 1."),
        mistake("train", "--input is missing"),
        mistake("train --input a.txt", "--out is missing"),
        mistake("evaluate --model m", "--input is missing"),
        mistake("evaluate --input a.txt", "--model is missing"),
        mistake("generate", "--model is missing"),
        mistake(
            "train --input a --valid b --valid-fraction 0.1",
            "--valid b and --valid-fraction 0.1 both name the validation data: leave one"),
        mistake(
            "train --input a --test b --hold-out 0.1,0.1",
            "--hold-out 0.1,0.1 and --test b both say what is held out: leave one"),
        mistake(
            "train --input a --hold-out 0.1",
            "'0.1' is not two shares, for validation and for the test, such as 0.1,0.1"),
        mistake(
            "train --input a --hold-out 0.5,0.5",
            "together more than 0 and less than 1, but are 0.5 and 0.5"),
        mistake("train --input a --vocab-size 1", "--vocab-size 1 leaves no room"),
        mistake("train --input a --unit word --vocab-size 2", "give at least 3, or 0 for all"),
        mistake(
            "train --task classify --input a --out o --unit bpe",
            "--unit bpe is for language models"),
        mistake(
            "train --task tag --input a --out o --keep-case --lowercase",
            "--keep-case and --lowercase say the opposite of capitals: leave one of them out."),
        mistake(
            "train --task forecast --input a --out o --embeddings v",
            "--embeddings does not go with --task forecast: leave it out, or name a task that it is"),
        mistake(
            "train --task tag --input a --out o --bidirectional --reverse",
            "--bidirectional and --reverse name two directions"),
        mistake(
            "train --input a --out o --tied --embeddings v --freeze-embeddings",
            "--freeze-embeddings and --tied do not go together"),
        mistake(
            "train --task tag --input a --out o --head crf --label-smoothing 0.1",
            "--label-smoothing 0.1 and --head crf do not go together"),
        mistake(
            "train --task forecast --input a --out o --label sum --season 12",
            "--season 12 and --label sum do not go together"),
        mistake(
            "train --input a --nonlinearity relu",
            "--nonlinearity relu is for --cell rnn, but --cell is lstm: leave it out, or give"),
        mistake(
            "train --input a --out o --freeze-embeddings",
            "--freeze-embeddings is for --embeddings: leave it out, or give both."),
        mistake(
            "train --input a --out o --residual --tied --embedding 16 --hidden 32",
            "--residual needs layers that are equally wide"),
        mistake(
            "train --input a --out o --dropout 0.2 --locked-dropout 0.3",
            "--dropout is 0.2 and --locked-dropout 0.3, but there is one probability"),
        mistake(
            "train --input a --out o --tied --adaptive 5",
            "--adaptive 5 and --tied do not go together"),
        mistake(
            "train --input a --out o --adaptive 20,10",
            "--adaptive has 10 behind 20: give the numbers in ascending order."),
        mistake(
            "train --input a --out o --adaptive 10,20 --hidden 15",
            "--adaptive asks for 2 clusters, each of vectors 4 times as narrow as before, which"
                + " leaves nothing of --hidden 15"),
        mistake(
            "train --input a --out o --adaptive 10,20 --hidden 63 --adaptive-div 8",
            "each of vectors 8 times as narrow as before, which leaves nothing of --hidden 63"),
        mistake(
            "train --input a --out o --adaptive-div 2",
            "--adaptive-div 2 is for --adaptive: leave it out, or give both."),
        mistake(
            "train --task translate --input a --out o --adaptive 5 --label-smoothing 0.1",
            "--adaptive 5 and --label-smoothing 0.1 do not go together"),
        mistake(
            "train --task translate --input a --target b --out o --adaptive 5 --decoder-hidden 3",
            "leaves nothing of --decoder-hidden 3: give fewer numbers, a smaller --adaptive-div, or a"),
        mistake(
            "train --task tag --input a --out o --adaptive 5",
            "--adaptive does not go with --task tag: leave it out, or name a task that it is"),
        mistake(
            "train --input a --nesterov",
            "--nesterov is for --optimizer momentum, but --optimizer is adam"),
        mistake(
            "train --input a --weight-decay 0.1",
            "--weight-decay 0.1 is for --optimizer adamw, but --optimizer is adam: leave it out"),
        mistake("train --input a --momentum 0.5", "--momentum 0.5 is for --optimizer momentum"),
        mistake("train --input a --lr-decay 0.1", "--lr-decay 0.1 is for --lr-schedule"),
        mistake(
            "train --input a --lr-decay-every 2 --lr-schedule cosine",
            "--lr-decay-every 2 is for --lr-schedule step or --lr-schedule plateau, but"
                + " --lr-schedule is cosine"),
        mistake("train --input a --lr-decay-after 2", "--lr-decay-after 2 is for --lr-schedule"),
        mistake(
            "train --input a --lr-schedule plateau",
            "--lr-schedule plateau is for --valid or --valid-fraction or --hold-out: leave it out,"
                + " or give one"),
        mistake(
            "train --input a --init-range 0.3",
            "--init-range 0.3 is for --init uniform, but --init is pytorch"),
        mistake(
            "train --input a --penalty-recurrent-only",
            "--penalty-recurrent-only is for --l1 or --l2: leave it out, or give one of them"),
        mistake(
            "train --input a --cell gru --forget-bias 1",
            "--forget-bias 1 is for --cell lstm, but --cell is gru: leave it out, or give"),
        mistake(
            "embed --input a --out b --method mllib --negative 9",
            "--negative 9 is for --method skipgram, but --method is mllib"),
        mistake(
            "train --input a --lr-decay 0 --lr-schedule step",
            "--lr-decay 0 would end the training"),
        mistake("train --input a --out o --conf spark.driver.memory=2g", "comes too late"),
        mistake("train --input a --out o --conf memory=2g", "those begin with spark."),
        mistake(
            "train --input README.md --out work/none --master here",
            "--master here is no Spark master"),
        mistake("train @conf/ptb-smal.args", "Did you mean @conf/ptb-small.args?"),
        mistake("train @missing", "There is no file missing"),
        mistake("generate --prompt @home", "text that does is typed with @@"),
        mistake("generate --model no/such", "There is no model folder"),
        mistake("bench", "unroll bench: A command is missing. See unroll bench --help."),
        mistake("bench cels", "There is no command 'cels': did you mean cells?"),
        mistake("bench --json cells", "Unknown option --json: options come behind the command."),
        mistake("bench cells --roundss 3", "unroll bench cells: Unknown option --roundss: did you"),
        mistake("bench cells --threads 0", "unroll bench cells: --threads is 0, but it must be at"),
        mistake("bench kernels --rounds 0", "--rounds is 0, but it must be at least 1."),
        mistake("bench kernels --seconds 0", "--seconds is 0, but it must be greater than 0."),
        mistake("bench cells --cases char18", "no case 'char18': did you mean char128? There are"),
        mistake("bench cells --cases xyzzy", "no case 'xyzzy'. There are char128, char512, "),
        mistake("bench cells --cases my=lstm:1x2", "'my=lstm:1x2' is no case: write NAME=CELL:"),
        mistake("bench cells --cases my=lstn:1x2:3:4:5", "the cell 'lstn', which is none of lstm,"),
        mistake("bench readers --cases imbd", "no case 'imbd': did you mean imdb? There are imdb,"),
        mistake("bench readers --cases my=lstm:1x2", "'my=lstm:1x2' is no case: write NAME=CELL:"),
        mistake("bench kernels --shapes 3x4", "'3x4' is no shape: write MxNxK"),
        mistake("bench rounds --params 0", "--params is 0, but it must be at least 1."),
        mistake("bench rounds --params 5,-1", "--params is -1, but it must be at least 1."),
        mistake("bench rounds --params x", "'x' is not a whole number"),
        mistake("bench rounds --workers 0", "--workers is 0, but it must be at least 1."),
        mistake("plan", "--vocab-size is missing: say how many tokens there are, or name a text"),
        mistake("plan --vocab-size 9 --executors 0", "--executors is 0, but it must be at least 1"),
        mistake("plan --vocab-size 9 --bandwidth 10", "'10' is not a bandwidth such as 10Gbit"),
        mistake("plan --vocab-size 9 --bandwidth 0Gbit", "--bandwidth is 0, but it must be great"),
        mistake("plan --vocab-size 9 --latency 1min", "'1min' is not a time such as 0.2ms, 50us"),
        mistake("plan --vocab-size 9 --latency 1.2.3ms", "'1.2.3ms' is not a time such as 0.2ms"),
        mistake("plan --vocab-size 9 --scaling some", "'some' is not one of strong, weak"),
        mistake("bench cells --compare avx3", "--compare 'avx3' is none of avx2, scalar, jdk="),
        mistake("bench cells --compare jdk=no/such", "there is no bin/java in that folder"),
        mistake("bench cells --python no/such", "--python no/such does not work: no/such cannot"));
  }

  private static Arguments mistake(String words, String message) {
    return Arguments.of(words, message);
  }

  @ParameterizedTest(name = "unroll {0}")
  @MethodSource("mistakes")
  void a_mistake_is_one_paragraph_and_exit_code_2(String words, String message) {
    Outcome outcome = Shell.run(words.isEmpty() ? new String[0] : words.split(" "));
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).startsWith("unroll").contains(message).doesNotContain("\tat ");
    assertThat(outcome.err().strip().lines()).hasSize(1);
  }

  @Test
  void verbose_adds_the_stack_trace() {
    Outcome outcome = Shell.run("train", "--hidden", "0", "--verbose");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("--hidden is 0").contains("\tat org.unroll.spark");
  }

  @Test
  void a_folder_with_another_model_is_left_alone() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{}");
    Path input = Files.writeString(folder.resolve("text.txt"), "some text");
    Outcome outcome = Shell.run("train", "--input", input.toString(), "--out", model.toString());
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains(model.toString()).contains("--overwrite");
    assertThat(model.resolve("config.json")).hasContent("{}");
    assertThat(model.toFile().list()).containsExactly("config.json");
  }

  @Test
  void a_folder_with_other_files_is_left_alone_even_by_overwrite() throws IOException {
    Path diary = Files.writeString(folder.resolve("diary.txt"), "mine");
    Outcome outcome =
        Shell.run("train", "--input", diary.toString(), "--out", folder.toString(), "--overwrite");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("diary.txt");
    assertThat(diary).hasContent("mine");
  }

  @Test
  void the_quick_start_replaces_only_what_a_quick_start_made() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(model.resolve("config.json"), "{}");
    Outcome outcome = Shell.run("quickstart", "--out", model.toString());
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(model.resolve("config.json")).hasContent("{}");
  }
}
