// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.unroll.rnn.io.CheckpointFile;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.TrainListener;
import org.unroll.rnn.train.TrainState;
import org.unroll.rnn.train.TrainingDivergedException;
import org.unroll.rnn.train.Window;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.RowHash;
import org.unroll.spark.store.CheckpointStore;
import org.unroll.spark.store.HadoopFiles;

/**
 * The checkpoints of one run: finds where an earlier process of it stopped, and keeps its state
 * from time to time. A checkpoint that cannot be written does not end a training that goes well.
 */
final class Checkpoints implements TrainListener, AutoCloseable {
  private static final String SECONDS = "seconds";

  /** So long may a round last that is waited for where the command is stopped. */
  private static final int PATIENCE_SECONDS = 5;

  /**
   * A run is identified by what defines its result, by the names of the options: the text, the
   * network and the settings, and neither how the work is spread nor where the model goes. Runs of
   * equal identity leave equal models.
   *
   * @param values by the names of the options, and the hash of the data
   */
  record RunIdentity(Map<String, String> values) {
    private static final String PREFIX = "run.";
    private static final String DATA = "data";
    private static final int ID_CHARACTERS = 16;

    /**
     * Makes an identity.
     *
     * @param hash of the data
     * @param settings by the names of their options, with underscores
     */
    RunIdentity(String hash, Map<String, Object> settings) {
      this(new LinkedHashMap<>());
      values.put(DATA, hash);
      settings.forEach((name, value) -> values.put(name.replace('_', '-'), value.toString()));
    }

    /** Returns the identity of a training. */
    static RunIdentity of(TrainRequest request, TrainingData data) {
      Map<String, Object> settings = Json.fields("task", request.task().name());
      settings.putAll(data.facts().settings());
      request.settings().forEach(settings::putIfAbsent);
      RunIdentity identity = new RunIdentity(data.facts().hash(), settings);
      if (request.embeddings() != null) {
        identity.values.put(EmbeddingStart.NAME, request.embeddings().hash());
      }
      if (request.start() != null) {
        identity.values.put(request.start().name(), request.start().model().checksum());
      }
      ModelStart growing = ModelStart.growingOrNull(request.start());
      if (growing != null) {
        Growth growth = growing.growth();
        identity.values.put("new-tokens", Integer.toString(growth.tokens()));
        identity.values.put("new-min-count", Long.toString(growth.minCount()));
        identity.values.put("new-rows", growth.rows().toString().toLowerCase(Locale.ROOT));
      }
      return identity;
    }

    /** Returns the identity for the texts of a checkpoint. */
    Map<String, String> texts() {
      Map<String, String> texts = new LinkedHashMap<>();
      values.forEach((name, value) -> texts.put(PREFIX + name, value));
      return texts;
    }

    /** Returns a short name, equal for equal identities. */
    String id() {
      byte[] text = values.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(RowHash.digest().digest(text)).substring(0, ID_CHARACTERS);
    }

    /**
     * Returns what is different in the run of a checkpoint, as in "--lr is 0.002 there and 0.001
     * here".
     *
     * @param texts of the checkpoint, others among them
     * @return a phrase for every difference
     */
    List<String> differences(Map<String, String> texts) {
      Set<String> names = new LinkedHashSet<>(values.keySet());
      texts.keySet().stream()
          .filter(name -> name.startsWith(PREFIX))
          .map(name -> name.substring(PREFIX.length()))
          .forEach(names::add);
      List<String> differences = new ArrayList<>();
      for (String name : names) {
        String here = values.get(name);
        String there = texts.get(PREFIX + name);
        if (here != null && here.equals(there)) {
          continue;
        }
        differences.add(
            name.equals(DATA)
                ? "the data are others"
                : "--"
                    + name
                    + " is "
                    + orUnused(there)
                    + " there and "
                    + orUnused(here)
                    + " here");
      }
      return differences;
    }

    private static String orUnused(String value) {
      return value == null ? "not used" : value;
    }
  }

  private final CheckpointStore store;
  private final TrainRequest.CheckpointInterval every;
  private final String out;
  private final Terminal terminal;
  private final LongSupplier nanoTime;
  private final long start;
  private RunIdentity run;
  private long last;
  private double secondsBefore;
  private boolean failing;
  private volatile boolean stopping;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * The time before anything of a run was done.
   *
   * @param out the model's folder
   * @param nanoTime a clock such as {@link System#nanoTime}
   * @throws InputException if nothing can be written to the folder
   */
  Checkpoints(
      TrainRequest.CheckpointSettings settings,
      String out,
      Terminal terminal,
      LongSupplier nanoTime) {
    String folder = settings.folder();
    folder = folder == null ? HadoopFiles.beside(out, ".checkpoints") : folder;
    this.store = new CheckpointStore(folder, settings.keep(), terminal::note);
    this.every = settings.every();
    if (every.isOn()) {
      store.requireWritable();
    }
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    start = nanoTime.getAsLong();
    last = start;
  }

  /**
   * Returns where to go on, if this run was begun before. To be called once, before the first
   * round.
   *
   * @param overwrite whether checkpoints of another run may be removed
   * @throws InputException if there are such and they may not, or the folder cannot be used
   */
  Optional<TrainState> resume(RunIdentity run, boolean overwrite) {
    this.run = run;
    try {
      Optional<CheckpointStore.Found> newest = store.newest();
      if (newest.isEmpty() && store.newestFile().isPresent()) {
        terminal.note("No checkpoint can be used: starting anew.");
      }
      return newest.map(this::resume);
    } catch (InputException e) {
      if (!overwrite) {
        throw e;
      }
      store.clear();
      terminal.note("Removed the checkpoints of another training in " + store.show() + ".");
      return Optional.empty();
    }
  }

  private TrainState resume(CheckpointStore.Found found) {
    Map<String, String> texts = found.content().texts();
    List<String> differences = run.differences(texts);
    if (!differences.isEmpty()) {
      throw new InputException(
          ("The checkpoint %s is of another training: %s. To go on with that one, run its"
                  + " own command again. For this one name another --checkpoint-dir or --out, or"
                  + " give --overwrite to remove those checkpoints.")
              .formatted(found.file(), String.join(", ", differences)));
    }
    try {
      TrainState state = TrainState.of(texts, found.content().vectors());
      secondsBefore = Double.parseDouble(texts.getOrDefault(SECONDS, "0"));
      terminal.note("Resuming after " + position(state.next()) + " from " + found.file() + ".");
      return state;
    } catch (IllegalArgumentException e) {
      throw new InputException(
          ("The checkpoint %s cannot be understood: %s. Go on with the program that wrote"
                  + " it, or remove it.")
              .formatted(found.file(), e.getMessage()),
          e);
    }
  }

  /** Returns the round before a window, for people. */
  private static String position(Window next) {
    return next.index() > 0
        ? "round " + next.index() + " of epoch " + (next.epoch() + 1)
        : "round " + next.step() / next.epoch() + " of epoch " + next.epoch();
  }

  /**
   * Checks, before the first round, that checkpoints can be written.
   *
   * @throws InputException if they cannot
   */
  void prepare() {
    if (every.isOn()) {
      store.prepare(out);
      terminal.ifStopped(this::stop);
    }
  }

  /** Waits until the current round has its checkpoint, or for too long, and says how to go on. */
  private String stop() {
    stopping = true;
    try {
      stopped.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return store
        .newestFile()
        .map(file -> "The same command goes on from the checkpoint " + file + ".")
        .orElse("There is no checkpoint yet, so the same command begins anew.");
  }

  /**
   * Writes a checkpoint if one is due.
   *
   * @throws CancellationException if the command is stopped, behind the last checkpoint
   */
  @Override
  public void pause(long step, Supplier<TrainState> state) {
    if (stopping) {
      write(step, state.get());
      stopped.countDown();
      throw new CancellationException("stopped");
    }
    long now = nanoTime.getAsLong();
    boolean due =
        every.rounds() > 0
            ? step % every.rounds() == 0
            : every.seconds() > 0 && (now - last) / 1e9 >= every.seconds();
    if (due) {
      write(step, state.get());
      last = nanoTime.getAsLong();
    }
  }

  private void write(long step, TrainState state) {
    if (!state.isFinite()) {
      // The next round will find that out too; the checkpoint before stays the newest.
      return;
    }
    Map<String, String> texts = new LinkedHashMap<>(run.texts());
    texts.putAll(state.texts());
    texts.put(SECONDS, Double.toString(seconds()));
    try {
      store.write(step, new CheckpointFile.Content(texts, state.vectors()));
      failing = false;
    } catch (UncheckedIOException e) {
      if (!failing) {
        terminal.note(
            "Warning: the checkpoint "
                + e.getMessage()
                + ". The training goes on, and tries again when the next one is due.");
      }
      failing = true;
    }
  }

  /** Returns the seconds of the whole run so far, in all processes that had a part in it. */
  double seconds() {
    return secondsBefore + (nanoTime.getAsLong() - start) / 1e9;
  }

  /** Says what to do about numbers gone wrong: the same command would come to them again. */
  TrainingDivergedException explain(TrainingDivergedException diverged) {
    String kept =
        store.newestFile().map(file -> ". The last good state is kept in " + file).orElse("");
    return diverged.with(
        kept
            + ". The same command would diverge again: start anew with other settings, such as a"
            + " smaller --lr or --clip-norm, and --overwrite");
  }

  /** Removes the checkpoints, once the model is written. */
  void remove() {
    terminal.ifStopped(() -> "The model is written to " + out + ".");
    try {
      store.clear();
    } catch (InputException e) {
      terminal.note("Warning: the checkpoints could not be removed. " + e.getMessage());
    }
  }

  /** Leaves no empty folder behind, such as after a failure before the first checkpoint. */
  @Override
  public void close() {
    store.removeIfEmpty();
  }
}
