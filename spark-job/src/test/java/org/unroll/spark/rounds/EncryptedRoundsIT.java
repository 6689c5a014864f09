// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.train.Rounds;

/** Resident rounds between processes that must prove that they belong together. */
@Timeout(900)
class EncryptedRoundsIT {
  @Test
  void authenticated_and_encrypted_processes_give_the_bits_of_one_thread(@TempDir Path folder)
      throws Exception {
    NumbersWork work = new NumbersWork(2, 5000, 300);
    Map<String, String> settings =
        Map.of(
            "spark.authenticate", "true",
            "spark.authenticate.secret", "a secret",
            "spark.network.crypto.enabled", "true");
    try (JavaSparkContext spark = LocalSpark.startCluster(folder, settings);
        Rounds rounds = RoundsKind.RESIDENT.create(spark, 2, work)) {
      assertThat(Training.run(rounds, 5000))
          .isEqualTo(Training.run(Training.inThisThread(work), 5000));
    }
  }
}
