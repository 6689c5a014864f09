// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.GradientFlow;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;
import org.unroll.spark.report.GradientsPage;
import org.unroll.spark.report.Json;
import org.unroll.spark.task.LanguageModel;
import org.unroll.spark.task.TaskModel;

/**
 * Curves of how far a gradient comes back through time, for a language model that was trained, or
 * for Elman, GRU and LSTM networks that are made alike: the mean norm of the loss's gradient by the
 * distance between the loss and what was read.
 *
 * @param steps that a sequence has, with the loss at its end
 * @param clipNorm that the gradient of all parameters is clipped to
 */
public record GradientCurves(int steps, double clipNorm) {
  /** The sequences whose norms are averaged. */
  private static final int SEQUENCES = 16;

  /** The tokens that networks which were never trained read. */
  private static final int VOCABULARY = 50;

  private static final long TOKENS = 1;

  /**
   * Returns the curves of networks as they are before training, one of each cell.
   *
   * @param hidden units of the one layer, and the width of its input
   * @param scale multiplies the recurrent weights that were drawn
   */
  public List<GradientsPage.Curve> drawn(int hidden, double scale, long seed) {
    List<GradientsPage.Curve> curves = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      RnnSpec rnn = RnnSpec.of(cell, hidden, hidden, 1);
      Network network = new Network(NetworkSpec.languageModel(VOCABULARY, rnn, false, true, false));
      float[] params = Initializer.draw(network, InitSpec.PYTORCH, seed);
      for (Param param : network.layout().params()) {
        if (param.role() == Param.Role.RECURRENT_WEIGHT) {
          for (int i = param.offset(); i < param.end(); i++) {
            params[i] *= (float) scale;
          }
        }
      }
      int[] tokens = new int[SEQUENCES + steps];
      long key = RandomBits.key(seed, TOKENS);
      Arrays.setAll(tokens, i -> (int) (RandomBits.uniform(key, i) * VOCABULARY));
      curves.add(curve(name(cell), network, params, tokens));
    }
    return curves;
  }

  private static String name(CellType cell) {
    return switch (cell) {
      case RNN_TANH -> "Elman, tanh";
      case RNN_RELU -> "Elman, ReLU";
      case GRU, LSTM -> cell.name();
    };
  }

  /**
   * Returns the curve of a language model over a text.
   *
   * @throws InputException if it is none, or the text is too short
   */
  public GradientsPage.Curve of(String name, TaskModel model, String text) {
    if (!(model.task() instanceof LanguageModel)) {
      throw new InputException(
          ("The gradients of a language model can be followed, but the model %s is of task %s. Leave"
                  + " --model out to see those of networks that are made alike.")
              .formatted(name, model.task().name()));
    }
    int[] tokens = model.typed(text).example().tokens()[0];
    if (tokens.length <= steps) {
      throw new InputException(
          "The text has %s tokens, but more than the %s of --steps are needed: give a longer one."
              .formatted(tokens.length, steps));
    }
    return curve(name, model.saved().network(), model.saved().params(), tokens);
  }

  /** Averages over sequences that end at places of the tokens equally far from each other. */
  private GradientsPage.Curve curve(String name, Network network, float[] params, int... tokens) {
    int places = tokens.length - steps;
    int sequences = Math.min(SEQUENCES, places);
    double[] norms = new double[steps];
    double total = 0;
    for (int s = 0; s < sequences; s++) {
      int from = s * places / sequences;
      int[] labels = new int[steps];
      Arrays.fill(labels, Batch.MASKED);
      labels[steps - 1] = tokens[from + steps];
      int[] read = Arrays.copyOfRange(tokens, from, from + steps);
      GradientFlow flow =
          GradientFlow.of(network, params, Example.ofTokens("the text", read, labels));
      for (int back = 0; back < steps; back++) {
        norms[back] += flow.norms()[steps - 1 - back] / sequences;
      }
      total += flow.total() / sequences;
    }
    return new GradientsPage.Curve(name, norms, total, Math.min(total, clipNorm));
  }

  /** Returns the figures of some curves, for JSON. */
  public static List<Map<String, Object>> figures(List<GradientsPage.Curve> curves) {
    return curves.stream()
        .map(
            curve ->
                Json.fields(
                    "name", curve.name(),
                    "norms", curve.norms(),
                    "ratio", curve.ratio(),
                    "gradient_norm", curve.total(),
                    "clipped_norm", curve.clipped()))
        .toList();
  }
}
