// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Arrays;
import java.util.List;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.nn.Param;

/**
 * Parameters of a network over more tokens and labels, which begins as the one before: what that
 * knows, it says as before, but for the normalisation over what is new.
 *
 * <p>Tokens and labels keep their ids and new ones follow, so that every matrix before is the upper
 * left corner of the one behind; an adaptive softmax has new tokens in its last cluster, and the
 * blank of an alignment stays the first of its scores.
 *
 * @param before the network whose parameters there are
 * @param after the same network over more
 */
public record ParamGrowth(Network before, Network after) {
  /** The ways to begin with what is new. */
  public enum NewRows {
    /** It is drawn as a new network draws it. */
    DRAWN,
    /** It is the mean of what was there. */
    AVERAGED
  }

  /**
   * Describes how the networks are different in something else than their tokens and labels, with
   * both sides, in a phrase.
   *
   * @return null if they are not
   */
  public String differenceOrNull() {
    Network sized;
    try {
      sized = new Network(before.spec().withSizesOf(after.spec()));
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
    for (Param there : sized.layout().params()) {
      if (!after.layout().contains(there.name())) {
        return "there is %s %s, which is not here".formatted(there.name(), there.shape());
      }
      Param here = after.layout().get(there.name());
      if (!here.shape().equals(there.shape())) {
        return "%s is %s there and %s here".formatted(here.name(), there.shape(), here.shape());
      }
    }
    return after.layout().params().stream()
        .filter(here -> !sized.layout().contains(here.name()))
        .findFirst()
        .map(here -> "here is %s %s, which is not there".formatted(here.name(), here.shape()))
        .orElse(null);
  }

  /**
   * Returns the parameters of the network behind.
   *
   * @param params of the one before
   * @param rows how the new ones begin
   * @param init how a new network is drawn, with the seed
   */
  public float[] grow(float[] params, NewRows rows, InitSpec init, long seed) {
    float[] grown = Initializer.draw(after, init, seed);
    for (Param to : after.layout().params()) {
      Param from = before.layout().get(to.name());
      if (from.shape().equals(to.shape())) {
        System.arraycopy(params, from.offset(), grown, to.offset(), to.size());
      } else {
        if (rows == NewRows.AVERAGED) {
          average(params, from, grown, to);
        }
        for (int i = 0; i < from.shape().get(0); i++) {
          int columns = columns(from);
          int at = to.offset() + i * columns(to);
          System.arraycopy(params, from.offset() + i * columns, grown, at, columns);
        }
      }
    }
    return grown;
  }

  /** Fills a matrix with means of its columns, of its rows, and of all. */
  private void average(float[] params, Param from, float[] grown, Param to) {
    int rows = from.shape().get(0);
    int columns = columns(from);
    // The blank of an alignment is like no label.
    int first = after.spec().head() instanceof HeadSpec.Alignment && isOutput(to) ? 1 : 0;
    double[] ofColumns = new double[columns];
    double[] ofRows = new double[rows];
    for (int i = first; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        float value = params[from.offset() + i * columns + j];
        ofColumns[j] += value / (rows - first);
        ofRows[i] += value / columns;
      }
    }
    double ofAll = Arrays.stream(ofColumns).sum() / columns;
    for (int i = 0; i < to.shape().get(0); i++) {
      for (int j = 0; j < columns(to); j++) {
        double mean = j < columns ? ofColumns[j] : i < rows ? ofRows[i] : ofAll;
        grown[to.offset() + i * columns(to) + j] = (float) mean;
      }
    }
  }

  private static boolean isOutput(Param param) {
    return List.of(Network.DECODER, Network.DECODER_BIAS).contains(param.name());
  }

  private static int columns(Param param) {
    return param.size() / param.shape().get(0);
  }
}
