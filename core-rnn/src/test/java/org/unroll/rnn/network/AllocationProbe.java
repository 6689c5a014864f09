// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.network.InputSpec.TokenColumn;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A program that trains small networks until a pass allocates next to nothing, or long enough for
 * all code to be compiled, and prints the bytes that a pass allocates by then.
 */
public final class AllocationProbe {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 50;
  private static final int PASSES = 100;
  static final int BOUND = 1000;
  private static final DropoutSpec EVERYWHERE = new DropoutSpec(0.1, 0.1, 0.1, 0.1, 0.1, true);

  private AllocationProbe() {}

  public static void main(String[] arguments) {
    cases().forEach((name, given) -> System.out.println(name + " " + allocated(given)));
  }

  /** Returns language models of every cell, networks with every other head, and some that write. */
  static Map<String, NetworkCase> cases() {
    Map<String, NetworkCase> cases = new LinkedHashMap<>();
    for (CellType cell : CellType.values()) {
      RnnSpec rnn = RnnSpec.of(cell, 20, 20, 2).with(TestNetworks.around(0.1, false));
      NetworkSpec spec = NetworkSpec.languageModel(40, rnn, false, true, true);
      cases.put(cell.name(), new NetworkCase(spec, 12, 5, true, true, 3));
    }
    RnnSpec regular =
        TestNetworks.with(RnnSpec.of(CellType.LSTM, 20, 20, 2).with(EVERYWHERE), true, true);
    HeadSpec smoothed = new HeadSpec.Vocabulary(40, true, true, 0.1);
    NetworkSpec tied = NetworkSpec.of(InputSpec.ofTokens(40, 20), regular, null, smoothed);
    cases.put("Vocabulary", new NetworkCase(tied, 12, 5, true, true, 3));
    NetworkSpec plain = NetworkSpec.languageModel(40, regular, false, true, false);
    NetworkSpec adaptive = NetworkCase.adaptive(plain, List.of(8, 20));
    cases.put("Adaptive", new NetworkCase(adaptive, 12, 5, true, true, 3));
    List<HeadSpec> heads =
        List.of(
            new HeadSpec.Softmax(3, Target.SEQUENCE),
            new HeadSpec.Regression(2, Target.STEP),
            new HeadSpec.LinearCrf(4),
            new HeadSpec.Alignment(3));
    for (HeadSpec head : heads) {
      cases.put(head.getClass().getSimpleName(), task(head));
    }
    for (Attention.Type way : Attention.Type.values()) {
      cases.put(way.name(), writer(way));
    }
    return cases;
  }

  private static NetworkCase writer(Attention.Type way) {
    InputSpec inputs = InputSpec.ofTokens(9, 6);
    RnnSpec encoder = RnnSpec.of(CellType.LSTM, 6, 5, 2).with(Direction.BOTH).with(EVERYWHERE);
    boolean feeds = way != Attention.Type.DOT;
    int read = 6 + (feeds ? 10 : 0);
    RnnSpec layers = RnnSpec.of(CellType.LSTM, read, 10, 2).with(EVERYWHERE);
    DecoderSpec.Bridge bridge = feeds ? DecoderSpec.Bridge.LINEAR : DecoderSpec.Bridge.COPY;
    DecoderSpec decoder = new DecoderSpec(9, 2, 6, true, layers, bridge, way, feeds);
    HeadSpec head = new HeadSpec.Vocabulary(9, false, true, 0.1);
    return new NetworkCase(
        new NetworkSpec(inputs, encoder, decoder, false, null, head), 4, 6, true, false, 5);
  }

  private static NetworkCase task(HeadSpec head) {
    InputSpec inputs =
        new InputSpec(
            List.of(new TokenColumn(9, 6), new TokenColumn(4, 2)),
            2,
            new InputSpec.WordSpec(7, 3, CellType.LSTM, 4, Pooling.Type.LAST));
    RnnSpec encoder =
        TestNetworks.with(
                RnnSpec.of(CellType.LSTM, inputs.width(), 10, 2).with(Direction.BOTH), true, true)
            .with(EVERYWHERE);
    Pooling.Type pooling = head.target() == Target.SEQUENCE ? Pooling.Type.ATTENTION : null;
    NetworkSpec spec = NetworkSpec.of(inputs, encoder, pooling, head);
    return new NetworkCase(spec, 4, 6, true, false, 5);
  }

  private static long allocated(NetworkCase given) {
    Network network = new Network(given.spec());
    float[] params = given.params(network);
    Gradient gradient = new Gradient(params.length);
    float[] state = given.state(network);
    float[] stateGradient = new float[state.length];
    Batch batch = given.batch();
    Pass pass = new Pass(network);
    return leastPerPass(
        () -> {
          gradient.clear();
          pass.load(params);
          pass.train(batch, state, stateGradient, 1, gradient);
        },
        () -> {
          pass.read(batch, state);
          pass.loss();
        });
  }

  /**
   * Returns the bytes per training pass and per evaluation, the larger of both, in the best round.
   */
  public static long leastPerPass(Runnable train, Runnable evaluate) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS && least >= BOUND; round++) {
      least = Math.min(least, Math.max(perPass(train), perPass(evaluate)));
    }
    return least;
  }

  private static long perPass(Runnable pass) {
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    for (int i = 0; i < PASSES; i++) {
      pass.run();
    }
    return (THREADS.getThreadAllocatedBytes(thread) - before) / PASSES;
  }
}
