// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.lang.ref.SoftReference;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The shards that an executor has read for rounds that are jobs, so that the next task of the same
 * worker finds them. A task takes them out while it uses them; a second attempt beside it reads its
 * own. The least recently used go first, and all of them before memory runs out.
 */
final class HostCache {
  private static final int CAPACITY = 2 * Runtime.getRuntime().availableProcessors();
  private static final Map<Key, SoftReference<WorkerShards>> IDLE = new LinkedHashMap<>();

  private record Key(UUID run, int worker) {}

  private HostCache() {}

  /** Takes out a worker's shards, or reads them. */
  static WorkerShards take(UUID run, int worker, Supplier<WorkerShards> reader) {
    SoftReference<WorkerShards> cached;
    synchronized (IDLE) {
      cached = IDLE.remove(new Key(run, worker));
    }
    WorkerShards shards = cached == null ? null : cached.get();
    return shards == null ? reader.get() : shards;
  }

  /** Puts a worker's shards back. */
  static void give(UUID run, int worker, WorkerShards shards) {
    synchronized (IDLE) {
      IDLE.remove(new Key(run, worker));
      IDLE.put(new Key(run, worker), new SoftReference<>(shards));
      if (IDLE.size() > CAPACITY) {
        IDLE.remove(IDLE.keySet().iterator().next());
      }
    }
  }

  /** Forgets a run in this process. */
  static void forget(UUID run) {
    synchronized (IDLE) {
      IDLE.keySet().removeIf(key -> key.run().equals(run));
    }
  }
}
