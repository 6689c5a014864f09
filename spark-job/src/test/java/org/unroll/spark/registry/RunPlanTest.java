// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.unroll.spark.rows.InputFile;

class RunPlanTest {
  private static final InputLedger USED = new InputLedger(Map.of("/old", entry("/old")));
  private static final RunPlan PLAN =
      new RunPlan(
          2,
          1,
          "2026-11-02T03:00:00Z",
          Map.of(),
          new InputLedger.Changes(List.of(entry("/new")), List.of(), List.of(), List.of()),
          List.of("/new"),
          List.of("/new", "/old"),
          0);

  private static InputLedger.Entry entry(String path) {
    return new InputLedger.Entry(path, 5, 7, "hash");
  }

  private static InputFile file(String path, long modified) {
    return new InputFile(path, path, 5, modified, false);
  }

  @Test
  void a_plan_holds_while_all_its_files_are_as_they_were() {
    assertThat(PLAN.holds(List.of(file("/new", 7), file("/old", 7)), USED)).isTrue();
    assertThat(PLAN.holds(List.of(file("/new", 7), file("/old", 7), file("/later", 9)), USED))
        .as("what came later waits")
        .isTrue();
    assertThat(PLAN.holds(List.of(file("/new", 8), file("/old", 7)), USED)).isFalse();
    assertThat(PLAN.holds(List.of(file("/new", 7), file("/old", 8)), USED))
        .as("it judges by the old one")
        .isFalse();
    assertThat(PLAN.holds(List.of(file("/new", 7)), USED)).isFalse();
  }
}
