// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.Kryo;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.SparkSession;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowsInput;

/** Spark in this process, with Kryo insisting on registered classes. */
public final class CorpusSpark {

  /** Registers what the corpus and its rows ask for, and nothing else. */
  public static final class Registrator implements KryoRegistrator {
    @Override
    public void registerClasses(Kryo kryo) {
      List.of(TextCorpus.kryoClasses()).forEach(kryo::register);
      List.of(PrepareJob.kryoClasses()).forEach(kryo::register);
      List.of(StreamCorpus.kryoClasses()).forEach(kryo::register);
      List.of(RowSet.kryoClasses()).forEach(kryo::register);
    }
  }

  private CorpusSpark() {}

  public static SparkSession start() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("corpus")
        .config("spark.ui.enabled", "false")
        .config("spark.serializer", KryoSerializer.class.getName())
        .config("spark.kryo.registrationRequired", "true")
        .config("spark.kryo.registrator", Registrator.class.getName())
        .getOrCreate();
  }

  /** Lines of text, prepared in the usual way. */
  static PrepareRequest request(
      Path in, Path out, String unit, int size, CorpusDescription.Kind kind) {
    return new PrepareRequest(
        RowsInput.of(List.of(in.toString())),
        ColumnChoice.USUAL_TEXT,
        false,
        out.toString(),
        false,
        unit,
        size,
        1,
        null,
        kind,
        false);
  }

  /** Opens a corpus with chunks of the usual size. */
  public static TextCorpus open(SparkSession spark, List<String> inputs, Tokenizer tokenizer) {
    return open(spark, inputs, tokenizer, TextCorpus.CHUNK_BYTES);
  }

  /** Opens a corpus with chunks of this size. */
  public static TextCorpus open(
      SparkSession spark, List<String> inputs, Tokenizer tokenizer, long chunkBytes) {
    return TextCorpus.open(
        spark, RowsInput.of(inputs), ColumnChoice.USUAL_TEXT, tokenizer, null, null, chunkBytes);
  }
}
