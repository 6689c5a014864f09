// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;
import org.unroll.spark.corpus.PrepareJob;
import org.unroll.spark.corpus.StreamCorpus;
import org.unroll.spark.corpus.TextCorpus;
import org.unroll.spark.embed.EmbedJob;
import org.unroll.spark.rounds.RoundTask;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.task.EvaluateJob;

/**
 * The classes that Kryo writes in our jobs, so that {@code spark.kryo.registrationRequired} can be
 * on. Kryo numbers classes in the order of their registration, so new ones go to the end.
 */
public final class UnrollRegistrator implements KryoRegistrator {
  private static final List<Class<?>> CLASSES =
      List.of(RoundTask.Result.class, RoundTask.Result[].class, float[][].class);

  @Override
  public void registerClasses(Kryo kryo) {
    CLASSES.forEach(kryo::register);
    List.of(TextCorpus.kryoClasses()).forEach(kryo::register);
    List.of(RoundTask.Result.kryoClasses()).forEach(kryo::register);
    List.of(PrepareJob.kryoClasses()).forEach(kryo::register);
    List.of(StreamCorpus.kryoClasses()).forEach(kryo::register);
    List.of(EmbedJob.kryoClasses()).forEach(kryo::register);
    List.of(RowSet.kryoClasses()).forEach(kryo::register);
    List.of(EvaluateJob.kryoClasses()).forEach(kryo::register);
    for (Class<?> type : EvaluateJob.javaClasses()) {
      kryo.register(type, new JavaSerializer());
    }
  }
}
