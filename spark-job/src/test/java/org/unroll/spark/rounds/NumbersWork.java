// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import org.apache.spark.TaskContext;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.Learner;
import org.unroll.rnn.train.Split;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Window;
import org.unroll.rnn.train.Wire;

/**
 * Work without a network: gradients of all magnitudes that depend on the shard, the window, the
 * parameters and a state that is carried, so that a wrong order of addition, stale parameters or a
 * lost state change the bits. Every other shard leaves out blocks, others in every round.
 *
 * @param trouble what goes wrong, and when
 * @param wire how sums and parameters travel
 */
record NumbersWork(int shards, int parameters, int stateSize, Trouble trouble, Wire wire)
    implements ShardWork {
  /** What can go wrong in a worker. */
  enum Trouble {
    NONE,
    /** The first attempt of every worker's task throws in the third round. */
    FIRST_ATTEMPT_FAILS,
    /** The first attempt of the last shard's task ends its process in the third round. */
    FIRST_ATTEMPT_DIES,
    /**
     * In every round but the first the first attempts of another shard's task, of those left, ends
     * its process: so all who began are killed, one after the other.
     */
    FIRST_ATTEMPTS_DIE,
    /** Every attempt of the last shard's task ends its process in the second round. */
    ALWAYS_DIES,
    /** A gradient of a shard takes a tenth of a second. */
    SLOW,
    /** The same, but a second and a half for the last shard in its first attempt. */
    STRAGGLER,
    /** Every attempt of the last shard throws in the second round. */
    ALWAYS_FAILS,
    /** The data of the last shard cannot be read. */
    BAD_DATA
  }

  static final String BAD_DATA = "poem.txt, line 7: byte 0xE9 is not UTF-8. Convert the file.";

  NumbersWork(int shards, int parameters, int stateSize) {
    this(shards, parameters, stateSize, Trouble.NONE, Wire.FP32);
  }

  NumbersWork with(Trouble trouble) {
    return new NumbersWork(shards, parameters, stateSize, trouble, wire);
  }

  NumbersWork with(Wire wire) {
    return new NumbersWork(shards, parameters, stateSize, trouble, wire);
  }

  @Override
  public int windows() {
    return 5;
  }

  @Override
  public int stateSize(int shard) {
    return stateSize == 0 ? 0 : stateSize + shard;
  }

  @Override
  public boolean has(Split split) {
    return split != Split.TEST;
  }

  @Override
  public Learner open(int first, int end) {
    if (trouble == Trouble.BAD_DATA && end == shards) {
      throw new InputException(BAD_DATA);
    }
    return new Host(first, end);
  }

  private final class Host implements Learner {
    private final int first;
    private final float[][] states;
    private final float[] params = new float[parameters];

    Host(int first, int end) {
      this.first = first;
      states = new float[end - first][];
      for (int s = first; s < end; s++) {
        states[s - first] = new float[stateSize(s)];
      }
    }

    @Override
    public void load(float[] from) {
      System.arraycopy(from, 0, params, 0, parameters);
    }

    @Override
    public void gradient(int shard, Window window, WeightedSum into) {
      maybeSleep(shard);
      maybeFail(shard, window);
      float[] state = states[shard - first];
      long key = RandomBits.key(shard, window.step());
      float carried = 1;
      for (int i = 0; i < state.length; i++) {
        state[i] = 0.9f * (window.index() == 0 ? 0 : state[i]) + RandomBits.uniform(key, -i - 1);
        carried += state[i];
      }
      for (int from = 0; from < parameters; from += Gradient.BLOCK) {
        if (shard % 2 == 0 || RandomBits.uniform(key, parameters + from) < 0.5f) {
          addBlock(from, key, carried, into.parts());
        }
      }
      into.add(new Loss(carried + params[0] * (shard + 0.1), shard + 1));
    }

    private void addBlock(int from, long key, float carried, Gradient into) {
      int to = Math.min(parameters, from + Gradient.BLOCK);
      into.addTo(from, to);
      for (int i = from; i < to; i++) {
        into.values()[i] += (RandomBits.uniform(key, i) - 0.5f) * carried + 0.1f * params[i];
      }
    }

    private void maybeSleep(int shard) {
      boolean straggles =
          trouble == Trouble.STRAGGLER
              && shard == shards - 1
              && (TaskContext.get() == null || TaskContext.get().attemptNumber() == 0);
      if (trouble == Trouble.SLOW || trouble == Trouble.STRAGGLER) {
        try {
          Thread.sleep(straggles ? 1500 : 100);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }

    private void maybeFail(int shard, Window window) {
      boolean last = shard == shards - 1;
      boolean firstAttempt =
          TaskContext.get() != null && TaskContext.get().attemptNumber() == 0 && window.step() == 2;
      if (trouble == Trouble.FIRST_ATTEMPT_FAILS && firstAttempt) {
        throw new IllegalStateException("out of luck");
      }
      if (trouble == Trouble.FIRST_ATTEMPT_DIES && firstAttempt && last) {
        Runtime.getRuntime().halt(9);
      }
      if (trouble == Trouble.FIRST_ATTEMPTS_DIE
          && TaskContext.get() != null
          && TaskContext.get().attemptNumber() == 0
          && shard == window.step() - 1) {
        Runtime.getRuntime().halt(9);
      }
      if (trouble == Trouble.ALWAYS_DIES && last && window.step() == 1) {
        Runtime.getRuntime().halt(9);
      }
      if (trouble == Trouble.ALWAYS_FAILS && last && window.step() == 1) {
        throw new IllegalStateException("out of luck");
      }
    }

    @Override
    public Evaluation evaluate(int shard, Split split) {
      double sum = 0;
      for (float p : params) {
        sum += p * RandomBits.uniformDouble(shard, split.ordinal());
      }
      return new Evaluation(new Loss(sum, shard + 1), new double[] {sum, shard});
    }

    @Override
    public float[] state(int shard) {
      return states[shard - first];
    }

    @Override
    public void restore(int shard, float[] state) {
      System.arraycopy(state, 0, states[shard - first], 0, stateSize(shard));
    }
  }
}
