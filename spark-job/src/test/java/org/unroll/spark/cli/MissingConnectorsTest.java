// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.util.VersionInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.HadoopFiles;

/** Stores whose connectors Spark comes without: what a person is told. */
class MissingConnectorsTest {
  private static final String CLASSIFY =
      "train --task classify --columns label,text --hidden 4 --layers 1 --epochs 1 ";

  @TempDir Path folder;

  @BeforeEach
  void writeInput() throws IOException {
    Files.writeString(folder.resolve("a.tsv"), "a\tx y\nb\ty z\n");
  }

  private Outcome run(String words) {
    String line = words.replace("IN/", folder + "/") + " --master local[1]";
    return Shell.runIn(folder, line.split(" +"));
  }

  @ParameterizedTest
  @CsvSource({
    "s3a, hadoop-aws",
    "s3, hadoop-aws",
    "abfss, hadoop-azure",
    "wasbs, hadoop-azure",
    "adl, hadoop-azure-datalake",
    "gs, hadoop-gcp",
    "oss, hadoop-aliyun",
    "obs, hadoop-huaweicloud",
    "cosn, hadoop-cos"
  })
  void a_store_that_spark_does_not_have_is_named_with_its_package(String scheme, String module) {
    Outcome outcome = run("describe --input " + scheme + "://bucket/a.tsv");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("'" + scheme + "://bucket/a.tsv'")
        .contains("--packages org.apache.hadoop:" + module + ":" + VersionInfo.getVersion() + ",")
        .doesNotContain("Exception");
    if (scheme.equals("s3")) {
      assertThat(outcome.err()).contains("s3a://, not s3://");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        CLASSIFY + "--input IN/a.tsv --out s3a://bucket/o",
        CLASSIFY + "--input IN/a.tsv --out IN/o --checkpoint-dir s3a://bucket/o",
        CLASSIFY + "--input IN/a.tsv --valid s3a://bucket/o --out IN/o",
        "predict --model s3a://bucket/o --input IN/a.tsv --out IN/o",
        "predict --model registry:s3a://bucket/o/x@champion --input IN/a.tsv --out IN/o",
        "prepare --input IN/a.tsv --out s3a://bucket/o"
      })
  void a_store_that_spark_does_not_have_is_told_wherever_it_is_named(String command) {
    Outcome outcome = run(command);
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("The file system of 's3a://bucket/o", "--packages org.apache.hadoop:hadoop-aws:3")
        .doesNotContain("Exception");
  }

  @Test
  void a_store_of_which_a_part_is_missing_is_named_with_its_package() {
    Configuration conf = new Configuration();
    conf.setClass("fs.s3a.impl", HalfAFileSystem.class, FileSystem.class);
    conf.set("fs.defaultFS", "s3a://bucket");
    for (String path : List.of("s3a://bucket/a.tsv", "/a.tsv")) {
      assertThatThrownBy(() -> HadoopFiles.resolve(path, conf))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("'" + path + "' is not in this Spark")
          .hasMessageContaining("hadoop-aws:" + VersionInfo.getVersion());
    }
  }

  /** What a connector does whose libraries are not there, or are of another version. */
  public static final class HalfAFileSystem extends LocalFileSystem {
    @Override
    public void initialize(URI name, Configuration conf) {
      throw new NoClassDefFoundError("software/amazon/awssdk/core/exception/SdkException");
    }
  }

  @Test
  void a_file_system_that_nobody_knows_needs_its_own_connector() {
    Outcome outcome = run("describe --input bucket://bucket/a.tsv");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("\"bucket\"", "connector", "--packages")
        .doesNotContain("colon");
  }
}
