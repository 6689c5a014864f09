// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.ClusterException;
import org.unroll.spark.report.Terminal;
import scala.jdk.javaapi.CollectionConverters;

class FailuresTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Failures failures(boolean verbose) {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new Failures(new Terminal(stream, stream, false, 80), verbose);
  }

  private String printed() {
    return err.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void bad_input_is_found_under_whatever_spark_wraps_it_in() {
    Throwable task = new InputException("a.txt is not valid UTF-8 in line 3.");
    Throwable job = new SparkException("Job aborted due to stage failure:\n\tat somewhere", task);
    assertThat(failures(false).running("unroll train", new RuntimeException("wrapped", job)))
        .isEqualTo(2);
    assertThat(printed()).isEqualTo("unroll train: a.txt is not valid UTF-8 in line 3.");
  }

  @Test
  void a_failure_is_one_line_with_its_root_cause() {
    Throwable cause = new IOException("Connection reset\nDriver stacktrace:\n\tat x");
    assertThat(failures(false).running("unroll train", new RuntimeException("outer", cause)))
        .isEqualTo(1);
    assertThat(printed())
        .isEqualTo(
            "unroll train: Failed with IOException: Connection reset. Run it again with --verbose for"
                + " the stack trace.");
  }

  @Test
  void what_the_cluster_does_not_give_is_told_in_its_own_words() {
    Throwable cause = new ClusterException("No Spark master can be reached at spark://a:1");
    assertThat(failures(false).running("unroll train", new RuntimeException("outer", cause)))
        .isEqualTo(1);
    assertThat(printed()).isEqualTo("unroll train: No Spark master can be reached at spark://a:1.");
  }

  @Test
  void a_cancelled_job_says_why() {
    Throwable cancelled =
        new SparkException(
            "SPARK_JOB_CANCELLED",
            scala.collection.immutable.Map.from(
                CollectionConverters.asScala(
                    Map.of("jobId", "3", "reason", "because there is no executor"))),
            null);
    assertThat(failures(false).running("unroll train", new RuntimeException(cancelled)))
        .isEqualTo(1);
    assertThat(printed())
        .isEqualTo("unroll train: The job was cancelled because there is no executor.");
  }

  @Test
  void a_failure_without_a_message_has_a_name() {
    assertThat(failures(false).running("unroll train", new NullPointerException())).isEqualTo(1);
    assertThat(printed())
        .startsWith("unroll train: Failed with NullPointerException. This is a fault of Unroll's")
        .contains("unroll ", "the stack trace that --verbose prints");
  }

  @Test
  void what_could_not_be_written_is_told_in_the_words_of_whoever_knows_the_path() {
    IOException full = new IOException("No space left on device");
    Throwable told = new UncheckedIOException("The shard /a/b could not be written: full", full);
    assertThat(failures(false).running("unroll prepare", new RuntimeException(told))).isEqualTo(1);
    assertThat(printed()).isEqualTo("unroll prepare: The shard /a/b could not be written: full.");
  }

  @Test
  void a_disk_that_is_full_under_spark_is_told() {
    IOException full = new IOException("No space left on device");
    assertThat(failures(false).running("unroll train", new UncheckedIOException(full)))
        .isEqualTo(1);
    assertThat(printed()).contains("A disk is full", "spark.local.dir").doesNotContain("Exception");
  }

  @Test
  void verbose_shows_where_it_happened() {
    failures(true).running("unroll train", new IllegalStateException("odd"));
    assertThat(printed()).contains("IllegalStateException: odd").contains("\tat org.unroll");
  }

  @Test
  void too_little_memory_says_what_to_do() {
    assertThat(failures(false).running("unroll train", new OutOfMemoryError("Java heap space")))
        .isEqualTo(1);
    assertThat(printed()).contains("Java heap space", "--driver-memory", "--batch");
  }

  @Test
  void a_cycle_of_causes_ends() {
    RuntimeException a = new RuntimeException("a");
    RuntimeException b = new RuntimeException("b", a);
    a.initCause(b);
    assertThat(failures(false).running("unroll", a)).isEqualTo(1);
    assertThat(printed()).startsWith("unroll: Failed with RuntimeException");
  }
}
