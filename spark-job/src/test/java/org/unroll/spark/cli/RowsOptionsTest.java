// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.task.TrainRequest;
import picocli.CommandLine;

class RowsOptionsTest {
  private static TrainRequest.Rows data(String options) {
    CommandLine all = Cli.root(null);
    all.parseArgs(("train --input x --out y " + options).split(" "));
    TrainCommand command = all.getSubcommands().get("train").getCommand();
    return (TrainRequest.Rows) command.request("train").data();
  }

  @ParameterizedTest
  @CsvSource({
    "--task classify, WORDS, true",
    "--task classify --unit wordpunct --keep-case, WORDS, false",
    "--task classify --unit word, BLANKS, true",
    "--task classify --unit whitespace --lowercase, BLANKS, true",
    "--task recognise --unit char, CHARACTERS, true",
    "--task tag, WORDS, false",
    "--task tag --lowercase, WORDS, true",
  })
  void texts_become_tokens_as_for_language_models(
      String options, TextSplitter.Unit unit, boolean lowerCase) {
    assertThat(data(options).splitter()).isEqualTo(new TextSplitter(unit, lowerCase));
  }

  @Test
  void what_is_not_said_of_the_vocabulary_limits_nothing() {
    TrainRequest.Rows rows = data("--task classify");
    assertThat(rows.vocabularySize()).isZero();
    assertThat(rows.minCount()).isEqualTo(1);
    TrainRequest.Rows limited = data("--task classify --vocab-size 9 --min-count 3");
    assertThat(limited.vocabularySize()).isEqualTo(9);
    assertThat(limited.minCount()).isEqualTo(3);
  }
}
