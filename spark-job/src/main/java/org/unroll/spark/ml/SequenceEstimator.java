// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cli.Cli;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.task.TrainJob;
import org.unroll.spark.task.TrainRequest;

/**
 * An estimator that learns from a column of sequences. It says what its params say in the options
 * of the command {@code train}, and the job of that command trains: the same rows in the same order
 * with the same settings give the same bits, on any number of workers.
 *
 * @param <E> the estimator itself
 * @param <M> the model that it makes
 */
public abstract class SequenceEstimator<
        E extends SequenceEstimator<E, M>, M extends SequenceModel<M>>
    extends Estimator<M> implements TrainingParams<E>, DefaultParamsWritable {
  /** What a name of files cannot be, so that nothing else is meant. */
  static final String ROWS = "frame:rows";

  static final String HELD_OUT = "frame:validation";

  /** What this session, and what params say. */
  private static final Set<String> ANSWERED =
      Set.of(
          "--task",
          "--input",
          "--text",
          "--features",
          "--label",
          "--id",
          "--format",
          "--columns",
          "--header",
          "--no-header",
          "--valid",
          "--test",
          "--target",
          "--out",
          "--overwrite",
          "--master",
          "--conf",
          "--threads",
          "--json");

  /**
   * A training that has some of the slots that it needs would wait for ever for one that has the
   * others, as in a cross-validation that fits two models at once: they take turns.
   */
  private static final ReentrantLock TURN = new ReentrantLock(true);

  private final String uid;
  private final Declared declared;

  /**
   * Makes an estimator.
   *
   * @param params that it has
   */
  SequenceEstimator(String uid, Set<Declaration> params) {
    this.uid = uid;
    this.declared = new Declared(this, params);
  }

  @Override
  public String uid() {
    return uid;
  }

  @Override
  public Param<?>[] params() {
    return declared.all();
  }

  /** Returns the task as {@code train --task} has it. */
  abstract String task();

  /** Returns the model of a training. */
  abstract M model(ModelContent content, StructType schema);

  /** Returns the name of the column that is learnt, or null if the input is all there is. */
  String labelColOrNull() {
    return Declared.valueOrNull(this, "labelCol");
  }

  /** Returns the column that is learnt as the training reads it. */
  Column label(StructType schema, Column column) {
    return column;
  }

  /**
   * Returns the columns that the model will add.
   *
   * @throws InputException if the label cannot be learnt
   */
  abstract StructType predicted(StructType schema);

  /** Checks the column that is read. */
  void requireInput(StructType schema) {
    Columns.requireInput(schema, Declared.valueOrNull(this, "inputCol"));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    requireInput(schema);
    String label = labelColOrNull();
    if (label != null) {
      Columns.require(schema, label, "labelCol");
    }
    String indicator = indicatorOrNull();
    if (indicator != null
        && !(Columns.require(schema, indicator, "validationIndicatorCol").dataType()
            instanceof BooleanType)) {
      throw new InputException(
          "The column '%s' (validationIndicatorCol) is of type %s, but it must be boolean."
              .formatted(indicator, schema.apply(indicator).dataType().simpleString()));
    }
    return Columns.plus(schema, predicted(schema));
  }

  private String indicatorOrNull() {
    return Declared.valueOrNull(this, "validationIndicatorCol");
  }

  /**
   * Trains a model.
   *
   * @throws InputException if params or rows cannot be used, saying why
   */
  @Override
  public M fit(Dataset<?> dataset) {
    transformSchema(dataset.schema());
    TURN.lock();
    try (WorkFolder work = WorkFolder.make(Declared.valueOrNull(this, "workDir"))) {
      List<String> options = options(dataset.toDF(), work);
      TrainRequest request = request(Cli.training(options), dataset.toDF());
      new TrainJob(dataset.sparkSession(), request, terminal()).run();
      M model = model(ModelContent.read(work.model()), dataset.schema());
      model.setParent(this);
      return copyValues(model, ParamMap.empty());
    } catch (InputException e) {
      throw new InputException(declared.inWords(e.getMessage()), e);
    } finally {
      TURN.unlock();
    }
  }

  /** Returns the options of {@code train} that say what the params say. */
  private List<String> options(Dataset<Row> frame, WorkFolder work) {
    List<String> options = new ArrayList<>(List.of("--task", task()));
    options.addAll(input(frame, work));
    // What would outlive this driver is not looked for by another.
    options.addAll(List.of("--out", work.model(), "--checkpoint-every", "0"));
    options.addAll(declared.options(this));
    options.addAll(further());
    return options;
  }

  /** Returns the options that say what is read, which is laid ready where that is needed. */
  List<String> input(Dataset<Row> frame, WorkFolder work) {
    String input = getInputCol();
    boolean text = Columns.isText(frame.schema().apply(input).dataType());
    List<String> options = new ArrayList<>(List.of("--input", ROWS));
    options.addAll(List.of(text ? "--text" : "--features", input));
    options.addAll(List.of("--on-bad-row", skips() ? "skip" : "fail"));
    if (indicatorOrNull() != null) {
      options.addAll(List.of("--valid", HELD_OUT));
    }
    String label = labelColOrNull();
    if (label != null) {
      options.addAll(List.of("--label", label));
    }
    return options;
  }

  /** Returns whether rows that cannot be used are left out. */
  final boolean skips() {
    return getHandleInvalid().equals("skip");
  }

  /** Returns what is asked for of the rows of a data frame. */
  TrainRequest request(TrainRequest asked, Dataset<Row> frame) {
    return asked.of(frames(frame));
  }

  private List<String> further() {
    String[] words = Declared.valueOrNull(this, "options");
    List<String> all = words == null ? List.of() : List.of(words);
    for (String word : all) {
      String option = word.replaceFirst("=.*", "");
      if (ANSWERED.contains(option)) {
        throw new InputException(
            ("%s among the options of %s is answered by its params, or by the session that is"
                    + " running: leave it out.")
                .formatted(option, uid));
      }
    }
    return all;
  }

  private Map<String, Dataset<Row>> frames(Dataset<Row> all) {
    Map<String, Dataset<Row>> frames = new LinkedHashMap<>();
    String indicator = indicatorOrNull();
    Dataset<Row> learnt = labelled(all);
    if (indicator == null) {
      frames.put(ROWS, learnt);
    } else {
      Column held = functions.coalesce(Columns.column(indicator), functions.lit(false));
      frames.put(ROWS, learnt.filter(functions.not(held)));
      frames.put(HELD_OUT, learnt.filter(held));
    }
    return frames;
  }

  private Dataset<Row> labelled(Dataset<Row> all) {
    String label = labelColOrNull();
    return label == null ? all : all.withColumn(label, label(all.schema(), Columns.column(label)));
  }

  private Terminal terminal() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Terminal(nowhere, getVerbose() ? System.err : nowhere, false, 80);
  }

  @Override
  public E copy(ParamMap extra) {
    return defaultCopy(extra);
  }
}
