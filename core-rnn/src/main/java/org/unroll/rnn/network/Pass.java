// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.Packing;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.CellTrace;
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
  private final Packing oneRow = new Packing();
  private Parts parts;
  private float[] params;
  private boolean backwardLoaded;
  private double ownTokens;
  private Batch batch;

  /** What the decoder wrote about the rows of the batch that was read, or null; and how. */
  private List<List<Prediction.Written>> written;

  private Search writtenBy;

  /**
   * A size is what a batch has, or may have.
   *
   * @param positions steps of all sequences together
   * @param rows sequences
   * @param characters of all distinct words together
   * @param words distinct ones
   * @param written steps of all sequences to be written together
   * @param pairs of such a step with a step of what is read
   * @param hypotheses that a search follows side by side
   */
  public record Size(
      int positions, int rows, int characters, int words, int written, int pairs, int hypotheses) {
    /** The size of a batch of no sequence. */
    public static final Size NONE = new Size(0, 0, 0, 0);

    /** Makes the size of what is read alone. */
    public Size(int positions, int rows, int characters, int words) {
      this(positions, rows, characters, words, 0, 0, 0);
    }

    /** Returns the size of windows of so many steps of so many streams. */
    public static Size ofStreams(int steps, int rows) {
      return new Size(Math.multiplyExact(steps, rows), rows, 0, 0);
    }

    static Size of(Batch batch) {
      Packing p = batch.packing();
      Packing w = batch.words() == null ? null : batch.words().packing();
      Packing out = batch.written();
      int pairs = 0;
      for (int row = 0; row < out.rows(); row++) {
        int steps = Math.multiplyExact(out.length(row), p.length(batch.sources()[row]));
        pairs = Math.addExact(pairs, steps);
      }
      return new Size(
          p.positions(),
          p.rows(),
          w == null ? 0 : w.positions(),
          w == null ? 0 : w.rows(),
          out.positions(),
          pairs,
          0);
    }

    /** Returns the size for following so many hypotheses for each sequence as well. */
    private Size searching(int beam) {
      return new Size(
          positions,
          rows,
          characters,
          words,
          written,
          Math.max(pairs, Math.multiplyExact(positions, beam)),
          Math.multiplyExact(rows, beam));
    }

    boolean holds(Size other) {
      return positions >= other.positions
          && rows >= other.rows
          && characters >= other.characters
          && words >= other.words
          && written >= other.written
          && pairs >= other.pairs
          && hypotheses >= other.hypotheses;
    }

    /** Returns what holds both, with some room where this one is too small. */
    private Size grown(Size other) {
      return new Size(
          grown(positions, other.positions),
          grown(rows, other.rows),
          grown(characters, other.characters),
          grown(words, other.words),
          grown(written, other.written),
          grown(pairs, other.pairs),
          grown(hypotheses, other.hypotheses));
    }

    private static int grown(int have, int need) {
      return need <= have ? have : (int) Math.min(Integer.MAX_VALUE, need + need / 4L);
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
    parts = new Parts(network, Size.NONE, team);
  }

  /** Returns the network that is run. */
  Network network() {
    return network;
  }

  /** Returns the bytes of the buffers for batches up to a size, without keeping any. */
  static long bytes(Network network, Size size) {
    return new Parts(network, size, new Team(1)).bytes();
  }

  /** Allocates the buffers for batches up to a size, if they are not there yet. */
  public void reserve(Size size) {
    if (!parts.size.holds(size)) {
      allocate(size);
    }
  }

  private void allocate(Size size) {
    // The old buffers go first, so that there is never room taken for both.
    parts = null;
    parts = new Parts(network, size, team);
    if (params != null) {
      parts.loadForward(params);
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
    parts.loadForward(params);
    backwardLoaded = false;
  }

  /**
   * Has a decoder read tokens of its own in training, in the place of some of those before a step
   * (scheduled sampling, Bengio et al. 2015).
   *
   * @param share of the tokens, in [0, 1]
   */
  public void readOwnTokens(double share) {
    ownTokens = share;
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
      parts.loadBackward(params);
      backwardLoaded = true;
    }
    Inputs inputs = parts.inputs;
    RnnStack encoder = parts.encoder;
    DistinctTokens distinct = inputs.forward(batch, true, RandomBits.key(dropoutKey, INPUT_SITE));
    long key = RandomBits.key(dropoutKey, ENCODER_SITE);
    if (parts.decoder != null) {
      return trainDecoder(distinct, key, dropoutKey, gradient);
    }
    encoder.forward(inputs.vectors, distinct, batch.packing(), state, true, key);
    float[] dy = parts.outputGradient;
    Loss loss = parts.head.train(encoder.output(), encoder.outputOffset(), batch, dy, gradient);
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

  /** Trains what a decoder writes about the inputs that are there. */
  private Loss trainDecoder(DistinctTokens distinct, long key, long dropoutKey, Gradient gradient) {
    Inputs inputs = parts.inputs;
    RnnStack encoder = parts.encoder;
    Decoder decoder = parts.decoder;
    parts.encode(batch, distinct, true, key);
    decoder.forward(batch, true, ownTokens, parts.head, dropoutKey);
    float[] dOut = parts.writtenGradient;
    Loss loss = parts.head.train(decoder.output(), decoder.outputOffset(), batch, dOut, gradient);
    float[] dx = inputs.wantGradient() ? inputs.gradient : null;
    float[] dy = encoder == null && dx != null ? dx : parts.outputGradient;
    Packing read = batch.packing();
    decoder.backward(dOut, new Bridge.Read(dy, 0, read, parts.stateGradient), gradient);
    if (encoder != null) {
      encoder.backward(dy, dx, parts.stateGradient, gradient);
    }
    if (dx != null) {
      inputs.backward(gradient);
    }
    return loss;
  }

  /** Makes a batch the one at work; returns whether it has anything to read. */
  private boolean take(Batch batch) {
    requireParams();
    Size size = Size.of(batch);
    if (!parts.size.holds(size)) {
      allocate(parts.size.grown(size));
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
    DistinctTokens distinct = parts.inputs.forward(batch, false, 0);
    RnnStack encoder = parts.encoder;
    Decoder decoder = parts.decoder;
    if (decoder != null) {
      parts.encode(batch, distinct, false, 0);
      decoder.forward(batch, false, 0, parts.head, 0);
      parts.head.read(decoder.output(), decoder.outputOffset(), batch);
      written = null;
      return;
    }
    encoder.forward(parts.inputs.vectors, distinct, batch.packing(), state, false, 0);
    parts.head.read(encoder.output(), encoder.outputOffset(), batch);
  }

  /** Returns the summed loss of what was read, over the targets that are known. */
  public Loss loss() {
    return parts.head.loss();
  }

  /**
   * Returns what the network says of the sequence in a row of the batch that was read; of a
   * language model the losses of the tokens.
   *
   * @param search how a decoder writes, whose sequences are told then, and how many prefixes are
   *     followed where labels are not aligned; null for no writing, and for the best label of every
   *     step
   */
  public Prediction prediction(int row, Search search) {
    Prediction said = parts.head.prediction(row, search == null ? 1 : search.beam());
    if (search == null || parts.decoder == null) {
      return said;
    }
    if (written == null || !search.equals(writtenBy)) {
      write(search);
    }
    return said.withWritten(written.get(row));
  }

  /** Has the decoder write about all rows of the batch that was read. */
  private void write(Search search) {
    Size most = Size.of(batch).searching(search.beam());
    if (!parts.size.holds(most)) {
      allocate(parts.size.grown(most));
      read(batch, null);
    }
    long[] draws = new long[batch.rows()];
    for (int row = 0; row < draws.length; row++) {
      Example example = batch.example(row);
      int tokens = Arrays.deepHashCode(example.tokens());
      draws[row] = RandomBits.key(tokens, Arrays.hashCode(example.features()));
    }
    DecoderSpec spec = network.spec().decoder();
    written = new BeamSearch(parts.decoder, parts.head, spec, search).run(draws);
    writtenBy = search;
  }

  /** Returns the encoder's outputs {@code [T, W]} of a row that was read. */
  public float[] outputs(int row) {
    Packing packing = batch.packing();
    int width = network.spec().readSize();
    float[] own = new float[packing.length(row) * width];
    for (int t = 0; t < packing.length(row); t++) {
      int from = parts.outputOffset() + (packing.at(t) + row) * width;
      System.arraycopy(parts.outputs(), from, own, t * width, width);
    }
    return own;
  }

  /**
   * Returns what the units of the encoder did over a row that was read, from the first layer on;
   * none where a decoder looks at the inputs themselves.
   */
  public List<CellTrace> traces(int row) {
    return parts.encoder == null ? List.of() : parts.encoder.traces(row);
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
    parts.inputs.embed(tokens, rows);
    RnnStack encoder = parts.encoder;
    encoder.forward(parts.inputs.vectors, null, oneStep, state, false, 0);
    parts.head.scores(encoder.output(), encoder.outputOffset(), rows, scores);
  }

  /**
   * Reads tokens of one sequence of a network over one column of tokens, without dropout, for the
   * state behind them alone: as {@link #step} would one after the other, with the same bits.
   *
   * @param tokens of which those from {@code from} on are read
   * @param state replaced by the one behind the last of them
   */
  public void skim(int[] tokens, int from, int count, float[] state) {
    requireParams();
    reserve(new Size(count, 1, 0, 0));
    oneRow.set(new int[] {count}, 1);
    parts.inputs.embed(Arrays.copyOfRange(tokens, from, from + count), count);
    parts.encoder.forward(parts.inputs.vectors, null, oneRow, state, false, 0);
  }

  /** Returns the bytes of the buffers for the largest batch so far, with all that is packed. */
  public long bytes() {
    return parts.bytes();
  }
}
