// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.io.ModelConfig;
import org.unroll.rnn.io.Safetensors;
import org.unroll.rnn.io.Safetensors.Tensor;
import org.unroll.rnn.io.StrictJson;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.Param;
import org.unroll.rnn.nn.RnnSpec;
import org.unroll.rnn.train.InitSpec;
import org.unroll.rnn.train.Initializer;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Platform;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.store.HadoopFiles;
import org.unroll.spark.store.SavedModel;

/**
 * Makes a model of the state dictionary of a network of {@code torch.nn}: an embedding or numbers,
 * an {@code RNN}, {@code LSTM} or {@code GRU}, and a linear layer. Shapes tell cell, widths, layers
 * and directions; a description in JSON tells the rest. An embedding or a linear layer that is not
 * there is drawn.
 */
public final class ModelImport {
  private static final String EMBEDDING = "embedding";
  private static final String RNN = "rnn";
  private static final String DECODER = "decoder";

  /**
   * What a state dictionary does not tell of its network. Fields that a file leaves out are null.
   *
   * @param task lm, classify or tag
   * @param unit of the tokens, as {@code --unit}; for models that read tokens
   * @param lowercase whether capitals become small letters; null for not
   * @param vocabulary the tokens, one a line in the order of their ids, beside the description;
   *     null for a model that reads numbers
   * @param unknown the token that stands for those that are not there; null for {@code <unk>}
   * @param labels in the order of their ids, of classify and tag
   * @param pooling of classify: how a row's vector is made; null for its last output
   * @param nonlinearity of an Elman cell: tanh or relu; null for tanh
   * @param tied whether the linear layer's matrix is that of the embedding; null for not
   * @param means of the numbers of a step that were subtracted; null for 0
   * @param deviations that they were divided by; null for 1
   * @param names what the names of embedding, rnn and decoder are there; null for the same
   */
  private record Description(
      String task,
      String unit,
      Boolean lowercase,
      String vocabulary,
      String unknown,
      List<String> labels,
      Pooling.Type pooling,
      String nonlinearity,
      Boolean tied,
      List<Double> means,
      List<Double> deviations,
      Map<String, String> names) {}

  /**
   * A model with what had to be drawn.
   *
   * @param drawn names of parameters that the state dictionary does not have
   */
  public record Imported(SavedModel model, List<String> drawn) {}

  private final String source;
  private final String weights;
  private final Description told;
  private final Map<String, Tensor> tensors;

  private ModelImport(
      String source, String weights, Description told, Map<String, Tensor> tensors) {
    this.source = source;
    this.weights = weights;
    this.told = told;
    this.tensors = tensors;
  }

  /**
   * Reads a state dictionary.
   *
   * @param weights a file of safetensors
   * @param description a file of JSON
   * @param seed of what is drawn
   * @throws InputException if a file cannot be read, or they do not go together, naming the field
   */
  public static Imported read(String weights, String description, long seed) {
    Description told = HadoopFiles.read(description, "description", ModelImport::describe);
    Map<String, Tensor> tensors =
        HadoopFiles.read(weights, "file of weights", Safetensors::readFinite);
    return new ModelImport(description, weights, told, tensors).model(seed);
  }

  private static Description describe(InputStream in, String source) throws IOException {
    ObjectNode json = StrictJson.tree(in, source);
    for (var component : Description.class.getRecordComponents()) {
      if (!json.has(component.getName())) {
        json.putNull(component.getName());
      }
    }
    return StrictJson.bind(json, source, "", Description.class);
  }

  private InputException wrong(String message, Object... values) {
    return new InputException(source + ": " + message.formatted(values));
  }

  private Imported model(long seed) {
    if (told.task == null || !Set.of("lm", "classify", "tag").contains(told.task)) {
      throw wrong("\"task\" must be lm, classify or tag, but is %s.", told.task);
    }
    Vocabulary vocabulary = told.vocabulary == null ? null : vocabulary();
    NetworkSpec spec;
    try {
      spec = spec(vocabulary);
    } catch (IllegalArgumentException e) {
      throw wrong("this network cannot be: %s.", e.getMessage());
    }
    Network network = new Network(spec);
    float[] params = Initializer.draw(network, InitSpec.PYTORCH, seed);
    List<String> drawn = take(network, params);
    ModelConfig config =
        new ModelConfig(
            told.task,
            data(spec),
            spec,
            Map.of(),
            Json.fields(
                "imported_from",
                weights,
                "drawn",
                drawn,
                "unroll",
                Platform.versions().get("unroll")));
    List<Vocabulary> vocabularies = vocabulary == null ? List.of() : List.of(vocabulary);
    return new Imported(new SavedModel(config, params, vocabularies, null, Map.of()), drawn);
  }

  private Vocabulary vocabulary() {
    String file = told.vocabulary;
    String beside = file.contains("/") ? file : source.replaceFirst("[^/]*$", "") + file;
    List<String> tokens =
        HadoopFiles.read(
            beside,
            "vocabulary",
            (in, name) -> {
              String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
              return text.lines().map(line -> line.split("\t")[0]).toList();
            });
    List<Vocabulary.Entry> entries = new ArrayList<>();
    for (String token : tokens) {
      entries.add(new Vocabulary.Entry(token.equals(told.unknown) ? Vocabulary.UNK : token, 1));
    }
    try {
      Vocabulary vocabulary = Vocabulary.of(entries);
      if (!told.task.equals("lm") && !vocabulary.hasUnk()) {
        throw wrong(
            "the vocabulary %s has no %s for tokens that it does not have: say with \"unknown\" which"
                + " one that is.",
            beside, Vocabulary.UNK);
      }
      return vocabulary;
    } catch (IllegalArgumentException e) {
      throw new InputException(beside + ": " + e.getMessage() + ".", e);
    }
  }

  /** Returns the name that one of our parameters has there. */
  private String there(String name) {
    String part = name.substring(0, name.indexOf('.'));
    String own = told.names == null ? part : told.names.getOrDefault(part, part);
    return own.isEmpty() ? name.substring(part.length() + 1) : own + name.substring(part.length());
  }

  private Tensor matrix(String name) {
    Tensor tensor = tensors.get(there(name));
    if (tensor != null && tensor.shape().size() != 2) {
      throw new InputException(
          "%s: %s must be a matrix, but its shape is %s."
              .formatted(weights, there(name), tensor.shape()));
    }
    return tensor;
  }

  private NetworkSpec spec(Vocabulary vocabulary) {
    Tensor recurrent = matrix("rnn.weight_hh_l0");
    Tensor input = matrix("rnn.weight_ih_l0");
    if (recurrent == null || input == null) {
      throw new InputException(
          ("%s has no %s: it has %s. Say in %s with \"names\" what the layers are called, as in"
                  + " {\"rnn\": \"lstm\"}; \"\" for nothing before weight_ih_l0.")
              .formatted(
                  weights, there("rnn.weight_hh_l0"), new TreeSet<>(tensors.keySet()), source));
    }
    int hidden = recurrent.shape().get(1);
    int layers =
        (int)
            IntStream.iterate(0, l -> l + 1)
                .takeWhile(l -> tensors.containsKey(there("rnn.weight_hh_l" + l)))
                .count();
    boolean both = tensors.containsKey(there("rnn.weight_hh_l0_reverse"));
    RnnSpec rnn =
        new RnnSpec(
            cell(recurrent.shape().get(0), hidden),
            input.shape().get(1),
            hidden,
            layers,
            hidden,
            tensors.containsKey(there("rnn.bias_ih_l0")),
            both ? Direction.BOTH : Direction.FORWARD,
            false,
            false,
            DropoutSpec.NONE);
    if (told.task.equals("lm")) {
      require(vocabulary != null, "a model of task lm needs a \"vocabulary\".");
      boolean bias =
          tensors.containsKey(there("decoder.bias"))
              || !tensors.containsKey(there(Network.DECODER));
      return NetworkSpec.languageModel(
          vocabulary.size(), rnn, Boolean.TRUE.equals(told.tied), bias, false);
    }
    require(told.labels != null && !told.labels.isEmpty(), "\"labels\" are missing.");
    InputSpec inputs =
        vocabulary == null
            ? new InputSpec(List.of(), rnn.inputSize(), null)
            : InputSpec.ofTokens(vocabulary.size(), rnn.inputSize());
    boolean classes = told.task.equals("classify");
    Pooling.Type pooling = told.pooling == null ? Pooling.Type.LAST : told.pooling;
    HeadSpec head =
        new HeadSpec.Softmax(told.labels.size(), classes ? Target.SEQUENCE : Target.STEP, 0, null);
    return NetworkSpec.of(inputs, rnn, classes ? pooling : null, head);
  }

  private void require(boolean so, String message) {
    if (!so) {
      throw wrong(message);
    }
  }

  private CellType cell(int rows, int hidden) {
    boolean relu = "relu".equals(told.nonlinearity);
    if (told.nonlinearity != null && !relu && !told.nonlinearity.equals("tanh")) {
      throw wrong("\"nonlinearity\" must be tanh or relu, but is %s.", told.nonlinearity);
    }
    int gates = rows % hidden == 0 ? rows / hidden : 0;
    return switch (gates) {
      case 4 -> CellType.LSTM;
      case 3 -> CellType.GRU;
      case 1 -> relu ? CellType.RNN_RELU : CellType.RNN_TANH;
      default ->
          throw new InputException(
              "%s: %s is of the shape [%s, %s], which is that of no RNN, GRU or LSTM of torch.nn."
                  .formatted(weights, there("rnn.weight_hh_l0"), rows, hidden));
    };
  }

  /** Copies what is there; returns the names of what is not. */
  private List<String> take(Network network, float[] params) {
    Set<String> left = new TreeSet<>(tensors.keySet());
    List<String> drawn = new ArrayList<>();
    for (Param param : network.layout().params()) {
      String name = there(param.name());
      Tensor tensor = tensors.get(name);
      if (tensor == null && !param.name().startsWith(RNN + ".")) {
        drawn.add(param.name());
        continue;
      }
      if (tensor == null || !tensor.shape().equals(param.shape())) {
        throw new InputException(
            "%s: %s must be of the shape %s, but is %s. Is the description %s that of this network?"
                .formatted(
                    weights,
                    name,
                    param.shape(),
                    tensor == null ? "not there" : tensor.shape().toString(),
                    source));
      }
      System.arraycopy(tensor.values(), 0, params, param.offset(), param.size());
      left.remove(name);
    }
    if (Boolean.TRUE.equals(told.tied)) {
      left.remove(there(Network.DECODER));
    }
    if (!left.isEmpty()) {
      throw new InputException(
          ("%s has tensors that this network has no place for: %s. Say in %s with \"names\" what %s, %s"
                  + " and %s are called, or leave the others out of the file.")
              .formatted(weights, left, source, EMBEDDING, RNN, DECODER));
    }
    return drawn;
  }

  /** Returns what {@code config.json} says of the data. */
  private Map<String, Object> data(NetworkSpec spec) {
    boolean small = Boolean.TRUE.equals(told.lowercase);
    boolean tokens = !spec.inputs().columns().isEmpty();
    if (told.task.equals("lm")) {
      require(told.unit != null, "\"unit\" is missing, as in \"word\" or \"char\".");
      return Json.fields(
          "unit", told.unit + (small ? "+lowercase" : ""), "text", List.of(), "input", null);
    }
    int features = spec.inputs().features();
    Map<String, Object> settings = new LinkedHashMap<>();
    if (told.task.equals("tag")) {
      settings.put("spans", told.labels.stream().anyMatch(label -> label.startsWith("B-")));
    }
    return TaskModel.fields(
        new TaskModel.Columns(
            tokens ? List.of("text") : List.of(),
            tokens ? List.of() : List.of("features"),
            "label",
            unit(tokens),
            small,
            0,
            settings,
            told.labels,
            tokens ? null : numbers("means", told.means, features, 0),
            tokens ? null : numbers("deviations", told.deviations, features, 1),
            null));
  }

  private TextSplitter.Unit unit(boolean tokens) {
    if (told.unit == null && !tokens) {
      return TextSplitter.Unit.BLANKS;
    }
    for (TextSplitter.Unit unit : TextSplitter.Unit.values()) {
      if (unit.option().equals(told.unit)) {
        return unit;
      }
    }
    throw wrong("\"unit\" must be wordpunct, word or char, but is %s.", told.unit);
  }

  private List<Double> numbers(String field, List<Double> given, int count, double usual) {
    if (given == null) {
      return Collections.nCopies(count, usual);
    }
    require(
        given.size() == count,
        "\"%s\" has %s numbers, but the network reads %s.".formatted(field, given.size(), count));
    return given;
  }
}
