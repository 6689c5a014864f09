// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import java.util.function.Function;
import org.unroll.rnn.embed.VectorFile;
import org.unroll.rnn.network.PoolingType;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.OptimizerSpec;
import org.unroll.rnn.train.ScheduleSpec;
import org.unroll.rnn.train.TrainSpec.StateMode;
import org.unroll.rnn.train.Wire;
import org.unroll.spark.corpus.CorpusDescription;
import org.unroll.spark.embed.EmbedMethod;
import org.unroll.spark.lab.Predictor;
import org.unroll.spark.rounds.RoundsKind;
import org.unroll.spark.rows.InputFormat;
import org.unroll.spark.rows.LabelKind;
import org.unroll.spark.rows.OnBadRow;
import org.unroll.spark.rows.SequenceFormat;
import org.unroll.spark.rows.Utf8Lines;
import org.unroll.spark.task.CheckpointInterval;
import org.unroll.spark.task.OnUnseenLabel;
import org.unroll.spark.task.ReadingPredictions;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the values of options are read, with messages that say what is expected. */
final class Converters {
  private Converters() {}

  static void register(CommandLine commandLine) {
    ITypeConverter<Integer> ints =
        number(Integer::valueOf, "a whole number up to " + Integer.MAX_VALUE);
    commandLine.registerConverter(int.class, ints);
    commandLine.registerConverter(Integer.class, ints);
    ITypeConverter<Long> longs = number(Long::valueOf, "a whole number");
    commandLine.registerConverter(long.class, longs);
    commandLine.registerConverter(Long.class, longs);
    ITypeConverter<Double> doubles = number(Double::valueOf, "a number");
    commandLine.registerConverter(double.class, doubles);
    commandLine.registerConverter(Double.class, doubles);
    commandLine.registerConverter(CheckpointInterval.class, Converters::interval);
    LowerCaseEnum.register(commandLine, Task.class);
    LowerCaseEnum.register(commandLine, UnitOptions.Unit.class);
    LowerCaseEnum.register(commandLine, InputFormat.class);
    LowerCaseEnum.register(commandLine, CorpusDescription.Kind.class);
    LowerCaseEnum.register(commandLine, Utf8Lines.OnInvalid.class);
    LowerCaseEnum.register(commandLine, NetworkOptions.Cell.class);
    LowerCaseEnum.register(commandLine, NetworkOptions.Nonlinearity.class);
    LowerCaseEnum.register(commandLine, OptimizerSpec.Kind.class);
    LowerCaseEnum.register(commandLine, ScheduleSpec.Kind.class);
    LowerCaseEnum.register(commandLine, StateMode.class);
    LowerCaseEnum.register(commandLine, InitSpec.Kind.class);
    LowerCaseEnum.register(commandLine, RoundsKind.class);
    LowerCaseEnum.register(commandLine, Wire.class);
    LowerCaseEnum.register(commandLine, Predictor.Scaling.class);
    LowerCaseEnum.register(commandLine, EmbedMethod.class);
    LowerCaseEnum.register(commandLine, VectorFile.Format.class);
    LowerCaseEnum.register(commandLine, SequenceFormat.class);
    LowerCaseEnum.register(commandLine, OnBadRow.class);
    LowerCaseEnum.register(commandLine, OnUnseenLabel.class);
    LowerCaseEnum.register(commandLine, LabelKind.class);
    LowerCaseEnum.register(commandLine, PoolingType.class);
    LowerCaseEnum.register(commandLine, TaskOptions.Head.class);
    LowerCaseEnum.register(commandLine, TaskOptions.ClassWeights.class);
    LowerCaseEnum.register(commandLine, ReadingPredictions.Format.class);
  }

  private static CheckpointInterval interval(String value) {
    try {
      return CheckpointInterval.parse(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private static <T> ITypeConverter<T> number(Function<String, T> parse, String kind) {
    return value -> {
      try {
        return parse.apply(value);
      } catch (NumberFormatException e) {
        throw new TypeConversionException("'" + value + "' is not " + kind);
      }
    };
  }
}
