// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.math.Checks;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A text batch has a language model write many texts together, a token of each at a time, which
 * costs far less than to write them one after the other. Texts join and leave between two steps.
 * Each is as {@link Generator} writes it, to the last bit, whoever is beside it: the rows of a
 * batch do not know of each other. Not for use by two threads at a time.
 */
public final class TextBatch {
  private final Pass pass;
  private final RnnSpec rnn;
  private final int vocabulary;
  private final int vectors;
  private final int most;

  // What a step reads and gives, for all texts side by side.
  private final int[] tokens;
  private final float[] state;
  private final float[] scores;
  private final float[] logits;

  /**
   * Makes an empty batch.
   *
   * @param pass of this network, with its parameters; nobody else uses it meanwhile
   * @param most texts in a step
   * @param skimmed the most tokens that {@link #skim} reads at a time
   */
  public TextBatch(Pass pass, Network network, int most, int skimmed) {
    Checks.positive("texts", most);
    Checks.positive("tokens", skimmed);
    this.pass = pass;
    this.most = most;
    rnn = network.spec().encoder();
    vocabulary = network.spec().head().scores();
    vectors = rnn.direction().count() * rnn.cell().stateSlots();
    tokens = new int[most];
    state = new float[network.stateSize(most)];
    scores = new float[Math.multiplyExact(most, vocabulary)];
    logits = new float[vocabulary];
    // Once for all: what steps of different sizes need would take turns otherwise.
    pass.reserve(new Pass.Size(Math.max(most, skimmed), most, 0, 0));
  }

  /** A text that is read, and then written, from the model's initial state on. */
  public static final class Text {
    private final int[] prompt;
    private final Sampling.Sampler sampler;
    private final float[] state;

    /** The logits by which the last token was judged, or null where nobody asks. */
    private final float[] judged;

    private int read;
    private int written;
    private int token;
    private IllegalStateException failure;

    private Text(int[] prompt, Sampling.Sampler sampler, float[] state, float[] judged) {
      this.prompt = prompt;
      this.sampler = sampler;
      this.state = state;
      this.judged = judged;
      token = prompt[0];
    }

    /**
     * Returns how many tokens of the prompt have to be read before the one behind it is written.
     */
    public int unread() {
      return prompt.length - read;
    }

    /** Returns the last token that is known of the text: of the prompt, or written. */
    public int token() {
      return token;
    }

    /** Returns how many tokens were written. */
    public int written() {
      return written;
    }

    /** Returns why the last token could not be drawn; null if it was. */
    public IllegalStateException failure() {
      return failure;
    }

    /** Returns the logits {@code [V]} by which {@link #token} was judged, where they are kept. */
    public float[] logits() {
      return judged;
    }
  }

  /**
   * Begins a text.
   *
   * @param prompt one token or more
   * @param keepLogits whether {@link Text#logits} are wanted
   * @throws IllegalArgumentException if the prompt is empty or has an id that is not in the
   *     vocabulary
   */
  public Text begin(int[] prompt, Sampling sampling, boolean keepLogits) {
    Generator.require(prompt, vocabulary);
    float[] own = new float[state.length / most];
    pass.initialState(own, 1);
    Sampling.Sampler sampler = new Sampling.Sampler(sampling, vocabulary);
    return new Text(prompt.clone(), sampler, own, keepLogits ? new float[vocabulary] : null);
  }

  /**
   * Reads the next tokens of a prompt together, all but its last one, which {@link #step} reads.
   *
   * @param count of them at most
   * @return how many were read
   */
  public int skim(Text text, int count) {
    int n = Math.min(count, text.unread() - 1);
    if (n <= 0) {
      return 0;
    }
    pass.skim(text.prompt, text.read, n, text.state);
    text.read += n;
    text.token = text.prompt[text.read];
    return n;
  }

  /**
   * Goes one token further in each of some texts: within a prompt to its next token, behind it to
   * one that is drawn, whose random number depends on the seed and its position in the whole text
   * alone. Where the model gives no distribution for a text, as after a training that diverged,
   * that text has a {@link Text#failure} and the others go on.
   *
   * @param texts as many as the batch holds, at most
   */
  public void step(List<Text> texts) {
    int rows = texts.size();
    for (int row = 0; row < rows; row++) {
      tokens[row] = texts.get(row).token;
    }
    copyStates(texts, true);
    pass.step(tokens, rows, state, scores);
    copyStates(texts, false);
    for (int row = 0; row < rows; row++) {
      Text text = texts.get(row);
      float[] own = text.judged == null ? logits : text.judged;
      System.arraycopy(scores, row * vocabulary, own, 0, vocabulary);
      try {
        advance(text, own);
      } catch (IllegalStateException e) {
        text.failure = e;
      }
    }
  }

  private static void advance(Text text, float[] logits) {
    text.read = Math.min(text.read + 1, text.prompt.length);
    if (text.read < text.prompt.length) {
      text.token = text.prompt[text.read];
    } else {
      text.token = text.sampler.next(logits, (long) text.prompt.length + text.written);
      text.written++;
    }
  }

  /**
   * Copies the texts' own states to those of the batch {@code [layers, vectors, B, H]}, or back.
   */
  private void copyStates(List<Text> texts, boolean toBatch) {
    int rows = texts.size();
    int at = 0;
    int own = 0;
    for (int layer = 0; layer < rnn.layers(); layer++) {
      int width = rnn.hiddenSize(layer);
      for (int v = 0; v < vectors; v++, own += width) {
        for (int row = 0; row < rows; row++, at += width) {
          float[] text = texts.get(row).state;
          if (toBatch) {
            System.arraycopy(text, own, state, at, width);
          } else {
            System.arraycopy(state, at, text, own, width);
          }
        }
      }
    }
  }

  /**
   * Returns the logarithms of the probabilities that logits stand for, of a temperature of 1.
   *
   * @param logits {@code [V]}, not changed
   */
  public static double[] logProbabilities(float[] logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += StrictMath.exp(logit - max);
    }
    double total = max + StrictMath.log(sum);
    double[] all = new double[logits.length];
    Arrays.setAll(all, id -> logits[id] - total);
    return all;
  }
}
