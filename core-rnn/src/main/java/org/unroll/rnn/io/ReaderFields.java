// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.PoolingType;
import org.unroll.rnn.network.ReaderSpec;
import org.unroll.rnn.network.TokenColumn;
import org.unroll.rnn.network.WordSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.EncoderSpec;

/** A reader's specification as the fields of a JSON object, and back. */
public final class ReaderFields {
  private ReaderFields() {}

  /** The fields, with values as JSON has them. */
  public static Map<String, Object> of(ReaderSpec spec) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("inputs", inputs(spec.inputs()));
    fields.put("encoder", encoder(spec.encoder()));
    if (spec.pooling() != null) {
      fields.put("pooling", lower(spec.pooling()));
    }
    fields.put("head", head(spec.head()));
    return fields;
  }

  private static Map<String, Object> inputs(InputSpec spec) {
    List<Map<String, Object>> columns = new ArrayList<>();
    for (TokenColumn column : spec.columns()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("vocabulary", column.vocabulary());
      fields.put("embedding", column.embedding());
      fields.put("trainable", column.trainable());
      columns.add(fields);
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("columns", columns);
    fields.put("features", spec.features());
    if (spec.words() != null) {
      Map<String, Object> words = new LinkedHashMap<>();
      words.put("vocabulary", spec.words().vocabulary());
      words.put("embedding", spec.words().embedding());
      words.put("cell", lower(spec.words().cell()));
      words.put("hidden", spec.words().hidden());
      words.put("pooling", lower(spec.words().pooling()));
      fields.put("words", words);
    }
    return fields;
  }

  private static Map<String, Object> encoder(EncoderSpec spec) {
    Map<String, Object> dropout = new LinkedHashMap<>();
    dropout.put("embedding", spec.dropout().embedding());
    dropout.put("input", spec.dropout().input());
    dropout.put("between", spec.dropout().between());
    dropout.put("output", spec.dropout().output());
    dropout.put("weight", spec.dropout().weight());
    dropout.put("locked", spec.dropout().locked());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("cell", lower(spec.cell()));
    fields.put("hidden", spec.hiddenSize());
    fields.put("layers", spec.layers());
    fields.put("bias", spec.bias());
    fields.put("direction", lower(spec.direction()));
    fields.put("residual", spec.residual());
    fields.put("layer_norm", spec.layerNorm());
    fields.put("dropout", dropout);
    return fields;
  }

  private static Map<String, Object> head(HeadSpec spec) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (spec instanceof HeadSpec.Softmax softmax) {
      fields.put("kind", lower(Kind.SOFTMAX));
      fields.put("classes", softmax.classes());
      fields.put("target", lower(softmax.target()));
      fields.put("smoothing", softmax.smoothing());
      if (softmax.weights() != null) {
        fields.put("weights", softmax.weights());
      }
    } else if (spec instanceof HeadSpec.Regression regression) {
      fields.put("kind", lower(Kind.REGRESSION));
      fields.put("values", regression.values());
      fields.put("target", lower(regression.target()));
    } else if (spec instanceof HeadSpec.LinearCrf crf) {
      fields.put("kind", lower(Kind.CRF));
      fields.put("labels", crf.labels());
    } else if (spec instanceof HeadSpec.Alignment alignment) {
      fields.put("kind", lower(Kind.CTC));
      fields.put("labels", alignment.labels());
    }
    return fields;
  }

  /** The heads, as files name them. */
  private enum Kind {
    SOFTMAX,
    REGRESSION,
    CRF,
    CTC
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /**
   * The specification that {@link #of} made fields of.
   *
   * @param sourceName what messages call the file
   * @param name of the object in the file
   * @throws InputException if they are no such fields, naming the one
   */
  public static ReaderSpec read(Map<String, Object> object, String sourceName, String name) {
    JsonFields fields = JsonFields.of(object, sourceName, name);
    try {
      InputSpec inputs = inputs(fields.object("inputs"));
      EncoderSpec encoder = encoder(fields.object("encoder"), inputs.width());
      PoolingType pooling =
          fields.has("pooling") ? fields.constant("pooling", PoolingType.class) : null;
      HeadSpec head = head(fields.object("head"));
      fields.requireNoOther();
      return new ReaderSpec(inputs, encoder, pooling, head);
    } catch (IllegalArgumentException e) {
      throw new InputException(sourceName + ": " + name + ": " + e.getMessage(), e);
    }
  }

  private static InputSpec inputs(JsonFields fields) {
    List<TokenColumn> columns = new ArrayList<>();
    for (JsonFields column : fields.objects("columns")) {
      int vocabulary = column.integer("vocabulary");
      int embedding = column.integer("embedding");
      columns.add(new TokenColumn(vocabulary, embedding, column.bool("trainable")));
      column.requireNoOther();
    }
    int features = fields.integer("features");
    WordSpec words = fields.has("words") ? words(fields.object("words")) : null;
    fields.requireNoOther();
    return new InputSpec(columns, features, words);
  }

  private static WordSpec words(JsonFields fields) {
    int vocabulary = fields.integer("vocabulary");
    int embedding = fields.integer("embedding");
    CellType cell = fields.constant("cell", CellType.class);
    int hidden = fields.integer("hidden");
    PoolingType pooling = fields.constant("pooling", PoolingType.class);
    fields.requireNoOther();
    return new WordSpec(vocabulary, embedding, cell, hidden, pooling);
  }

  private static EncoderSpec encoder(JsonFields fields, int inputSize) {
    CellType cell = fields.constant("cell", CellType.class);
    int hidden = fields.integer("hidden");
    int layers = fields.integer("layers");
    boolean bias = fields.bool("bias");
    Direction direction = fields.constant("direction", Direction.class);
    boolean residual = fields.bool("residual");
    boolean norm = fields.bool("layer_norm");
    DropoutSpec dropout = dropout(fields.object("dropout"));
    fields.requireNoOther();
    return new EncoderSpec(
        cell, inputSize, hidden, layers, bias, direction, residual, norm, dropout);
  }

  private static DropoutSpec dropout(JsonFields fields) {
    double embedding = fields.number("embedding");
    double input = fields.number("input");
    double between = fields.number("between");
    double output = fields.number("output");
    double weight = fields.number("weight");
    boolean locked = fields.bool("locked");
    fields.requireNoOther();
    return new DropoutSpec(embedding, input, between, output, weight, locked);
  }

  private static HeadSpec head(JsonFields fields) {
    HeadSpec head =
        switch (fields.constant("kind", Kind.class)) {
          case SOFTMAX ->
              new HeadSpec.Softmax(
                  fields.integer("classes"),
                  fields.constant("target", Target.class),
                  fields.number("smoothing"),
                  fields.has("weights") ? fields.numbers("weights") : null);
          case REGRESSION ->
              new HeadSpec.Regression(
                  fields.integer("values"), fields.constant("target", Target.class));
          case CRF -> new HeadSpec.LinearCrf(fields.integer("labels"));
          case CTC -> new HeadSpec.Alignment(fields.integer("labels"));
        };
    fields.requireNoOther();
    return head;
  }
}
