// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.network.Prediction;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.SequenceRow;
import scala.Tuple2;

/**
 * Fits {@link Probes} by MLlib's {@link LogisticRegression} on the training walks, or on so many of
 * them, evenly spread, that a probe is fitted on some ten thousands of steps. Those are put in the
 * order of the input and into one partition, so that the sums do not depend on how the input was
 * cut into tasks.
 */
record ProbeFit(SparkSession session, ModelInHand model, State task) {
  /** The most steps that a probe is fitted on. */
  private static final long MOST_STEPS = 40_000;

  /** The most numbers that their states have together, so that one task can hold them. */
  private static final long MOST_NUMBERS = 10_000_000;

  /** The fewest walks that are taken before steps are left out of them. */
  private static final long LEAST_WALKS = 200;

  private static final int ITERATIONS = 100;

  /**
   * The penalty is small, so that weights of places that are told apart without fail stay small.
   */
  private static final double L2 = 1e-5;

  private static final String PLACE = "place";
  private static final StructType SCHEMA =
      new StructType()
          .add(PLACE, DataTypes.DoubleType, false)
          .add(Probes.STATE, SQLDataTypes.VectorType(), false)
          .add(Probes.OBSERVATION, SQLDataTypes.VectorType(), false);

  Probes on(RowSet train) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<ModelInHand> shared = spark.broadcast(model);
    JavaRDD<ProbeWalk> walks = walks(train, shared).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      Dataset<Row> steps =
          session.createDataFrame(walks.flatMap(walk -> walk.steps().iterator()), SCHEMA);
      return new Probes(fit(steps, Probes.STATE), fit(steps, Probes.OBSERVATION));
    } finally {
      walks.unpersist(true);
      shared.destroy();
    }
  }

  private JavaRDD<ProbeWalk> walks(RowSet train, Broadcast<ModelInHand> shared) {
    long most = Math.min(MOST_STEPS, MOST_NUMBERS / model.spec().encoder().outputSize());
    Spread spread = Spread.of(train.count(), train.steps(), most);
    Sampling sampling = new Sampling(task, task.placeIds(), shared, spread.everyStep());
    long everyWalk = spread.everyWalk();
    return train
        .rows()
        .zipWithIndex()
        .filter(row -> row._2() % everyWalk == 0)
        .mapPartitionsToPair(sampling::walks)
        .repartitionAndSortWithinPartitions(new HashPartitioner(1))
        .values();
  }

  private Probes.LinearProbe fit(Dataset<Row> steps, String from) {
    LogisticRegressionModel fitted =
        new LogisticRegression()
            .setFamily("multinomial")
            .setLabelCol(PLACE)
            .setFeaturesCol(from)
            .setMaxIter(ITERATIONS)
            .setRegParam(L2)
            .fit(steps);
    Matrix weights = fitted.coefficientMatrix();
    Vector biases = fitted.interceptVector();
    int width = weights.numCols();
    // Without the last places in the sample, MLlib knows nothing of them.
    float[] weight = new float[task.form().places().size() * width];
    float[] bias = new float[task.form().places().size()];
    Arrays.fill(bias, Float.NEGATIVE_INFINITY);
    for (int p = 0; p < weights.numRows(); p++) {
      bias[p] = (float) biases.apply(p);
      for (int j = 0; j < width; j++) {
        weight[p * width + j] = (float) weights.apply(p, j);
      }
    }
    return new Probes.LinearProbe(weight, bias);
  }

  /**
   * A spread says which steps are taken of many: whole walks, unless those are few and long.
   *
   * @param everyWalk of so many walks one is taken
   * @param everyStep of so many steps of such a walk one is taken
   */
  record Spread(long everyWalk, long everyStep) {
    static Spread of(long walks, long steps, long most) {
      long everyWalk = Math.min(over(steps, most), Math.max(1, walks / LEAST_WALKS));
      return new Spread(everyWalk, over(steps / everyWalk, most));
    }

    /** The quotient, rounded up. */
    private static long over(long number, long by) {
      return (number + by - 1) / by;
    }
  }

  /** Reads walks and keeps some of their steps. */
  private record Sampling(
      State task, Map<String, Integer> places, Broadcast<ModelInHand> model, long everyStep)
      implements Serializable {

    Iterator<Tuple2<Long, ProbeWalk>> walks(Iterator<Tuple2<SequenceRow, Long>> rows) {
      RowEncoder encoder = model.value().encoder();
      ModelInHand.Reading reading = model.value().reading();
      return reading.answers(
          rows,
          row -> task.toRead(row._1(), encoder),
          (row, example, said) -> new Tuple2<>(row._2(), walk(row._1(), example, said, encoder)));
    }

    private ProbeWalk walk(SequenceRow row, Example example, Prediction said, RowEncoder encoder) {
      int width = said.states().length / example.steps();
      List<Row> steps = new ArrayList<>();
      for (int t = 0; t < row.steps(); t += everyStep) {
        double place = places.get(row.stepLabels()[t]);
        Vector state = vector(said.states(), 2 * t, width);
        steps.add(RowFactory.create(place, state, observation(row, example, encoder, t)));
      }
      return new ProbeWalk(steps);
    }

    private Vector observation(SequenceRow row, Example example, RowEncoder encoder, int step) {
      if (task.form().numeric()) {
        return vector(example.features(), 2 * step, encoder.channels());
      }
      int[] id = {encoder.find(row.tokens()[0][step])};
      return Vectors.sparse(encoder.labels().size(), id, new double[] {1});
    }

    private static Vector vector(float[] values, int index, int width) {
      double[] vector = new double[width];
      Arrays.setAll(vector, j -> values[index * width + j]);
      return Vectors.dense(vector);
    }
  }

  /** The steps of a walk for a probe: a place, a state and an observation each. */
  @DefaultSerializer(JavaSerializer.class)
  record ProbeWalk(List<Row> steps) implements Serializable {}
}
