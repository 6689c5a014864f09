// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkSubmitIT {
  @Test
  void a_usage_error_leaves_spark_submit_with_exit_code_2_and_nothing_on_standard_output(
      @TempDir Path folder) throws Exception {
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getenv("SPARK_HOME"), "bin", "spark-submit").toString(),
                "--class",
                "org.unroll.spark.Main",
                System.getProperty("unroll.jar"),
                "--no-such-option",
                "a value with spaces")
            .directory(folder.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    process.getOutputStream().close();

    assertThat(process.waitFor(30, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(errors, UTF_8)).isEqualTo(2);
    assertThat(output).isEmptyFile();
  }
}
