// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Gradient;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;
import org.unroll.rnn.train.Optimizer;
import org.unroll.rnn.train.OptimizerSpec;

/**
 * A program that prints the kernels in use and, for each cell named, a digest of the parameters
 * after a short training. Run in processes of their own, to compare kernels that one process cannot
 * have side by side.
 */
public final class TrainingDigest {
  private static final int STEPS = 6;
  private static final int ROWS = 5;
  private static final int UPDATES = 20;

  private TrainingDigest() {}

  public static void main(String[] cells) throws NoSuchAlgorithmException {
    System.out.println("kernels " + Ops.describeKernels());
    for (String cell : cells) {
      System.out.println(cell + " " + digest(train(CellType.valueOf(cell))));
    }
  }

  /** Widths that leave every vector a rest; ragged windows, dropout, the state carried. */
  private static float[] train(CellType cell) {
    Network network = TestNetworks.language(45, 19, cell, 2, 21, true, 0.2, false, false);
    float[] params = Initializer.draw(network, InitSpec.PYTORCH, 1);
    Gradient gradient = new Gradient(params.length);
    float[] state = new float[network.stateSize(ROWS)];
    Optimizer optimizer =
        Optimizer.create(OptimizerSpec.of(OptimizerSpec.Kind.ADAM, 0.01), params.length);
    Pass pass = new Pass(network);
    Batch batch = Batch.ofStreams();
    for (int update = 0; update < UPDATES; update++) {
      fill(batch, update);
      gradient.clear();
      pass.load(params);
      pass.train(batch, state, null, update, gradient);
      TestNetworks.step(optimizer, params, gradient, 1f / (STEPS * ROWS), 0.01);
    }
    return params;
  }

  private static void fill(Batch batch, int update) {
    int[] lengths = new int[ROWS];
    Arrays.fill(lengths, STEPS);
    lengths[ROWS - 1] = update % STEPS;
    batch.pack(lengths, ROWS);
    for (int i = 0; i < batch.packing().positions(); i++) {
      batch.tokens(0)[i] = (int) (RandomBits.uniform(2 * update, i) * 45);
      batch.labels()[i] = (int) (RandomBits.uniform(2 * update + 1, i) * 45);
    }
  }

  private static String digest(float[] params) throws NoSuchAlgorithmException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * params.length);
    bytes.asFloatBuffer().put(params);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
  }
}
