// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.unroll.rnn.io.InputException;

class SlotsTest {
  private static SparkConf conf(String master, int cpus) {
    return new SparkConf(false).setMaster(master).set("spark.task.cpus", "" + cpus);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "local;1;1",
        "local[3];1;3",
        "local[3,5];1;3",
        "local[5];2;2",
        "local-cluster[2,3,1024];1;6",
        "local-cluster[2,3,1024];2;2"
      })
  void a_master_with_a_number_says_how_many(String master, int cpus, int slots) {
    assertThat(Slots.of(conf(master, cpus))).hasValue(slots);
  }

  @Test
  void a_star_stands_for_this_machines_processors() {
    assertThat(Slots.of(conf("local[*]", 1))).hasValue(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void a_cluster_keeps_it_to_itself() {
    assertThat(Slots.of(conf("spark://host:7077", 1))).isEmpty();
    Slots.require(1000, conf("spark://host:7077", 1));
  }

  @Test
  void only_local_tasks_run_in_the_driver() {
    assertThat(Slots.inDriver(conf("local", 1))).isTrue();
    assertThat(Slots.inDriver(conf("local[2,3]", 1))).isTrue();
    assertThat(Slots.inDriver(conf("local-cluster[2,3,1024]", 1))).isFalse();
    assertThat(Slots.inDriver(conf("yarn", 1))).isFalse();
  }

  @Test
  void too_few_are_an_error_with_both_numbers() {
    Slots.require(2, conf("local[4]", 2));
    assertThatThrownBy(() -> Slots.require(3, conf("local[4]", 2)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "3 workers need 3 task slots at a time, but Spark's master local[4] has 2 (with"
                + " spark.task.cpus=2). Ask for fewer (--workers), for fewer threads in each"
                + " (--threads), or for a master with more (--master).");
  }
}
