// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.spark.cli.Shell.Outcome;

/** Models whose parameters are numbers, and too large for anything to be computed with them. */
class HugeParametersTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate --model lm-char",
        "evaluate --model lm-char --input story-test.txt --master local[1]",
        "evaluate --model classify-text --input letters-test.jsonl --master local[1]",
        "predict --model forecast-series --input series-test.jsonl --out answers --master local[1]",
      })
  void no_command_answers_with_what_is_no_number(String command) throws IOException {
    FileUtils.copyDirectory(EarlierFoldersTest.FOLDERS.toFile(), folder.toFile());
    Path params = folder.resolve(command.split(" ")[2]).resolve("model.safetensors");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(params)).order(ByteOrder.LITTLE_ENDIAN);
    // Behind the header, whose length stands first.
    bytes.position(Long.BYTES + (int) bytes.getLong());
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putFloat(i % 2 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE);
    }
    Files.write(params, bytes.array());

    String[] words = command.split(" ");
    for (int i = 1; i < words.length; i++) {
      if (!words[i].matches("-.*|local.*")) {
        words[i] = folder.resolve(words[i]).toString();
      }
    }
    Outcome outcome = Shell.run(words);

    assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isEqualTo(2);
    assertThat(outcome.err()).contains("damaged", "train again").doesNotContain("\tat ", "fault");
  }
}
