// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.DistinctTokens;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.nn.RnnStack;

/**
 * A pass runs a network over batches, forward and backward: it holds the parameters as packed for
 * the kernels, and all buffers, which are allocated anew only when a larger batch comes than any
 * before. Not for use by two callers at a time.
 *
 * <pre>
 *   load(params)                                  whenever the parameters changed
 *   train(batch, state, ...)  -&gt; loss, gradient   forward and backward, with dropout
 *   read(batch, state)        -&gt; loss, answers    forward
 *   step(tokens, state)       -&gt; scores           one step: generation, search, serving
 * </pre>
 */
public final class Pass {
  private static final long INPUT_SITE = 1;
  private static final long ENCODER_SITE = 2;

  private final Network network;
  private final RnnSpec rnn;
  private final Team team;
  private final Packing oneStep = new Packing();
  private Buffers buffers;
  private float[] params;
  private boolean backwardLoaded;
  private Batch batch;

  /**
   * A size is what a batch has, or may have.
   *
   * @param positions steps of all sequences together
   * @param rows sequences
   * @param characters of all distinct words together
   * @param words distinct ones
   */
  public record Size(int positions, int rows, int characters, int words) {
    /** The size of a batch of no sequence. */
    public static final Size NONE = new Size(0, 0, 0, 0);

    /** Returns the size of windows of so many steps of so many streams. */
    public static Size ofStreams(int steps, int rows) {
      return new Size(Math.multiplyExact(steps, rows), rows, 0, 0);
    }

    private static Size of(Batch batch) {
      Packing p = batch.packing();
      if (batch.words() == null) {
        return new Size(p.positions(), p.rows(), 0, 0);
      }
      Packing w = batch.words().packing();
      return new Size(p.positions(), p.rows(), w.positions(), w.rows());
    }

    private boolean holds(Size other) {
      return positions >= other.positions
          && rows >= other.rows
          && characters >= other.characters
          && words >= other.words;
    }

    /** Returns what holds both, with some room where this one is too small. */
    private Size grown(Size other) {
      return new Size(
          grown(positions, other.positions),
          grown(rows, other.rows),
          grown(characters, other.characters),
          grown(words, other.words));
    }

    private static int grown(int have, int need) {
      return need <= have ? have : (int) Math.min(Integer.MAX_VALUE, need + need / 4L);
    }
  }

  /** Holds the parts of the network with their buffers for batches up to a size. */
  private static final class Buffers {
    final Size size;
    final Inputs inputs;
    final RnnStack encoder;
    final Head head;

    /** Gradients of the encoder's outputs {@code [N, W]}. */
    final float[] outputGradient;

    Buffers(Network network, Size size, Team team) {
      NetworkSpec spec = network.spec();
      this.size = size;
      inputs = new Inputs(network, size, team);
      RnnStack.Capacity capacity =
          new RnnStack.Capacity(size.positions(), size.rows(), inputs.mostDistinct());
      encoder = new RnnStack(spec.encoder(), network.layout(), Network.RNN, capacity, team);
      head = Head.of(network, capacity, team);
      int outputs = Math.multiplyExact(size.positions(), spec.encoder().outputSize());
      outputGradient = new float[outputs];
    }

    void loadForward(float[] params) {
      inputs.loadForward(params);
      encoder.loadForward(params);
      head.load(params);
    }

    long bytes() {
      return inputs.bytes() + encoder.bytes() + head.bytes() + 4L * outputGradient.length;
    }
  }

  /** Prepares for a network on one thread, before the first batch. */
  public Pass(Network network) {
    this(network, new Team(1));
  }

  /**
   * Prepares for a network, before the first batch.
   *
   * @param team the threads that do the work together, whose number changes no bit of any result
   */
  public Pass(Network network, Team team) {
    this.network = network;
    this.team = team;
    rnn = network.spec().encoder();
    buffers = new Buffers(network, Size.NONE, team);
  }

  /** Returns the bytes of the buffers for batches up to a size, without keeping any. */
  static long bytes(Network network, Size size) {
    return new Buffers(network, size, new Team(1)).bytes();
  }

  /** Allocates the buffers for batches up to a size, if they are not there yet. */
  public void reserve(Size size) {
    if (!buffers.size.holds(size)) {
      allocate(size);
    }
  }

  private void allocate(Size size) {
    // The old buffers go first, so that there is never room taken for both.
    buffers = null;
    buffers = new Buffers(network, size, team);
    if (params != null) {
      buffers.loadForward(params);
    }
    backwardLoaded = false;
  }

  /**
   * Takes the parameters as they are now; to be called before the first batch and whenever they
   * changed.
   */
  public void load(float[] params) {
    if (params.length != network.layout().size()) {
      throw new IllegalArgumentException(
          "the network has %s parameters but was given %s"
              .formatted(network.layout().size(), params.length));
    }
    this.params = params;
    buffers.loadForward(params);
    backwardLoaded = false;
  }

  /**
   * Fills the state {@code [layers, directions, slots, B, H]} of {@code rows} sequences with what
   * comes before the first step: zero, or the learned state.
   */
  public void initialState(float[] state, int rows) {
    if (!network.spec().learnedState()) {
      Arrays.fill(state, 0, network.stateSize(rows), 0f);
      return;
    }
    int from = network.layout().get(Network.INITIAL_STATE).offset();
    int at = 0;
    for (int layer = 0; layer < rnn.layers(); layer++) {
      int width = rnn.hiddenSize(layer);
      for (int v = 0; v < vectors(); v++, from += width) {
        for (int row = 0; row < rows; row++, at += width) {
          System.arraycopy(params, from, state, at, width);
        }
      }
    }
  }

  /** Returns the vectors of a layer's state of one sequence. */
  private int vectors() {
    return rnn.direction().count() * rnn.cell().stateSlots();
  }

  private void addInitialState(float[] stateGradient, int rows, Gradient into) {
    Param initial = network.layout().get(Network.INITIAL_STATE);
    into.addTo(initial.offset(), initial.end());
    int to = initial.offset();
    int at = 0;
    for (int layer = 0; layer < rnn.layers(); layer++) {
      int width = rnn.hiddenSize(layer);
      for (int v = 0; v < vectors(); v++, to += width) {
        for (int row = 0; row < rows; row++, at += width) {
          for (int j = 0; j < width; j++) {
            into.values()[to + j] += stateGradient[at + j];
          }
        }
      }
    }
  }

  /**
   * Runs forward and backward over whole sequences, with dropout.
   *
   * @param dropoutKey decides the dropout masks; the same key gives the same masks
   * @param gradient the gradient of the summed loss is added to it
   * @return the summed loss over the targets that are known
   */
  public Loss train(Batch batch, long dropoutKey, Gradient gradient) {
    return train(batch, null, null, dropoutKey, gradient);
  }

  /**
   * Runs forward and backward over windows of streams, with dropout.
   *
   * @param state before the first step, replaced by the one after the last
   * @param stateGradient scratch as large as the state where that is the network's initial one,
   *     which gets its gradient if it is learned; otherwise null
   */
  public Loss train(
      Batch batch, float[] state, float[] stateGradient, long dropoutKey, Gradient gradient) {
    if (!take(batch)) {
      return Loss.ZERO;
    }
    if (!backwardLoaded) {
      buffers.inputs.loadBackward(params);
      buffers.encoder.loadBackward(params);
      backwardLoaded = true;
    }
    Inputs inputs = buffers.inputs;
    RnnStack encoder = buffers.encoder;
    DistinctTokens distinct = inputs.forward(batch, true, RandomBits.key(dropoutKey, INPUT_SITE));
    long key = RandomBits.key(dropoutKey, ENCODER_SITE);
    encoder.forward(inputs.vectors, distinct, batch.packing(), state, true, key);
    float[] dy = buffers.outputGradient;
    Loss loss = buffers.head.train(encoder.output(), encoder.outputOffset(), batch, dy, gradient);
    boolean learnsState = stateGradient != null && network.spec().learnedState();
    if (learnsState) {
      Arrays.fill(stateGradient, 0, network.stateSize(batch.rows()), 0f);
    }
    float[] dx = inputs.wantGradient() ? inputs.gradient : null;
    encoder.backward(dy, dx, learnsState ? stateGradient : null, gradient);
    if (dx != null) {
      inputs.backward(gradient);
    }
    if (learnsState) {
      addInitialState(stateGradient, batch.rows(), gradient);
    }
    return loss;
  }

  /** Makes a batch the one at work; returns whether it has anything to read. */
  private boolean take(Batch batch) {
    requireParams();
    Size size = Size.of(batch);
    if (!buffers.size.holds(size)) {
      allocate(buffers.size.grown(size));
    }
    this.batch = batch;
    return batch.rows() > 0;
  }

  private void requireParams() {
    if (params == null) {
      throw new IllegalStateException("no parameters were loaded before the first pass");
    }
  }

  /**
   * Runs forward over a batch without dropout. {@link #loss}, {@link #prediction} and {@link
   * #outputs} tell what came out.
   *
   * @param state before the first step, replaced by the one after the last; null for zeros and
   *     nobody who wants it
   */
  public void read(Batch batch, float[] state) {
    take(batch);
    DistinctTokens distinct = buffers.inputs.forward(batch, false, 0);
    RnnStack encoder = buffers.encoder;
    encoder.forward(buffers.inputs.vectors, distinct, batch.packing(), state, false, 0);
    buffers.head.read(encoder.output(), encoder.outputOffset(), batch);
  }

  /** Returns the summed loss of what was read, over the targets that are known. */
  public Loss loss() {
    return buffers.head.loss();
  }

  /**
   * Returns what the network says of the sequence in a row of the batch that was read; of a
   * language model the losses of the tokens.
   *
   * @param beam how many prefixes are followed where labels are not aligned, 1 for the best label
   *     of every step
   */
  public Prediction prediction(int row, int beam) {
    return buffers.head.prediction(row, beam);
  }

  /** Returns the encoder's outputs {@code [T, W]} of a row that was read. */
  public float[] outputs(int row) {
    Packing packing = batch.packing();
    int width = rnn.outputSize();
    float[] own = new float[packing.length(row) * width];
    for (int t = 0; t < packing.length(row); t++) {
      int from = buffers.encoder.outputOffset() + (packing.at(t) + row) * width;
      System.arraycopy(buffers.encoder.output(), from, own, t * width, width);
    }
    return own;
  }

  /**
   * Runs one step of a network over one column of tokens without dropout.
   *
   * @param tokens of the rows {@code [B]}
   * @param state replaced by the one after the step
   * @param scores set to the scores {@code [B, C]}, which for a language model are logits
   */
  public void step(int[] tokens, int rows, float[] state, float[] scores) {
    requireParams();
    reserve(new Size(rows, rows, 0, 0));
    oneStep.setOneStep(rows);
    buffers.inputs.embed(tokens, rows);
    RnnStack encoder = buffers.encoder;
    encoder.forward(buffers.inputs.vectors, null, oneStep, state, false, 0);
    buffers.head.scores(encoder.output(), encoder.outputOffset(), rows, scores);
  }

  /** Returns the bytes of the buffers for the largest batch so far, with all that is packed. */
  public long bytes() {
    return buffers.bytes();
  }
}
