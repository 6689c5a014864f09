// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.io.InputException;

class OutputClaimTest {
  @TempDir Path folder;

  private OutputClaim take() {
    HadoopFiles.Place place = HadoopFiles.at(folder.resolve("out").toString());
    return OutputClaim.take(place.fs(), place.path());
  }

  @Test
  void a_second_run_is_refused_and_a_later_one_is_not() {
    try (OutputClaim first = take()) {
      assertThatThrownBy(this::take)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("Another run is writing to " + folder.resolve("out"))
          .hasMessageContaining("process " + ProcessHandle.current().pid());
      first.requireMine();
    }
    take().close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void what_a_killed_run_left_is_taken_over_and_told_to_its_owner() throws IOException {
    Path claim = folder.resolve(".out.unroll-claim");
    Files.writeString(claim, "process 1 on elsewhere 00000000-0000-0000-0000-000000000000 7");
    try (OutputClaim mine = take()) {
      mine.requireMine();
      Files.writeString(claim, "somebody else");
      assertThatThrownBy(mine::requireMine).hasMessageContaining("Another run took over");
    }
    assertThat(claim).hasContent("somebody else");
  }
}
