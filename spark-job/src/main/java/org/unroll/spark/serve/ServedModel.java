// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.unroll.rnn.math.RandomBits;
import org.unroll.spark.report.Json;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.ModelStore;
import org.unroll.spark.store.SavedModel;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.LanguageModel.PromptCodec;
import org.unroll.spark.task.TaskModel;
import org.unroll.spark.task.TaskReader;

/** A model that is in memory, with what answers for it. */
final class ServedModel {
  private final String id;
  private final String version;
  private final TaskModel model;
  private final PromptCodec codec;
  private final Engine engine;
  private final Limits limits;
  private final String fingerprint;
  private final long loaded = System.currentTimeMillis() / 1000;
  private final long seedKey = RandomBits.key(System.nanoTime());
  private final AtomicLong seeds = new AtomicLong();

  /** Whoever reads rows holds it. */
  private final ReentrantLock turn = new ReentrantLock(true);

  private TaskReader reader;
  private int users;
  private boolean retired;

  private ServedModel(
      String id, String version, SavedModel saved, Limits limits, int threads, Metrics metrics) {
    this.id = id;
    this.version = version;
    this.limits = limits;
    model = TaskModel.of(saved);
    fingerprint = saved.checksum();
    boolean writes = model.task() instanceof LanguageModel;
    codec = writes ? LanguageModel.codec(model) : null;
    engine = writes ? new Engine(saved, limits.sessions(), threads, metrics) : null;
  }

  /**
   * Reads a model.
   *
   * @param id by which clients know it
   * @param version of a registry, or null
   * @throws org.unroll.rnn.io.InputException if there is none, or it cannot be read
   */
  static ServedModel read(
      String id, String version, String folder, Limits limits, int threads, Metrics metrics) {
    Path local = HadoopFiles.localOrNull(folder);
    SavedModel saved = local == null ? ModelStore.read(folder) : ModelStore.readLocal(local);
    return new ServedModel(id, version, saved, limits, threads, metrics);
  }

  String id() {
    return id;
  }

  /** Returns the version that it is of a registry's, or null. */
  String version() {
    return version;
  }

  /** Returns what tells its numbers from those of any other model. */
  String fingerprint() {
    return fingerprint;
  }

  /** Returns the model without what answers for it. */
  TaskModel model() {
    return model;
  }

  /** Returns what makes tokens of prompts. */
  PromptCodec codec() {
    return codec;
  }

  /** Returns what writes, or null where the model is no language model. */
  Engine engine() {
    return engine;
  }

  /** Returns a number that nobody has had before. */
  long anySeed() {
    return RandomBits.bits(seedKey, seeds.getAndIncrement()) >>> 1;
  }

  /**
   * Has somebody read rows.
   *
   * @param deadline by {@link System#nanoTime}
   * @throws ApiException if others take until then
   */
  <T> T reading(long deadline, Function<TaskReader, T> work) {
    try {
      if (!turn.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw ApiException.busy("Others are being answered: ask again in a moment.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.busy("The server is about to end.");
    }
    try {
      reader = reader == null ? model.reader() : reader;
      return work.apply(reader);
    } finally {
      turn.unlock();
    }
  }

  /** Returns what clients are told of it: OpenAI's fields, and what a page needs to know. */
  Map<String, Object> description() {
    Map<String, Object> own = new LinkedHashMap<>(model.description());
    own.put("version", version);
    own.put("fingerprint", fingerprint);
    own.put("max_prompt", limits.promptTokens());
    own.put("max_tokens", limits.maxTokens());
    return Json.fields(
        "id", id, "object", "model", "created", loaded, "owned_by", "unroll", "unroll", own);
  }

  /** Counts one more who uses it, unless it is retired. */
  synchronized boolean take() {
    users += retired ? 0 : 1;
    return !retired;
  }

  /** Counts one less; the last of a retired model ends it. */
  synchronized void give() {
    users--;
    endIfUnused();
  }

  /** Lets nobody else use it, and ends it when nobody does. */
  synchronized void retire() {
    retired = true;
    endIfUnused();
  }

  private void endIfUnused() {
    if (retired && users == 0 && engine != null) {
      engine.close(Duration.ZERO);
    }
  }

  /** Ends it, whoever uses it, after some patience. */
  void close(Duration patience) {
    if (engine != null) {
      engine.close(patience);
    }
  }

  /** Returns the labels that answers are made of, in their order. */
  List<String> labels() {
    return model.encoder().labels();
  }
}
