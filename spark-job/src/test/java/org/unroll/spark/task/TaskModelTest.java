// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.Shell;
import org.unroll.spark.store.ModelStore;

class TaskModelTest {
  private static final Path FOLDERS = Shell.HOME.resolve("spark-job/src/test/resources/version-1");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lm-char         | \"char\"      | \"chat\"             | data.unit: there is no unit 'chat'",
        "classify-series | \"ramp\",     | \"ramp\", \"slope\",  | 4 answers by its field data.labels, but 3",
        "classify-text   | \"max_length\" : 30 | \"max_length\" : -1    | max_length must not be negative",
        "classify-series | \"means\" : [ | \"means\" : [ 0.5,    | as many numbers each",
        "forecast-series | \"horizon\" : 2 | \"horizon\" : 12       | answers by its field data.settings, but"
      })
  void a_configuration_that_does_not_go_with_its_network_is_refused(
      String model, String text, String other, String told) throws IOException {
    FileUtils.copyDirectory(FOLDERS.resolve(model).toFile(), folder.toFile());
    Path file = folder.resolve("config.json");
    String whole = Files.readString(file);
    Files.writeString(file, whole.replace(text, other));
    assertThatThrownBy(() -> TaskModel.of(ModelStore.read(folder.toString())))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("config.json of the model")
        .hasMessageContaining(told);
  }
}
