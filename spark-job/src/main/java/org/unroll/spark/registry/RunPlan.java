// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.unroll.rnn.io.StrictJson;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.store.RegistryFolder;

/**
 * A plan says what a run is going to do, before it does anything. It lies in the registry until the
 * run has finished, so that whoever comes after a run that was killed goes on with the same data
 * and ends with the same model.
 *
 * @param version the number that the model will have
 * @param parent the champion that it is judged against, or null if there is none
 * @param started when the run began first, as ISO-8601 has it
 * @param options all that decides the result besides the data and the champion
 * @param changes what is to be entered in the ledger
 * @param learn paths of the files to learn from, which are among those to judge by
 * @param judge paths of the files by whose rows the models are judged
 * @param late how many files are of an earlier day than some that was used before
 */
record RunPlan(
    int version,
    Integer parent,
    String started,
    Map<String, String> options,
    InputLedger.Changes changes,
    List<String> learn,
    List<String> judge,
    int late) {
  private static final String FILE = "work/plan.json";

  /** Returns the plan of a run that has not finished, if there is one. */
  static Optional<RunPlan> read(RegistryFolder registry) {
    return registry.read(
        FILE,
        (in, source) -> StrictJson.bind(StrictJson.tree(in, source), source, "", RunPlan.class));
  }

  void write(RegistryFolder registry) {
    registry.write(FILE, out -> StrictJson.write(this, out));
  }

  /** Returns whether a journal has the event of the run, behind which it has happened. */
  boolean isEntered(List<RegistryFolder.Event> journal) {
    return journal.stream()
        .anyMatch(event -> Objects.equals(event.details().get("version"), version));
  }

  /**
   * Returns whether all files of the plan are as they were when it was made.
   *
   * @param used what the runs before had used
   */
  boolean holds(List<InputFile> present, InputLedger used) {
    Map<String, InputLedger.Entry> then = new HashMap<>(used.files());
    Stream.of(changes.fresh(), changes.changed(), changes.touched())
        .flatMap(List::stream)
        .forEach(entry -> then.put(entry.path(), entry));
    Map<String, InputFile> now = new HashMap<>();
    present.forEach(file -> now.put(file.path(), file));
    return judge.stream()
        .allMatch(
            path ->
                now.containsKey(path)
                    && then.containsKey(path)
                    && then.get(path).looksLike(now.get(path)));
  }
}
