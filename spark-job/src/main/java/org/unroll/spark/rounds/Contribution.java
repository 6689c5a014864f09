// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.unroll.rnn.network.Loss;
import org.unroll.rnn.train.Evaluation;
import org.unroll.rnn.train.ShardTree;
import org.unroll.rnn.train.WeightedSum;
import org.unroll.rnn.train.Wire;
import org.unroll.rnn.train.WorkerTimes;

/**
 * A contribution is what a worker answers to a {@link Command}. The arrays belong to whoever made
 * the contribution, and are lent to the driver until the next command.
 *
 * @param round the exchange it belongs to
 * @param share what it is without sums and states
 * @param sums TRAIN: the sums of the worker's nodes of the canonical tree, where they are handed
 *     over by reference; otherwise empty
 * @param states TRAIN: the states of the worker's shards behind the window; otherwise empty
 */
record Contribution(long round, Share share, List<WeightedSum> sums, List<float[]> states) {
  /**
   * The contribution of one worker without its sums, which are added to others'.
   *
   * @param member its number in its process
   * @param times that it took; only reported
   * @param parts TRAIN: the losses of the worker's nodes of the canonical tree; EVALUATE: the
   *     evaluations of its shards
   */
  record Share(int member, int worker, WorkerTimes times, List<Evaluation> parts) {
    /** Returns the same share as that of a member. */
    Share of(int member) {
      return new Share(member, worker, times, parts);
    }

    private int bytes() {
      return 48 + parts.stream().mapToInt(part -> 20 + 8 * part.sums().length).sum();
    }

    private void write(ByteBuffer out) {
      out.putInt(member).putInt(worker);
      out.putLong(times.compute()).putInt(times.slowestShard()).putLong(times.slowest());
      out.putLong(times.encode()).putLong(times.sum());
      out.putInt(parts.size());
      for (Evaluation part : parts) {
        putLoss(part.loss(), out).putInt(part.sums().length);
        for (double sum : part.sums()) {
          out.putDouble(sum);
        }
      }
    }

    private static Share read(ByteBuffer in) {
      int member = in.getInt();
      int worker = in.getInt();
      WorkerTimes times =
          new WorkerTimes(in.getLong(), in.getInt(), in.getLong(), in.getLong(), in.getLong());
      List<Evaluation> parts = new ArrayList<>();
      for (int n = in.getInt(); n > 0; n--) {
        Loss loss = readLoss(in);
        double[] sums = new double[Messages.count(in, Double.BYTES, "sums of a metric")];
        Arrays.setAll(sums, i -> in.getDouble());
        parts.add(new Evaluation(loss, sums));
      }
      return new Share(member, worker, times, parts);
    }
  }

  /**
   * The sum of a node without its floats, and which of them count.
   *
   * @param runs of the whole vector, within the span of the message
   */
  record NodeSum(ShardTree.Node node, Loss loss, int[] runs) {}

  private static ByteBuffer putLoss(Loss loss, ByteBuffer out) {
    return out.putDouble(loss.sum()).putDouble(loss.weight());
  }

  private static Loss readLoss(ByteBuffer in) {
    return new Loss(in.getDouble(), in.getDouble());
  }

  /**
   * A message holds what the members of a process contribute together, without the floats that
   * follow it: those of the sums, then the states of the members in the order of their shares. In a
   * round that executors share, a process sends its sums to their owners span by span, without
   * shares; its shares to the driver, whose span is then empty; and the total over the span that it
   * owns to the driver, as the sum of the root, without shares.
   *
   * @param span the elements of the sums that follow
   * @param sums TRAIN: of the nodes to which the members' sums add up; EVALUATE: empty
   * @param link the slowest link over which an owner's span came in, of a total; otherwise none
   */
  record Message(long round, Span span, List<Share> shares, List<NodeSum> sums, LinkTime link) {
    Message(long round, Span span, List<Share> shares, List<NodeSum> sums) {
      this(round, span, shares, sums, LinkTime.NONE);
    }

    /** Returns the same message with what the process of the members did. */
    Message with(long encode, long sum) {
      return new Message(
          round,
          span,
          shares.stream()
              .map(s -> new Share(s.member, s.worker, s.times.with(encode, sum), s.parts))
              .toList(),
          sums,
          link);
    }

    ByteBuffer write() {
      int bytes =
          24
              + link.bytes()
              + shares.stream().mapToInt(Share::bytes).sum()
              + sums.stream().mapToInt(sum -> 28 + 4 * sum.runs.length).sum();
      ByteBuffer out = Messages.allocate(Messages.CONTRIBUTION, bytes).putLong(round);
      link.write(span.write(out)).putInt(shares.size());
      shares.forEach(share -> share.write(out));
      out.putInt(sums.size());
      for (NodeSum sum : sums) {
        out.putInt(sum.node.lo()).putInt(sum.node.hi());
        Runs.write(sum.runs, putLoss(sum.loss, out));
      }
      return out.flip();
    }

    /** Reads what {@link #write} wrote, behind the kind of the message. */
    static Message read(ByteBuffer in) {
      long round = in.getLong();
      Span span = Span.read(in);
      LinkTime link = LinkTime.read(in);
      List<Share> shares = new ArrayList<>();
      for (int n = in.getInt(); n > 0; n--) {
        shares.add(Share.read(in));
      }
      List<NodeSum> sums = new ArrayList<>();
      for (int n = in.getInt(); n > 0; n--) {
        ShardTree.Node node = new ShardTree.Node(in.getInt(), in.getInt());
        sums.add(new NodeSum(node, readLoss(in), Runs.read(in)));
      }
      return new Message(round, span, shares, sums, link);
    }

    /**
     * Returns what takes the floats of this message: sums go to a tree, each slice as soon as it is
     * full.
     *
     * @param tree of the whole vector, or of this span
     * @param first the position of its first element
     * @param states gives the arrays to which the states of a member go
     * @throws RuntimeException if the message is none that the plan allows
     */
    Segment.Decoder decoder(
        WorkerPlan plan, ShardTree tree, int first, Function<Share, List<float[]>> states) {
      if (span.from() % tree.sliceSize() != first % tree.sliceSize()
          || span.to() > first + tree.size()) {
        throw new IllegalStateException(
            "%s is no span of the %s elements from %s on".formatted(span, tree.size(), first));
      }
      List<Iterator<Segment>> floats = new ArrayList<>();
      for (NodeSum sum : sums) {
        Runs.require(sum.runs, span);
        floats.add(new IncomingSum(tree, first, round, span, sum, plan.wire(sum.node)));
      }
      for (Share share : shares) {
        boolean trained = !sums.isEmpty();
        if (trained) {
          floats.add(Segment.of(states.apply(share)).iterator());
        }
        int parts = trained ? plan.nodes(share.worker).size() : plan.shards(share.worker);
        if (share.parts.size() != parts) {
          throw new IllegalStateException(
              "it sent " + share.parts.size() + " evaluations instead of " + parts);
        }
      }
      return new Segment.Decoder(floats);
    }
  }

  /**
   * The sum of a node on its way in: gives the segments to be filled, and adds each slice to the
   * tree as soon as it is full.
   */
  private static final class IncomingSum implements Iterator<Segment> {
    private final ShardTree tree;
    private final int first;
    private final long round;
    private final NodeSum sum;
    private final Wire wire;
    private final int slices;
    private int run;
    private int at;
    private int index;
    private WeightedSum slice;

    IncomingSum(ShardTree tree, int first, long round, Span span, NodeSum sum, Wire wire) {
      this.tree = tree;
      this.first = first;
      this.round = round;
      this.sum = sum;
      this.wire = wire;
      index = (span.from() - first) / tree.sliceSize();
      slices = (span.to() - first + tree.sliceSize() - 1) / tree.sliceSize();
      at = sum.runs.length == 0 ? 0 : sum.runs[0];
    }

    /** Returns whether there is another segment; what was given before is full. */
    @Override
    public boolean hasNext() {
      while (index < slices) {
        if (run < sum.runs.length && at < end()) {
          return true;
        }
        WeightedSum full = slice();
        slice = null;
        if (index == 0) {
          full.add(sum.loss);
        }
        tree.add(round, sum.node, index++, full);
      }
      return false;
    }

    private WeightedSum slice() {
      if (slice == null) {
        slice = tree.take(index);
      }
      return slice;
    }

    private int start() {
      return first + index * tree.sliceSize();
    }

    private long end() {
      return first + (index + 1L) * tree.sliceSize();
    }

    @Override
    public Segment next() {
      int from = at - start();
      int to = (int) Math.min(sum.runs[run + 1], end()) - start();
      slice().parts().wrote(from, to);
      at = start() + to;
      if (at == sum.runs[run + 1]) {
        run += 2;
        at = run < sum.runs.length ? sum.runs[run] : at;
      }
      return new Segment(slice().parts().values(), from, to, wire);
    }
  }
}
