// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.ParamLayout;

/**
 * A graph of ONNX in the making, over the parameters of a network: nodes of the standard operators,
 * one behind the other, with the names of what they make. Values are floats unless something else
 * is said.
 */
final class OnnxGraph {
  /** The version of the operators: the first that has layer normalisation. */
  private static final int OPERATORS = 17;

  private static final int IR_VERSION = 8;

  private final ParamLayout layout;
  private final float[] params;
  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private int names;

  /** Begins a graph without nodes. */
  OnnxGraph(ParamLayout layout, float[] params) {
    this.layout = layout;
    this.params = params;
  }

  /** Returns an attribute that is a number. */
  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  /** Returns an attribute that is a list of numbers. */
  static AttributeProto attribute(String name, Long... values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(List.of(values))
        .build();
  }

  /** Returns an attribute that is a fraction. */
  static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  /** Returns an attribute that is a text. */
  static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  /** Returns an attribute that is a list of texts. */
  static AttributeProto attribute(String name, List<String> values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRINGS)
        .addAllStrings(values.stream().map(ByteString::copyFromUtf8).toList())
        .build();
  }

  /** Adds a node; returns the name of the one value that it makes. */
  String add(String operator, List<String> inputs, AttributeProto... attributes) {
    String output = operator.toLowerCase(Locale.ROOT) + "_" + names++;
    add(operator, inputs, List.of(output), attributes);
    return output;
  }

  /** Adds a node that makes values of these names; an empty name is for one that nobody wants. */
  void add(
      String operator, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setName(operator + "_" + names++)
            .setOpType(operator)
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .addAllAttribute(List.of(attributes)));
  }

  /** Returns the shape of a parameter of the network. */
  List<Integer> shape(String name) {
    return layout.get(name).shape();
  }

  /** Returns the values of a parameter of the network. */
  float[] values(String name) {
    Param param = layout.get(name);
    return Arrays.copyOfRange(params, param.offset(), param.end());
  }

  /** Adds a parameter of the network as it is; returns its name. */
  String param(String name) {
    return floats(name, shape(name), values(name));
  }

  /**
   * Returns {@code x W^T + b} of what ends with a dimension as wide as the matrix.
   *
   * @param weight a parameter or a value that is there already
   * @param bias a parameter; nothing is added where the network has none of this name
   */
  String linear(String x, String weight, String bias) {
    String turned = add("Transpose", List.of(weight), attribute("perm", 1L, 0L));
    String product = add("MatMul", List.of(x, turned));
    return layout.contains(bias) ? add("Add", List.of(product, param(bias))) : product;
  }

  /** Cuts from {@code from} until {@code to} out of a dimension. */
  String slice(String x, int axis, int from, int to) {
    return add("Slice", List.of(x, numbers(from), numbers(to), numbers(axis)));
  }

  /** Returns how long a dimension is, as a list of one number. */
  String size(String x, int axis) {
    return slice(add("Shape", List.of(x)), 0, axis, axis + 1);
  }

  /** Makes numbers of another type of numbers. */
  String cast(String x, TensorProto.DataType type) {
    return add("Cast", List.of(x), attribute("to", type.getNumber()));
  }

  /** Swaps the first two dimensions of three, as of {@code [B, T, D]} and {@code [T, B, D]}. */
  String turned(String x) {
    return add("Transpose", List.of(x), attribute("perm", 1L, 0L, 2L));
  }

  /** Adds floats; returns their name. */
  String floats(String name, List<Integer> shape, float... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .addAllDims(shape.stream().map(Integer::longValue).toList())
            .setRawData(ByteString.copyFrom(bytes)));
    return name;
  }

  /** Adds a list of whole numbers; returns its name. */
  String numbers(long... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("numbers_" + names++)
            .setDataType(TensorProto.DataType.INT64.getNumber())
            .addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  /** Adds a whole number without dimensions; returns its name. */
  String number(long value) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("number_" + names++)
            .setDataType(TensorProto.DataType.INT64.getNumber())
            .addInt64Data(value);
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  /**
   * Declares an input.
   *
   * @param shape numbers, and names of dimensions that may be any
   */
  String input(String name, TensorProto.DataType type, Object... shape) {
    graph.addInput(value(name, type, shape));
    return name;
  }

  /** Declares a value that is there as an output of this name. */
  void output(String value, String name, Object... shape) {
    add("Identity", List.of(value), List.of(name));
    graph.addOutput(value(name, TensorProto.DataType.FLOAT, shape));
  }

  private static ValueInfoProto value(String name, TensorProto.DataType type, Object... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    Stream.of(shape)
        .map(
            size ->
                size instanceof Integer number
                    ? TensorShapeProto.Dimension.newBuilder().setDimValue(number).build()
                    : TensorShapeProto.Dimension.newBuilder().setDimParam((String) size).build())
        .forEach(dimensions::addDim);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(type.getNumber())
                        .setShape(dimensions)))
        .build();
  }

  /**
   * Returns the file.
   *
   * @param name of the graph
   * @param version of this program
   * @param task what the model does, for readers that look
   */
  byte[] file(String name, String version, String task) {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("unroll")
        .setProducerVersion(version)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATORS))
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey("task").setValue(task))
        .setGraph(graph.setName(name))
        .build()
        .toByteArray();
  }
}
