// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Search;
import org.unroll.spark.rows.FrameRows;
import org.unroll.spark.rows.RowsInput.OnBadRow;
import org.unroll.spark.task.SharedModel;
import org.unroll.spark.task.TaskModel;
import scala.Option;

/**
 * A model that reads a column of sequences and adds columns. Its folder is a model folder: all
 * commands read what {@code save} wrote, and {@code load} reads what they wrote.
 *
 * @param <M> the model itself
 */
public abstract class SequenceModel<M extends SequenceModel<M>> extends Model<M>
    implements SequenceParams<M>, MLWritable {
  private final String uid;
  private final Declared declared;
  private transient ModelContent content;

  /**
   * Makes a model.
   *
   * @param content what it is; null for nothing yet
   * @param params that it has
   */
  SequenceModel(String uid, ModelContent content, Set<Declaration> params) {
    this.uid = uid;
    this.content = content;
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

  /** Returns a model of another name with the same content. */
  abstract M with(String otherUid, ModelContent same);

  /** Returns the columns that are added, without those that have no name. */
  abstract StructType predicted();

  /** Returns what makes the values of those columns. */
  abstract Telling telling();

  /** Returns the model told what it is to say. */
  TaskModel told() {
    return content().model();
  }

  /** Returns how answers are looked for that are not told step by step. */
  Search search() {
    return Search.GREEDY;
  }

  /** Makes values of columns of what a model says of a row. */
  @FunctionalInterface
  interface Telling extends Serializable {
    /**
     * Returns the values.
     *
     * @param said in the order of the columns of the task
     */
    Object[] of(Object[] said);
  }

  /** Returns what all copies share. */
  final ModelContent content() {
    if (content == null) {
      throw new IllegalStateException(
          uid + " is an empty model: load one with the static load, or fit an estimator");
    }
    return content;
  }

  /** Returns how many bytes the model takes, as Spark Connect's server counts them. */
  @Override
  public long estimatedSize() {
    return content == null ? 0 : content.bytes();
  }

  /** Returns whether the course of its training is known. */
  public boolean hasSummary() {
    return content().summary().isPresent();
  }

  /**
   * Returns the course of its training.
   *
   * @throws InputException if it is not known
   */
  public TrainingSummary summary() {
    return content()
        .summary()
        .orElseThrow(() -> new InputException("Nothing is known of the training of " + uid + "."));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    String input = Declared.valueOrNull(this, "inputCol");
    content(); // An empty model says so, rather than which param it lacks.
    if (input != null) {
      Columns.requireInput(schema, input);
    }
    return Columns.plus(schema, predicted());
  }

  /**
   * Adds columns to a data frame, row by row as somebody asks for them.
   *
   * @throws InputException if the data frame lacks the column that is read
   */
  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType schema = transformSchema(dataset.schema());
    Dataset<Row> frame = dataset.toDF();
    FrameRows rows = content().model().open(frame, Declared.valueOrNull(this, "inputCol"));
    Answering answering =
        new Answering(
            rows,
            content().model().channels(),
            Declared.<String>value(this, "handleInvalid").equals("skip")
                ? OnBadRow.SKIP
                : OnBadRow.FAIL,
            content().shared(dataset.sparkSession(), told(), search()),
            telling());
    MapPartitionsFunction<Row, Row> answers = answering::of;
    return named(frame.mapPartitions(answers, Encoders.row(schema)), schema);
  }

  /** Returns the columns with their metadata, which encoders do not keep. */
  private static Dataset<Row> named(Dataset<Row> frame, StructType schema) {
    return frame.select(
        Stream.of(schema.fields())
            .map(field -> Columns.column(field.name()).as(field.name(), field.metadata()))
            .toArray(Column[]::new));
  }

  /** Adds to rows what a model says of them, in a task. */
  private record Answering(
      FrameRows rows, int channels, OnBadRow onBadRow, SharedModel model, Telling telling)
      implements Serializable {
    Iterator<Row> of(Iterator<Row> partition) {
      return model.answers(
          rows.read(partition, channels, onBadRow), FrameRows.Read::sequence, this::plus);
    }

    private Row plus(FrameRows.Read read, Object... said) {
      Object[] more = telling.of(said);
      int before = read.row().size();
      Object[] all = new Object[before + more.length];
      for (int c = 0; c < before; c++) {
        all[c] = read.row().get(c);
      }
      System.arraycopy(more, 0, all, before, more.length);
      return RowFactory.create(all);
    }
  }

  /** Returns a copy that shares all numbers with this model. */
  @Override
  public M copy(ParamMap extra) {
    M copy = copyValues(with(uid, content), extra);
    copy.setParent(parent());
    return copy;
  }

  /** Returns who writes the model folder, whole or not at all. */
  @Override
  public MLWriter write() {
    return new Writer();
  }

  private final class Writer extends MLWriter {
    /** Replaces a model and nothing else, where Spark would remove whatever is there. */
    @Override
    public void save(String path) throws IOException {
      saveImpl(path);
    }

    @Override
    public void saveImpl(String path) {
      String metadata = DefaultParamsWriter.getMetadataToSave(SequenceModel.this, sparkSession());
      try {
        content().write(path, shouldOverwrite(), metadata);
      } catch (InputException e) {
        throw new InputException(e.getMessage().replace("--overwrite", "write().overwrite()"), e);
      }
    }
  }

  /** Reads the folder of a model of any kind, whether Spark ML wrote it or a command. */
  static final class Reader<M extends SequenceModel<M>> extends MLReader<M> {
    private final String task;
    private final String prefix;
    private final M empty;

    /**
     * Makes a reader.
     *
     * @param task of the models
     * @param empty makes a model of a uid
     */
    Reader(String task, String prefix, Function<String, M> empty) {
      this.task = task;
      this.prefix = prefix;
      this.empty = empty.apply(prefix);
    }

    @Override
    public M load(String path) {
      ModelContent content = ModelContent.read(path);
      String found = content.model().task().name();
      if (!found.equals(task)) {
        throw new InputException(
            "The model in %s is one of task %s, but %s reads those of task %s."
                .formatted(path, found, empty.getClass().getSimpleName(), task));
      }
      if (content.metadataOrNull() == null) {
        String uid = org.apache.spark.ml.util.Identifiable$.MODULE$.randomUID(prefix);
        return empty.with(uid, content);
      }
      DefaultParamsReader$ reader = DefaultParamsReader$.MODULE$;
      var metadata = reader.parseMetadata(content.metadataOrNull(), empty.getClass().getName());
      M model = empty.with(metadata.uid(), content);
      metadata.getAndSetParams(model, Option.empty());
      return model;
    }
  }
}
