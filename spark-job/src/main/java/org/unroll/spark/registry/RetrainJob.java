// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.registry;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.StrictJson;
import org.unroll.rnn.io.TooLittleException;
import org.unroll.rnn.train.TrainingDivergedException;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.SparkMetrics;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.OutputClaim;
import org.unroll.spark.store.RegistryFolder;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.task.TrainJob;
import org.unroll.spark.task.TrainRequest;

/**
 * A run of a scheduled retraining: looks for data that no run before it has used, trains a
 * challenger on them, judges it against the champion, and promotes it or not. To run once.
 *
 * <pre>
 *   lock - plan.json - work/model (checkpoints) - judged: version.json - versions/N - journal/K
 *                                                                                    the commit
 * </pre>
 *
 * <p>Until the journal has its event nothing has happened for anybody who reads. Whoever finds a
 * plan goes on with it from whatever is there, and comes to the same bits; the event is one file
 * that appears, and has the ledger, the verdict and the aliases in one. The plan goes last, so that
 * whoever comes after a run that was killed behind its event does what was left.
 *
 * @param registry of the models of one name
 * @param spark starts Spark, or returns what was started
 * @param clock of the days
 */
public record RetrainJob(
    RegistryFolder registry,
    Request request,
    Supplier<SparkSession> spark,
    Terminal terminal,
    InstantSource clock) {
  /** Where an unfinished run has its plan and its model. */
  static final String WORK = "work";

  private static final String MODEL = WORK + "/model";
  private static final String CHAMPION = RegistryFolder.CHAMPION;
  private static final String CHALLENGER = "challenger";
  private static final double NANOS = 1e9;

  /**
   * What is asked of a run.
   *
   * @param inputs files, folders or patterns of all data there are
   * @param window which of them are learnt
   * @param anew whether the parameters start from a draw instead of from the champion
   * @param trainings what is trained
   * @param options all that decides the result besides the data, by the names of the options
   * @param judge how models are compared
   * @param guards of the promotion
   * @param expiry how long an owner's lock may show no life before it is taken over
   * @param mlflow the server of MLflow that is told of finished runs, or null
   */
  public record Request(
      List<String> inputs,
      DataWindow window,
      boolean anew,
      Trainings trainings,
      Map<String, String> options,
      Judge judge,
      Guards guards,
      Duration expiry,
      URI mlflow) {}

  /** The trainings that a run may need. */
  @FunctionalInterface
  public interface Trainings {
    /**
     * Returns a model to be trained.
     *
     * @param files to learn from
     * @param champion the folder of the model that parameters start from, or null for none
     * @param out the folder of the model
     */
    TrainRequest of(List<String> files, String champion, String out);
  }

  /** The ways in which a run ends without an error. */
  public enum End {
    /** The challenger is the champion now. */
    PROMOTED,
    /** The champion is still the champion. */
    KEPT,
    /** There was nothing to learn. */
    NOTHING_NEW,
    /** Another run has the registry. */
    LOCKED;

    /** Returns the end as files and figures have it. */
    public String word() {
      return Json.word(this);
    }
  }

  /**
   * An outcome is what came of a run.
   *
   * @param figures by the names that commands print
   * @param lines what they say for people, by a heading
   */
  public record Outcome(End end, Map<String, Object> figures, Map<String, String> lines) {}

  /**
   * Runs, unless another run has the registry.
   *
   * @throws InputException if the registry cannot be written to, or options or data are wrong
   */
  public Outcome run() {
    HadoopFiles.requireWritable(registry.place(WORK));
    OutputClaim.Attempt attempt =
        OutputClaim.tryTake(registry.folder(), request.expiry(), "retrain");
    if (attempt instanceof OutputClaim.Held held) {
      return locked(held);
    }
    try (OutputClaim claim = ((OutputClaim.Mine) attempt).claim()) {
      Outcome outcome = claimed(claim);
      registry.write("outcome.json", out -> StrictJson.write(outcome.figures(), out));
      registry.delete(WORK);
      return outcome;
    }
  }

  private Outcome locked(OutputClaim.Held held) {
    Map<String, Object> figures = figures(End.LOCKED);
    figures.put("owner", held.owner());
    figures.put("since", held.since().toString());
    return new Outcome(
        End.LOCKED,
        figures,
        Map.of(
            "outcome",
            "locked by %s since %s: nothing was done".formatted(held.owner(), held.since())));
  }

  private Map<String, Object> figures(End end) {
    return Json.fields("outcome", end.word(), "registry", registry.show());
  }

  private Outcome claimed(OutputClaim claim) {
    long begin = System.nanoTime();
    Outcome before = null;
    RunPlan plan;
    Map<String, Object> about;
    try {
      before = caughtUp(begin);
      plan = new Planner(registry, request, spark, terminal, clock.instant()).next();
      if (plan == null) {
        return before != null
            ? before
            : nothingNew("No file has anything that was not used before.");
      }
      make(plan, claim);
      about = registry.about(plan.version());
      show(plan, about);
      claim.requireMine();
      commit(plan, about);
    } catch (TooLittleException e) {
      return before != null
          ? before
          : nothingNew("Too little is new, and waits for more. " + e.getMessage());
    } catch (RuntimeException e) {
      failed(claim, e);
      throw e;
    }
    return finished(plan, about, begin);
  }

  /**
   * Does what a run left that was killed behind its event, and returns what had come of it; null if
   * none was.
   */
  private Outcome caughtUp(long begin) {
    Optional<RunPlan> entered =
        RunPlan.read(registry)
            .filter(plan -> plan.isEntered(registry.journal()))
            .filter(plan -> registry.versions().contains(plan.version()));
    if (entered.isEmpty()) {
      return null;
    }
    RunPlan plan = entered.get();
    terminal.note(
        "The run of %s was cut short when all was decided: what it left is done now."
            .formatted(plan.started()));
    return finished(plan, registry.about(plan.version()), begin);
  }

  /** Makes the plan's version, unless it is there already. */
  private void make(RunPlan plan, OutputClaim claim) {
    if (!registry.versions().contains(plan.version())) {
      SavedModel champion = plan.parent() == null ? null : champion(plan.parent());
      train(plan, champion);
      judged(plan, champion);
      claim.requireMine();
      registry.adopt(registry.place(MODEL), plan.version());
    }
  }

  private Outcome nothingNew(String reason) {
    Map<String, Object> figures = figures(End.NOTHING_NEW);
    OptionalInt champion = registry.alias(CHAMPION);
    figures.put(CHAMPION, champion.isPresent() ? champion.getAsInt() : null);
    figures.put("reason", reason);
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("outcome", "nothing new: no model was trained");
    lines.put("reason", reason);
    return new Outcome(End.NOTHING_NEW, figures, lines);
  }

  /** Trains the challenger, unless it is there already. */
  private void train(RunPlan plan, SavedModel champion) {
    String start = champion == null || request.anew() ? null : registry.version(plan.parent());
    TrainRequest training = request.trainings().of(plan.learn(), start, registry.place(MODEL));
    String task = training.task().name();
    if (champion != null && !champion.config().task().equals(task)) {
      throw new InputException(
          ("The registry %s has models of task %s, but this run is of task %s: give another --name"
                  + " to models of another task.")
              .formatted(registry.show(), champion.config().task(), task));
    }
    if (!isTrained()) {
      new TrainJob(spark.get(), training, terminal).run();
    }
  }

  /** Reads the champion, so that a damaged one is told of before anything is trained. */
  private SavedModel champion(int version) {
    try {
      return ModelStore.read(registry.version(version));
    } catch (InputException e) {
      throw new InputException(
          ("The champion, version %s, cannot be judged against: %s Restore its folder from a copy,"
                  + " or go back to the champion before it (registry rollback).")
              .formatted(version, e.getMessage()),
          e);
    }
  }

  /** Returns whether a run that was killed had trained its model to the end. */
  private boolean isTrained() {
    return registry.holds(MODEL + "/config.json")
        && !ModelStore.config(registry.place(MODEL))
            .provenance()
            .containsKey(ModelStore.UNFINISHED_RUN);
  }

  /** Judges the model that was trained and writes its verdict beside it. */
  private void judged(RunPlan plan, SavedModel champion) {
    SavedModel challenger = ModelStore.read(registry.place(MODEL));
    Map<String, Object> about =
        Json.fields(
            "version",
            plan.version(),
            "parent",
            plan.parent(),
            "time",
            clock.instant().toString(),
            "started",
            plan.started(),
            "task",
            challenger.config().task());
    about.putAll(
        request
            .judge()
            .verdict(plan, registry, champion, challenger, request.guards(), spark.get()));
    about.put("figures", challenger.config().provenance().get("results"));
    about.put("options", challenger.config().training());
    about.put("seed", challenger.config().training().get("seed"));
    about.put("data", data(plan, challenger));
    about.put("command", challenger.config().provenance().get("command"));
    RegistryFolder.describe(registry.place(MODEL), about);
  }

  private static Map<String, Object> data(RunPlan plan, SavedModel challenger) {
    Map<String, Object> data =
        Json.fields(
            "learnt_files", plan.learn().size(),
            "judging_files", plan.judge().size(),
            "new_files", plan.changes().fresh().size(),
            "changed_files", plan.changes().changed().size(),
            "vanished_files", plan.changes().vanished().size(),
            "late_files", plan.late());
    List<String> days =
        plan.learn().stream()
            .map(DataWindow::partition)
            .filter(Objects::nonNull)
            .map(LocalDate::toString)
            .sorted()
            .toList();
    if (!days.isEmpty()) {
      data.put("first_day", days.get(0));
      data.put("last_day", days.get(days.size() - 1));
    }
    data.put("hash", challenger.config().provenance().get("data_hash"));
    return data;
  }

  /** Enters the run in the journal, from when on it has happened. */
  private void commit(RunPlan plan, Map<String, Object> about) {
    End end = end(about);
    Map<String, Integer> moves = new LinkedHashMap<>();
    if (end == End.PROMOTED) {
      moves.put(CHAMPION, plan.version());
    }
    moves.put(CHALLENGER, plan.version());
    Map<String, Object> details =
        Json.fields(
            "version",
            plan.version(),
            "outcome",
            end.word(),
            "score",
            about.get("score"),
            "reason",
            about.get("reason"),
            InputLedger.FIELD,
            StrictJson.plain(plan.changes()));
    registry.append(clock.instant(), end.word(), moves, details);
  }

  /** Returns what came of a run, as its version tells. */
  private static End end(Map<String, Object> about) {
    return End.PROMOTED.word().equals(about.get("outcome")) ? End.PROMOTED : End.KEPT;
  }

  /** Tells of a run that has happened, whatever fails from here on. */
  private Outcome finished(RunPlan plan, Map<String, Object> about, long begin) {
    RegistryPage.write(registry);
    End end = end(about);
    publish(plan, end);
    Map<String, Object> figures = figures(end);
    figures.put("version", plan.version());
    figures.put(CHAMPION, end == End.PROMOTED ? Integer.valueOf(plan.version()) : plan.parent());
    Stream.of("score", "reason", "comparison", "drift", "data")
        .forEach(name -> figures.put(name, about.get(name)));
    figures.put("model", registry.version(plan.version()));
    figures.put("seconds", (System.nanoTime() - begin) / NANOS);
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("outcome", end.word() + ": version " + plan.version());
    lines.put("reason", String.valueOf(about.get("reason")));
    lines.put("model", registry.version(plan.version()));
    return new Outcome(end, figures, lines);
  }

  /** Shows the verdict in Spark's metrics, until Spark ends. */
  private void show(RunPlan plan, Map<String, Object> about) {
    spark.get(); // of a run that was killed behind its verdict, nothing else has started it
    Map<String, Object> score = StrictJson.fields(about.get("score"));
    boolean promoted = end(about) == End.PROMOTED;
    Instant champion =
        promoted || plan.parent() == null
            ? clock.instant()
            : VersionFacts.of(registry, plan.parent()).time();
    new SparkMetrics()
        .with("promoted", () -> promoted ? 1 : 0)
        .with("champion_age_seconds", () -> Duration.between(champion, clock.instant()).toSeconds())
        .with("champion_score", () -> (Number) score.get(CHAMPION))
        .with("challenger_score", () -> (Number) score.get(CHALLENGER))
        .show();
  }

  /** Tells a server of MLflow, if there is one; that it is away fails nothing. */
  private void publish(RunPlan plan, End end) {
    if (request.mlflow() == null) {
      return;
    }
    MlflowClient.Published published =
        MlflowClient.publish(
            request.mlflow(),
            MlflowClient.Publication.of(registry, plan.version(), end == End.PROMOTED));
    if (published.note() != null) {
      terminal.note(published.note());
    }
  }

  /** Returns the sentence that was meant for people, if there is one. */
  private static String reason(List<Throwable> causes) {
    return causes.stream()
        .filter(
            cause ->
                cause instanceof InputException
                    || cause instanceof TrainingDivergedException
                    || cause instanceof UncheckedIOException)
        .findFirst()
        .orElse(causes.get(causes.size() - 1))
        .getMessage();
  }

  /**
   * Leaves word of a run that failed. One that would fail again is given up, so that the next one
   * looks at the data anew; any other one is gone on with.
   */
  private void failed(OutputClaim claim, RuntimeException e) {
    try {
      claim.requireMine(); // What is in the registry may be another run's by now.
      List<Throwable> causes = ExceptionUtils.getThrowableList(e);
      boolean again =
          causes.stream()
              .anyMatch(
                  cause ->
                      cause instanceof InputException
                          || cause instanceof TrainingDivergedException);
      Map<String, Object> figures =
          Json.fields("outcome", "failed", "registry", registry.show(), "reason", reason(causes));
      registry.write("outcome.json", out -> StrictJson.write(figures, out));
      if (again) {
        registry.append(clock.instant(), "failed", Map.of(), figures);
        registry.delete(WORK);
      }
    } catch (RuntimeException other) {
      e.addSuppressed(other);
    }
  }
}
