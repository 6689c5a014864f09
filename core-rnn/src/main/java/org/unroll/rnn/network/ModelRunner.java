// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.math.Team;
import org.unroll.rnn.nn.DistinctTokens;
import org.unroll.rnn.nn.Dropout;
import org.unroll.rnn.nn.Embedding;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;
import org.unroll.rnn.nn.RnnStack;
import org.unroll.rnn.nn.SoftmaxHead;

/**
 * Forward and backward passes of a model: the parameters as packed for the kernels, and all buffers
 * for windows up to a size, allocated once. Not for use by two callers at a time.
 */
public final class ModelRunner {
  private static final long EMBEDDING_SITE = 1;
  private static final long STACK_SITE = 2;
  private static final long OUTPUT_SITE = 3;

  private final SequenceModel model;
  private final ModelSpec spec;
  private final int maxSteps;
  private final int maxRows;
  private final Param embedding;
  private final RnnStack rnn;
  private final SoftmaxHead head;

  /** For embedding every token of a window once; null with dropout, which tells them apart. */
  private final DistinctTokens tokens;

  private final boolean embeddingIsFrozen;
  private final Dropout embeddingDropout;
  private final Dropout outputDropout;

  /** Embedded tokens {@code [T, B, E]}, or every one once {@code [U, E]}; and their gradient. */
  private final float[] embedded;

  private final float[] embeddedGradient;

  /** With dropout, the outputs {@code [T, B, H]} that the head reads. */
  private final float[] droppedOutput;

  private final float[] outputGradient;
  private final float[] stateGradient;
  private float[] params;
  private boolean backwardLoaded;

  /** Prepares for windows of at most {@code maxSteps} x {@code maxRows}, on one thread. */
  public ModelRunner(SequenceModel model, int maxSteps, int maxRows) {
    this(model, maxSteps, maxRows, new Team(1));
  }

  /**
   * As {@link #ModelRunner(SequenceModel, int, int)} on several threads, whose number changes no
   * bit of any result.
   */
  public ModelRunner(SequenceModel model, int maxSteps, int maxRows, Team team) {
    this(model, maxSteps, maxRows, team, false);
  }

  /**
   * As {@link #ModelRunner(SequenceModel, int, int, Team)}.
   *
   * @param embeddingIsFrozen whether the embedding gets no gradient
   */
  public ModelRunner(
      SequenceModel model, int maxSteps, int maxRows, Team team, boolean embeddingIsFrozen) {
    this.embeddingIsFrozen = embeddingIsFrozen;
    this.model = model;
    this.spec = model.spec();
    this.maxSteps = maxSteps;
    this.maxRows = maxRows;
    ParamLayout layout = model.layout();
    int positions = Math.multiplyExact(maxSteps, maxRows);
    int outputs = Math.multiplyExact(positions, spec.hidden());
    embedding = layout.get(SequenceModel.EMBEDDING);
    boolean byToken = spec.dropout() == 0;
    tokens = byToken ? new DistinctTokens(spec.vocabulary(), positions) : null;
    int vocabulary = byToken ? spec.vocabulary() : 0;
    rnn = new RnnStack(spec.rnn(), layout, SequenceModel.RNN, maxSteps, maxRows, vocabulary, team);
    Param decoder = spec.tied() ? embedding : layout.get(SequenceModel.DECODER);
    Param bias = spec.bias() ? layout.get(SequenceModel.DECODER_BIAS) : null;
    head = new SoftmaxHead(decoder, bias, positions, team);
    embedded = new float[Math.multiplyExact(positions, spec.embedding())];
    embeddedGradient = new float[embedded.length];
    outputGradient = new float[outputs];
    stateGradient = new float[model.stateSize(maxRows)];
    embeddingDropout = new Dropout(spec.dropout(), embedded.length);
    outputDropout = new Dropout(spec.dropout(), outputs);
    droppedOutput = new float[spec.dropout() > 0 ? outputs : 0];
  }

  /**
   * Takes the parameters as they are now; to be called before the first pass and whenever they
   * changed.
   */
  public void setParams(float[] params) {
    if (params.length != model.layout().size()) {
      throw new IllegalArgumentException(
          "the model has " + model.layout().size() + " parameters but was given " + params.length);
    }
    this.params = params;
    rnn.loadForward(params);
    head.load(params);
    backwardLoaded = false;
  }

  /**
   * Fills the state of {@code rows} sequences with what comes before the first step: zero, or the
   * learned state.
   */
  public void initialState(float[] state, int rows) {
    if (!spec.learnedState()) {
      Arrays.fill(state, 0, model.stateSize(rows), 0f);
      return;
    }
    int from = model.layout().get(SequenceModel.INITIAL_STATE).offset();
    int vectors = model.stateSize(rows) / spec.hidden();
    for (int v = 0; v < vectors; v++) {
      int slot = v / rows;
      System.arraycopy(
          params, from + slot * spec.hidden(), state, v * spec.hidden(), spec.hidden());
    }
  }

  /**
   * Forward and backward over a window, with dropout.
   *
   * @param state {@code [layers, slots, B, H]}: before the first step, replaced by the one after
   *     the last
   * @param fromInitial whether {@code state} is the model's initial state, so that a learned one
   *     receives its gradient
   * @param dropoutKey decides the dropout masks; the same key gives the same masks
   * @param gradient the gradient of the summed loss is added to it
   * @return the summed loss over the targets that are not masked
   */
  public Loss train(
      Batch batch, float[] state, boolean fromInitial, long dropoutKey, Gradient gradient) {
    if (isEmpty(batch)) {
      return Loss.ZERO;
    }
    if (!backwardLoaded) {
      rnn.loadBackward(params);
      backwardLoaded = true;
    }
    int positions = batch.steps() * batch.rows();
    DistinctTokens distinct = embed(batch);
    if (embeddingDropout.isOn()) {
      int n = positions * spec.embedding();
      embeddingDropout.draw(RandomBits.key(dropoutKey, EMBEDDING_SITE), n);
      embeddingDropout.apply(embedded, 0, n);
    }
    rnn.forwardTraining(
        embedded,
        distinct,
        batch.steps(),
        batch.rows(),
        lengths(batch),
        state,
        RandomBits.key(dropoutKey, STACK_SITE));
    double loss = trainHead(batch, positions, dropoutKey, gradient);
    backward(batch, distinct, fromInitial, gradient);
    return new Loss(loss, scored(batch));
  }

  private double trainHead(Batch batch, int positions, long dropoutKey, Gradient gradient) {
    float[] output = rnn.output();
    int offset = rnn.outputOffset();
    int n = positions * spec.hidden();
    if (outputDropout.isOn()) {
      outputDropout.draw(RandomBits.key(dropoutKey, OUTPUT_SITE), n);
      System.arraycopy(output, offset, droppedOutput, 0, n);
      outputDropout.apply(droppedOutput, 0, n);
      output = droppedOutput;
      offset = 0;
    }
    double loss = head.train(output, offset, batch.targets(), positions, outputGradient, gradient);
    if (outputDropout.isOn()) {
      outputDropout.apply(outputGradient, 0, n);
    }
    return loss;
  }

  private void backward(
      Batch batch, DistinctTokens distinct, boolean fromInitial, Gradient gradient) {
    Arrays.fill(stateGradient, 0, model.stateSize(batch.rows()), 0f);
    rnn.backward(outputGradient, embeddedGradient, stateGradient, gradient);
    if (!embeddingIsFrozen) {
      addEmbedding(batch, distinct, gradient);
    }
    if (fromInitial && spec.learnedState()) {
      addInitialState(batch.rows(), gradient);
    }
  }

  private void addEmbedding(Batch batch, DistinctTokens distinct, Gradient gradient) {
    int n = distinct == null ? batch.steps() * batch.rows() : distinct.count();
    if (embeddingDropout.isOn()) {
      embeddingDropout.apply(embeddedGradient, 0, n * spec.embedding());
    }
    int[] ids = distinct == null ? batch.inputs() : distinct.ids();
    Embedding.backward(embeddedGradient, embedding, ids, n, gradient);
  }

  private void addInitialState(int rows, Gradient gradient) {
    Param initial = model.layout().get(SequenceModel.INITIAL_STATE);
    gradient.addTo(initial.offset(), initial.end());
    int vectors = model.stateSize(rows) / spec.hidden();
    for (int v = 0; v < vectors; v++) {
      int slot = initial.offset() + v / rows * spec.hidden();
      for (int j = 0; j < spec.hidden(); j++) {
        gradient.values()[slot + j] += stateGradient[v * spec.hidden() + j];
      }
    }
  }

  /**
   * Forward without dropout: the summed loss of a window; the state is replaced by the one after
   * it.
   */
  public Loss evaluate(Batch batch, float[] state) {
    if (isEmpty(batch)) {
      return Loss.ZERO;
    }
    DistinctTokens distinct = embed(batch);
    rnn.forward(embedded, distinct, batch.steps(), batch.rows(), lengths(batch), state);
    int positions = batch.steps() * batch.rows();
    double loss = head.evaluate(rnn.output(), rnn.outputOffset(), batch.targets(), positions);
    return new Loss(loss, scored(batch));
  }

  /**
   * One step without dropout: the logits {@code [B, V]} after the inputs {@code [B]}; the state is
   * replaced.
   */
  public void step(int[] inputs, int rows, float[] state, float[] logits) {
    checkFits(1, rows);
    Embedding.forward(params, embedding, inputs, rows, embedded);
    rnn.forward(embedded, null, 1, rows, null, state);
    head.logits(rnn.output(), rnn.outputOffset(), rows, logits);
  }

  /** Bytes of this runner's buffers, all that training packs among them; known at construction. */
  public long bytes() {
    return rnn.bytes()
        + (tokens == null ? 0 : tokens.bytes())
        + head.bytes()
        + embeddingDropout.bytes()
        + outputDropout.bytes()
        + 4L
            * (2L * embedded.length
                + outputGradient.length
                + droppedOutput.length
                + stateGradient.length);
  }

  private boolean isEmpty(Batch batch) {
    checkFits(batch.steps(), batch.rows());
    return batch.steps() == 0 || batch.rows() == 0;
  }

  private void checkFits(int steps, int rows) {
    if (params == null) {
      throw new IllegalStateException("no parameters were set before the first pass");
    }
    if (steps > maxSteps || rows > maxRows) {
      throw new IllegalArgumentException(
          "a window of %d steps x %d rows does not fit buffers for %d x %d"
              .formatted(steps, rows, maxSteps, maxRows));
    }
  }

  /** Embeds the inputs; returns their tokens if every one was embedded once, else null. */
  private DistinctTokens embed(Batch batch) {
    int n = batch.steps() * batch.rows();
    boolean once = tokens != null && tokens.collect(batch.inputs(), n);
    if (once) {
      Embedding.forward(params, embedding, tokens.ids(), tokens.count(), embedded);
    } else {
      Embedding.forward(params, embedding, batch.inputs(), n, embedded);
    }
    return once ? tokens : null;
  }

  private static int[] lengths(Batch batch) {
    return batch.isFull() ? null : batch.lengths();
  }

  private static int scored(Batch batch) {
    int positions = batch.steps() * batch.rows();
    int scored = 0;
    for (int i = 0; i < positions; i++) {
      if (batch.targets()[i] >= 0) {
        scored++;
      }
    }
    return scored;
  }
}
