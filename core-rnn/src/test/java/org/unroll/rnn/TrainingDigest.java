// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.ModelRunner;
import org.unroll.rnn.network.ModelSpec;
import org.unroll.rnn.network.SequenceModel;
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
    SequenceModel model =
        new SequenceModel(new ModelSpec(45, 19, cell, 2, 21, true, 0.2, false, false));
    float[] params = Initializer.draw(model, InitSpec.PYTORCH, 1);
    Gradient gradient = new Gradient(params.length);
    float[] state = new float[model.stateSize(ROWS)];
    Optimizer optimizer =
        Optimizer.create(OptimizerSpec.of(OptimizerSpec.Kind.ADAM, 0.01), params.length);
    ModelRunner runner = new ModelRunner(model, STEPS, ROWS);
    Batch batch = new Batch();
    for (int update = 0; update < UPDATES; update++) {
      fill(batch, update);
      gradient.clear();
      runner.setParams(params);
      runner.train(batch, state, false, update, gradient);
      optimizer.step(params, gradient, 1f / (STEPS * ROWS), 0.01);
    }
    return params;
  }

  private static void fill(Batch batch, int update) {
    batch.reshape(STEPS, ROWS);
    for (int i = 0; i < STEPS * ROWS; i++) {
      batch.inputs()[i] = (int) (RandomBits.uniform(2 * update, i) * 45);
      batch.targets()[i] = (int) (RandomBits.uniform(2 * update + 1, i) * 45);
    }
    int row = update % ROWS;
    batch.lengths()[row] = update % STEPS;
    for (int t = update % STEPS; t < STEPS; t++) {
      batch.targets()[t * ROWS + row] = Batch.MASKED;
    }
  }

  private static String digest(float[] params) throws NoSuchAlgorithmException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * params.length);
    bytes.asFloatBuffer().put(params);
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
  }
}
