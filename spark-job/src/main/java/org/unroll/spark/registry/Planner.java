// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputListing;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.RegistryFolder;

/**
 * Plans what a run of a {@link RetrainJob} is going to do, from what its registry and its input
 * have.
 *
 * @param spark starts Spark, or returns what was started
 * @param now the time that the run takes for now
 */
record Planner(
    RegistryFolder registry,
    RetrainJob.Request request,
    Supplier<SparkSession> spark,
    Terminal terminal,
    Instant now) {

  /**
   * Returns what is to be done: what a run before this one had begun, or something new; null if
   * there is nothing to learn. A new plan is in the registry when this returns.
   */
  RunPlan next() {
    List<RegistryFolder.Event> journal = registry.journal();
    InputLedger ledger = InputLedger.of(journal, registry.show());
    List<InputFile> present =
        InputListing.list(request.inputs(), HadoopFiles.configuration()).stream()
            .filter(file -> file.bytes() > 0)
            .toList();
    OptionalInt champion = registry.alias(RegistryFolder.CHAMPION);
    Integer parent = champion.isPresent() ? champion.getAsInt() : null;
    Optional<RunPlan> unfinished = RunPlan.read(registry);
    if (unfinished.isPresent()) {
      RunPlan plan = unfinished.get();
      boolean finished = plan.isEntered(journal);
      boolean same =
          plan.options().equals(request.options())
              && Objects.equals(plan.parent(), parent)
              && plan.holds(present, ledger);
      if (!finished && same) {
        terminal.note(
            "Going on with the run of %s, which was cut short.".formatted(plan.started()));
        return plan;
      }
      if (!finished) {
        terminal.note(
            ("The run of %s was cut short, and its data, options or champion are others now: it is"
                    + " given up.")
                .formatted(plan.started()));
        registry.remove(registry.versions().stream().filter(v -> v == plan.version()).toList());
      }
    }
    registry.delete(RetrainJob.WORK);
    return fresh(journal, ledger, present, parent);
  }

  private RunPlan fresh(
      List<RegistryFolder.Event> journal,
      InputLedger ledger,
      List<InputFile> present,
      Integer parent) {
    List<InputFile> chosen = request.window().choose(present, now);
    InputLedger.Changes changes = ledger.compare(present, chosen, spark);
    if (changes.isEmpty()) {
      return null;
    }
    Set<String> unseen = changes.unseen();
    List<String> paths = chosen.stream().map(InputFile::path).toList();
    boolean onlyUnseen = request.window().onlyUnseen() && parent != null && !request.anew();
    List<String> learn = onlyUnseen ? paths.stream().filter(unseen::contains).toList() : paths;
    tellTime(journal);
    int late = late(ledger, changes);
    tell(changes, learn.size(), late);
    RunPlan plan =
        new RunPlan(
            number(journal),
            parent,
            now.toString(),
            request.options(),
            changes,
            learn,
            paths,
            late);
    plan.write(registry);
    return plan;
  }

  /** Returns the number behind those of all versions that there are or were. */
  private int number(List<RegistryFolder.Event> journal) {
    Stream<Integer> told =
        journal.stream()
            .map(event -> event.details().get("version"))
            .filter(Integer.class::isInstance)
            .map(Integer.class::cast);
    return 1
        + Stream.concat(registry.versions().stream(), told)
            .mapToInt(Integer::intValue)
            .max()
            .orElse(0);
  }

  /**
   * Tells of a time before that of the last event: an older one was named, or a clock went back.
   */
  private void tellTime(List<RegistryFolder.Event> journal) {
    if (!journal.isEmpty() && now.isBefore(journal.get(journal.size() - 1).time())) {
      terminal.note(
          ("It is %s, which is before the last event of the registry (%s). The journal goes by the"
                  + " numbers of its events, so that this run is behind it all the same.")
              .formatted(now, journal.get(journal.size() - 1).time()));
    }
  }

  private void tell(InputLedger.Changes changes, int learn, int late) {
    terminal.note(
        "%s never seen, %s changed, %s vanished%s: learning from %s."
            .formatted(
                Figures.count(changes.fresh().size(), "file"),
                Figures.count(changes.changed().size()),
                Figures.count(changes.vanished().size()),
                late == 0 ? "" : ", %s late".formatted(Figures.count(late)),
                Figures.count(learn, "file")));
  }

  /** Counts the new files of an earlier day than the last one that was used. */
  private static int late(InputLedger ledger, InputLedger.Changes changes) {
    LocalDate last =
        ledger.files().keySet().stream()
            .map(DataWindow::partition)
            .filter(Objects::nonNull)
            .max(LocalDate::compareTo)
            .orElse(LocalDate.MIN);
    return (int)
        changes.fresh().stream()
            .map(entry -> DataWindow.partition(entry.path()))
            .filter(day -> day != null && day.isBefore(last))
            .count();
  }
}
