// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.train;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.unroll.rnn.network.Loss;

/**
 * Says that the numbers of a training became infinite or NaN, or that its loss exploded, and where.
 */
public final class TrainingDivergedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * The largest mean loss that is taken for training, in nats per token. A model that knows nothing
   * loses ln V, at most 22; one that is fifty times as wrong does not come back, and where the norm
   * is clipped its loss may never become infinite.
   */
  static final double LARGEST_LOSS = 1000;

  /** Tells of the last round, in which a window was computed. */
  TrainingDivergedException(
      Window window, Rounds rounds, double loss, double gradientNorm, double lr) {
    this(
        ("training diverged at step %s (epoch %s, window %s of %s): loss %s%s, gradient"
                + " norm %s, learning rate %s")
            .formatted(
                window.step() + 1,
                window.epoch() + 1,
                window.index() + 1,
                rounds.windows(),
                loss,
                where(rounds.losses()),
                gradientNorm,
                lr));
  }

  /** Tells of the validation after an epoch. */
  TrainingDivergedException(EpochMetrics epoch) {
    this(
        "training diverged: the validation loss after epoch %s is %s (learning rate %s)"
            .formatted(epoch.epoch(), epoch.watched().mean(), epoch.lr()));
  }

  private TrainingDivergedException(String message) {
    super(message);
  }

  /** Returns the same exception with more behind its message. */
  public TrainingDivergedException with(String more) {
    TrainingDivergedException extended = new TrainingDivergedException(getMessage() + more);
    extended.setStackTrace(getStackTrace());
    return extended;
  }

  /** Returns whether a loss is one to go on with. */
  static boolean isSound(Loss loss) {
    return loss.mean() <= LARGEST_LOSS;
  }

  /** Names the shards to blame: those whose own loss is unsound, else that with the largest. */
  private static String where(Map<ShardTree.Node, Loss> losses) {
    List<ShardTree.Node> scored =
        losses.keySet().stream().filter(node -> losses.get(node).weight() > 0).toList();
    List<ShardTree.Node> unsound =
        scored.stream().filter(node -> !isSound(losses.get(node))).toList();
    if (!unsound.isEmpty()) {
      String names =
          unsound.size() == scored.size() && unsound.size() > 1
              ? "all shards"
              : unsound.stream()
                  .map(TrainingDivergedException::name)
                  .collect(Collectors.joining(", "));
      return " (in " + names + ")";
    }
    return scored.stream()
        .max(Comparator.comparingDouble(node -> losses.get(node).mean()))
        .map(node -> " (largest in " + name(node) + ": " + losses.get(node).mean() + ")")
        .orElse("");
  }

  private static String name(ShardTree.Node node) {
    return node.hi() - node.lo() == 1
        ? "shard " + node.hi()
        : "shards " + (node.lo() + 1) + " to " + node.hi();
  }
}
