// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.Serializable;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.report.PeakMemory;

/**
 * Carries out a worker's part in a round that is a Spark job; its partition is the states of its
 * shards. The shards that an executor has read stay there, so that the next task of the same worker
 * finds them.
 *
 * @param command without numbers
 * @param memory gets what the worker's process has needed
 */
public record RoundTask(
    Broadcast<WorkerPlan> plan,
    Broadcast<Params> params,
    Command command,
    ClusterRounds.Largest memory)
    implements FlatMapFunction<Iterator<float[][]>, RoundTask.Result> {

  /** The only member of its own contribution. */
  private static final int MEMBER = 0;

  /** So many workers' shards stay at most; the least recently used go first. */
  private static final int IDLE_WORKERS = 2 * Runtime.getRuntime().availableProcessors();

  /**
   * The shards of workers without a task, of which all go before memory runs out. A task takes them
   * out while it uses them; a second attempt beside it reads its own.
   */
  private static final Map<Key, SoftReference<WorkerShards>> IDLE =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(
                Map.Entry<Key, SoftReference<WorkerShards>> eldest) {
              return size() > IDLE_WORKERS;
            }
          });

  private record Key(UUID run, int worker) {}

  /**
   * The parameters of a round, to be broadcast: rounded, and as few bytes as that leaves. The tasks
   * of a process share what is unpacked.
   */
  static final class Params implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int size;
    private final boolean half;
    private final Segment.Packed packed;
    private transient float[] unpacked;

    Params(float[] params, Wire wire) {
      size = params.length;
      half = wire == Wire.BF16;
      packed = new Segment.Packed(List.of(Segment.of(params, wire)));
    }

    /** Returns the parameters to compute with, which nobody may change. */
    synchronized float[] get() {
      if (unpacked == null) {
        float[] params = new float[size];
        Segment all = Segment.of(params, half ? Wire.BF16 : Wire.FP32);
        packed.unpack(new Segment.Decoder(List.of(List.of(all).iterator())));
        unpacked = params;
      }
      return unpacked;
    }
  }

  /**
   * The result of a task of job rounds: what one worker contributes, or what several do after their
   * sums were added as far as the canonical tree allows. It is the message that resident workers
   * send, in bytes that any serializer of Spark writes fast.
   */
  public static final class Result implements Serializable {
    private static final long serialVersionUID = 1L;

    private final byte[] message;
    private final Segment.Packed floats;

    /** The places of the workers in the words of Spark's scheduler, in the order of the shares. */
    private final String[] locations;

    /** The message that says what is wrong with the data, or null. */
    private final String inputError;

    private Result(byte[] message, Segment.Packed floats, String[] locations, String inputError) {
      this.message = message;
      this.floats = floats;
      this.locations = locations;
      this.inputError = inputError;
    }

    Result(Contribution.Message message, Segment.Packed floats, List<String> locations) {
      this(message.write().array(), floats, locations.toArray(String[]::new), null);
    }

    /**
     * Returns the result of a task whose data are to blame: Spark would try again after a throw.
     */
    static Result inputError(String message) {
      return new Result(null, null, null, message);
    }

    /** Returns whether the data are to blame, so that there is nothing else here. */
    boolean isInputError() {
      return inputError != null;
    }

    /**
     * Returns what was contributed, without its floats.
     *
     * @throws InputException if the data are to blame
     */
    Contribution.Message message() {
      if (inputError != null) {
        throw new InputException(inputError);
      }
      ByteBuffer bytes = ByteBuffer.wrap(message);
      Messages.kind(bytes);
      return Contribution.Message.read(bytes);
    }

    Segment.Packed floats() {
      return floats;
    }

    List<String> locations() {
      return List.of(locations);
    }

    /** Returns the classes to register with Kryo where it insists on that. */
    public static Class<?>[] kryoClasses() {
      return new Class<?>[] {
        RoundTask.Params.class,
        WorkerPlan.class,
        Segment.Packed.class,
        byte[][].class,
        String[].class,
        float[][][].class
      };
    }
  }

  @Override
  public Iterator<Result> call(Iterator<float[][]> states) {
    int worker = TaskContext.get().partitionId();
    try {
      Key key = new Key(plan.value().run(), worker);
      SoftReference<WorkerShards> idle = IDLE.remove(key);
      WorkerShards read = idle == null ? null : idle.get();
      WorkerShards shards = read == null ? new WorkerShards(plan.value(), worker) : read;
      JointContribution contribution =
          new JointContribution(plan.value(), command.round(), List.of(MEMBER));
      List<float[]> own = List.of(states.next());
      contribution.add(MEMBER, shards.run(command.with(params.value().get(), Runs.NONE, own)));
      Result result = pack(contribution.outgoing());
      IDLE.put(key, new SoftReference<>(shards));
      memory.add(PeakMemory.bytes());
      return List.of(result).iterator();
    } catch (InputException e) {
      return List.of(Result.inputError(e.getMessage())).iterator();
    }
  }

  private static Result pack(JointContribution.Outgoing outgoing) {
    long start = System.nanoTime();
    Segment.Packed floats = new Segment.Packed(outgoing.floats());
    long encode = System.nanoTime() - start;
    return new Result(outgoing.message().with(encode, 0), floats, List.of(location()));
  }

  private static String location() {
    SparkEnv env = SparkEnv.get();
    return "executor_" + env.blockManager().blockManagerId().host() + "_" + env.executorId();
  }

  static void forget(UUID run) {
    IDLE.keySet().removeIf(key -> key.run().equals(run));
  }
}
