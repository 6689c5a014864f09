// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.PeakMemory;
import scala.reflect.ClassTag;

/** What a worker does in a round that is a Spark job; its partition is the states of its shards. */
final class RoundTask implements FlatMapFunction<Iterator<float[]>, RoundResult> {
  private static final long serialVersionUID = 1L;

  private final UUID run;
  private final Broadcast<byte[]> plan;
  private final Broadcast<RoundParams> params;
  private final Command command;
  private final SumFormat format;
  private final LargestAccumulator memory;

  /**
   * A round's task.
   *
   * @param plan as {@link #pack} made it
   * @param command without numbers
   * @param format of the sums
   * @param memory gets what the worker's process has needed
   */
  RoundTask(
      UUID run,
      Broadcast<byte[]> plan,
      Broadcast<RoundParams> params,
      Command command,
      SumFormat format,
      LargestAccumulator memory) {
    this.run = run;
    this.plan = plan;
    this.params = params;
    this.command = command;
    this.format = format;
    this.memory = memory;
  }

  @Override
  public Iterator<RoundResult> call(Iterator<float[]> states) {
    int worker = TaskContext.get().partitionId();
    try {
      WorkerShards shards =
          HostCache.take(run, worker, () -> new WorkerShards(unpack(plan.value()), worker));
      float[] own = states.next();
      Contribution contribution =
          shards.run(command.with(params.value().get(), Runs.NONE, own.length == 0 ? null : own));
      RoundResult result = RoundResult.of(worker, location(), shards.nodes(), contribution, format);
      // The result shares the shards' states until Spark has written it. That is safe, because the
      // next round's task of this worker only starts when the driver has a result of this one.
      HostCache.give(run, worker, shards);
      memory.add(PeakMemory.bytes());
      return List.of(result).iterator();
    } catch (InputException e) {
      return List.of(RoundResult.inputError(worker, location(), e.getMessage())).iterator();
    }
  }

  private static String location() {
    SparkEnv env = SparkEnv.get();
    return "executor_" + env.blockManager().blockManagerId().host() + "_" + env.executorId();
  }

  /** The plan as bytes, which every executor unpacks once, whatever serializer Spark uses. */
  static byte[] pack(WorkerPlan plan) {
    ByteBuffer bytes =
        SparkEnv.get().closureSerializer().newInstance().serialize(plan, tag(WorkerPlan.class));
    byte[] packed = new byte[bytes.remaining()];
    bytes.get(packed);
    return packed;
  }

  private static WorkerPlan unpack(byte[] packed) {
    return SparkEnv.get()
        .closureSerializer()
        .newInstance()
        .deserialize(
            ByteBuffer.wrap(packed),
            Thread.currentThread().getContextClassLoader(),
            tag(WorkerPlan.class));
  }

  private static <T> ClassTag<T> tag(Class<T> type) {
    return scala.reflect.ClassTag$.MODULE$.apply(type);
  }
}
