// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.unroll.rnn.math.Ops;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.TrainSpec;
import org.unroll.spark.report.Figures;
import org.unroll.spark.report.Versions;

/** A training's settings by the names of their options, for {@code config.json} and the report. */
public final class Settings {
  private final Map<String, Object> values = new LinkedHashMap<>();

  private Settings() {}

  /** All that has an effect; what a rule does not use is left out. */
  static Map<String, Object> of(TextData data, TrainSpec spec) {
    Settings settings = new Settings();
    settings.data(data);
    settings.rounds(spec);
    settings.optimizer(spec.optimizer());
    settings.schedule(spec.schedule());
    settings.regularization(spec);
    settings.start(spec.init());
    return settings.values;
  }

  /** Those of a training that carries no state and has no windows. */
  public static Map<String, Object> of(TrainSpec spec) {
    Settings settings = new Settings();
    settings.rounds(spec);
    settings.optimizer(spec.optimizer());
    settings.schedule(spec.schedule());
    settings.regularization(spec);
    settings.start(spec.init());
    settings.values.keySet().removeAll(List.of("window", "state"));
    return settings.values;
  }

  /** Adds the versions of what computes. */
  public static void programs(Map<String, Object> provenance) {
    provenance.put("unroll", Versions.unroll());
    provenance.put("spark", Versions.spark());
    provenance.put("java", Versions.java());
    provenance.put("kernels", Ops.describeKernels());
  }

  private void data(TextData data) {
    put("vocab_size", data.vocabularySize());
    put("min_count", data.minCount());
    put("valid_fraction", data.validFraction());
  }

  private void rounds(TrainSpec spec) {
    put("batch", spec.batch());
    put("window", spec.window());
    put("epochs", spec.epochs());
    put("patience", spec.patience());
    if (spec.maxSteps() > 0) {
      put("max_steps", spec.maxSteps());
    }
    put("shards", spec.shards());
    put("seed", spec.seed());
    put("state", spec.state());
    put("eval_batch", spec.evalBatch());
    put("wire", spec.wire());
  }

  private void optimizer(OptimizerSpec optimizer) {
    put("optimizer", optimizer.kind());
    put("lr", optimizer.lr());
    switch (optimizer.kind()) {
      case MOMENTUM -> {
        put("momentum", optimizer.momentum());
        put("nesterov", optimizer.nesterov());
      }
      case ADAMW -> put("weight_decay", optimizer.weightDecay());
      default -> {}
    }
  }

  private void schedule(ScheduleSpec schedule) {
    put("lr_schedule", schedule.kind());
    if (schedule.kind() != ScheduleSpec.Kind.CONSTANT) {
      put("lr_decay", schedule.factor());
      put("lr_decay_every", schedule.every());
      put("lr_decay_after", schedule.after());
    }
    put("warmup", schedule.warmup());
  }

  private void regularization(TrainSpec spec) {
    put("clip_norm", spec.clipNorm());
    put("clip_value", spec.clipValue());
    put("l1", spec.penalty().l1());
    put("l2", spec.penalty().l2());
    put("penalty_recurrent_only", spec.penalty().recurrentOnly());
  }

  private void start(InitSpec init) {
    put("init", init.kind());
    if (init.frozenEmbedding()) {
      put("freeze_embeddings", true);
    }
    if (init.kind() == InitSpec.Kind.UNIFORM) {
      put("init_range", init.range());
    }
    put("orthogonal", init.orthogonalRecurrent());
    put("forget_bias", init.forgetBias());
  }

  private void put(String name, Object value) {
    values.put(name, value instanceof Enum<?> e ? e.name().toLowerCase(Locale.ROOT) : value);
  }

  /** What a title calls some inputs. */
  public static String name(List<String> inputs) {
    String first = inputs.get(0).replaceFirst("/+$", "").replaceFirst(".*/", "");
    return inputs.size() == 1 ? first : first + " and " + (inputs.size() - 1) + " more";
  }

  /** Settings as a report shows them: what is set; results are on its page already. */
  public static Map<String, String> words(Map<String, Object> values) {
    Map<String, String> words = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          String word = value instanceof Map ? "" : word(name, value);
          if (!word.isEmpty()) {
            words.put(name.replace('_', ' '), word);
          }
        });
    return words;
  }

  private static String word(String name, Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(Object::toString).collect(Collectors.joining(", "));
    }
    if (value instanceof Double number) {
      return Figures.significant(number);
    }
    boolean counts = value instanceof Number && !name.equals("seed");
    return counts ? Figures.count(((Number) value).longValue()) : value.toString();
  }
}
