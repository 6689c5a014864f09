// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.network.Pooling;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.RnnSpec;

/**
 * Writes a file of Python for a network that rebuilds it of the layers of {@code torch.nn} and
 * loads the parameters of a model folder, which stand beside it: {@code model.load()(inputs,
 * lengths)}. Only what the network has is in the file. The parts that are the same for every
 * network are in {@code pytorch.py} among the resources.
 */
public final class PyTorchModule {
  private final NetworkSpec spec;
  private final String task;
  private final boolean writes;
  private final PyTorchFile file;

  private PyTorchModule(NetworkSpec spec, String task) {
    this.spec = spec;
    this.task = task;
    writes = spec.decoder() != null;
    file = new PyTorchFile(!writes);
  }

  /**
   * Returns the file.
   *
   * @param task what the model does, as {@code config.json} names it
   */
  public static String of(NetworkSpec spec, String task) {
    return new PyTorchModule(spec, task).text();
  }

  private String text() {
    inputs();
    if (spec.encoder() != null) {
      file.layers("rnn", spec.encoder(), spec.inputs().width());
    }
    if (writes) {
      String encoded = vectors() + (spec.encoder() == null ? "        y = x\n" : encoded());
      new PyTorchDecoder(spec, file).add(inputNames(), encoded);
    } else if (spec.head() instanceof HeadSpec.Vocabulary) {
      languageModel();
    } else {
      reader();
    }
    return file.text(description(), words(), load());
  }

  private String description() {
    List<String> names = arguments();
    String shapes = names.stream().map(this::shape).collect(Collectors.joining("\n"));
    return """
        A model of the task %s, trained by Unroll, of the layers of torch.nn.

            import torch, model
            network = model.load()
            answer = network(%s)

        %s
        """
        .formatted(task, String.join(", ", names), shapes);
  }

  private String shape(String argument) {
    String what =
        switch (argument) {
          case "features" ->
              "numbers of every step [B, T, %s]: %s"
                  .formatted(
                      spec.inputs().features(),
                      task.equals("forecast")
                          ? "past(series), or scaled(numbers) where a label is told"
                          : "scaled(numbers)");
          case "characters" -> "ids of the characters of every word [B, T, C]";
          case "character_lengths" -> "how many characters each word has [B, T], 0 behind the row";
          case "lengths" -> "how many steps each row has [B], at least 1";
          case "target" -> "ids of what is written [B, U]; its end has id " + spec.decoder().end();
          case "state" -> "what the call before returned; None at the beginning";
          default ->
              "ids of tokens [B, T], as ids(rows, vocabulary(\"%s\"))".formatted(file(argument));
        };
    return argument + ": " + what;
  }

  private static String file(String argument) {
    return argument.replace("tokens", "vocabulary") + ".tsv";
  }

  /** Returns what the network is called with. */
  private List<String> arguments() {
    List<String> names = new ArrayList<>(inputNames());
    boolean language = !writes && spec.head() instanceof HeadSpec.Vocabulary;
    names.add(language ? "state" : "lengths");
    if (writes) {
      names.add("target");
    }
    return names;
  }

  private List<String> inputNames() {
    InputSpec inputs = spec.inputs();
    List<String> names = new ArrayList<>();
    for (int c = 0; c < inputs.columns().size(); c++) {
      names.add(c == 0 ? "tokens" : "tokens_" + c);
    }
    if (inputs.features() > 0) {
      names.add("features");
    }
    if (inputs.words() != null) {
      names.add("characters");
      names.add("character_lengths");
    }
    return names;
  }

  private void inputs() {
    InputSpec inputs = spec.inputs();
    for (int c = 0; c < inputs.columns().size(); c++) {
      InputSpec.TokenColumn column = inputs.columns().get(c);
      String name = c == 0 ? "embedding" : "embedding_" + c;
      file.init(
          "self.%s = nn.Embedding(%s, %s)"
              .formatted(name, column.vocabulary(), column.embedding()));
      file.use("vocabulary");
    }
    if (inputs.features() > 0) {
      file.use("scaled");
      if (task.equals("forecast")) {
        file.use("past");
      }
    }
    if (inputs.words() != null) {
      file.init("self.words = Words()");
    }
  }

  /** Returns the line that makes vectors x of all steps. */
  private String vectors() {
    List<String> vectors = new ArrayList<>();
    for (int c = 0; c < spec.inputs().columns().size(); c++) {
      vectors.add(
          c == 0 ? "self.embedding(tokens)" : "self.embedding_%s(tokens_%s)".formatted(c, c));
    }
    if (spec.inputs().features() > 0) {
      vectors.add("features");
    }
    if (spec.inputs().words() != null) {
      vectors.add("self.words(characters, character_lengths)");
    }
    String all = String.join(", ", vectors);
    return "        x = %s\n".formatted(vectors.size() == 1 ? all : "torch.cat([" + all + "], -1)");
  }

  /** Returns the lines that make outputs and last state of the vectors x. */
  private String encoded() {
    return spec.encoder().direction() == Direction.REVERSE
        ? """
                  y, state = %s
                  y = flip(y, lengths)
          """
            .formatted(encoderCall("flip(x, lengths)"))
        : "        y, state = %s\n".formatted(encoderCall("x"));
  }

  private String encoderCall(String x) {
    return file.isOne(spec.encoder())
        ? "run(self.rnn, %s, lengths)".formatted(x)
        : "self.rnn(%s, lengths)".formatted(x);
  }

  private void reader() {
    String pooled = "y";
    String pool = "";
    if (spec.head().target() == Target.SEQUENCE) {
      pool = file.pool(spec.pooling(), spec.encoder(), "self.attention");
      pooled = "pooled";
      if (spec.pooling() == Pooling.Type.ATTENTION) {
        file.init("self.attention = AttentionPooling(%s)".formatted(spec.encoder().outputSize()));
      }
    }
    int outputs = spec.encoder().outputSize();
    file.init("self.decoder = nn.Linear(%s, %s)".formatted(outputs, spec.head().scores()));
    if (spec.head() instanceof HeadSpec.LinearCrf crf) {
      file.use("crf");
      file.init("self.crf = Crf(%s)".formatted(crf.labels()));
    }
    boolean states = task.equals("state");
    file.method(
        "forward",
        inputNames(),
        "lengths",
        answer() + (states ? ", and the states [B, T, %s]".formatted(outputs) : "") + ".",
        vectors()
            + encoded()
            + pool
            + "        return self.decoder(%s)%s\n".formatted(pooled, states ? ", y" : ""));
  }

  private String answer() {
    boolean ofSequences = spec.head().target() == Target.SEQUENCE;
    String shape = "[B, %s%s]".formatted(ofSequences ? "" : "T, ", spec.head().scores());
    if (spec.head() instanceof HeadSpec.Regression) {
      return "Returns the numbers %s%s"
          .formatted(shape, task.equals("forecast") ? " of the next steps, scaled" : ", scaled");
    }
    if (spec.head() instanceof HeadSpec.LinearCrf) {
      return "Returns the emissions %s, for self.crf.best(emissions of a row)".formatted(shape);
    }
    return spec.head() instanceof HeadSpec.Alignment
        ? "Returns the scores %s of the blank, which is 0, and the labels".formatted(shape)
        : "Returns the scores %s of the labels, before a softmax".formatted(shape);
  }

  private void languageModel() {
    HeadSpec.Vocabulary head = (HeadSpec.Vocabulary) spec.head();
    RnnSpec rnn = spec.encoder();
    String begin = "";
    if (spec.learnedState()) {
      List<Integer> shape = List.of(rnn.layers(), rnn.cell().stateSlots(), rnn.hiddenSize());
      boolean equal = rnn.lastSize() == rnn.hiddenSize();
      file.init(
          "self.rnn.register_parameter(\"initial_state\", nn.Parameter(torch.zeros(%s)))"
              .formatted(equal ? list(shape) : rnn.stateSize(1)));
      begin = learnedState(rnn);
    }
    file.vocabulary(head, rnn.outputSize(), "embedding");
    file.method(
        "forward",
        inputNames(),
        "state=None",
        "Returns logarithms of the probabilities of the token behind each [B, T, %s], and the state."
            .formatted(head.tokens()),
        begin
            + vectors()
            + "        y, state = %s\n"
                .formatted(file.isOne(rnn) ? "self.rnn(x, state)" : "self.rnn(x, None, state)")
            + "        return %s, state\n".formatted(PyTorchFile.logProbabilities(head, "y")));
  }

  private static String list(List<Integer> shape) {
    return shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /** Returns the lines that make the first state of the one that was learned. */
  private String learnedState(RnnSpec rnn) {
    boolean slots = rnn.cell().stateSlots() == 2;
    if (file.isOne(rnn)) {
      String all = "self.rnn.initial_state[:, %s, None].expand(-1, len(tokens), -1).contiguous()";
      return "        if state is None:\n            state = "
          + (slots ? "(%s, %s)".formatted(all.formatted(0), all.formatted(1)) : all.formatted(0))
          + "\n";
    }
    return """
                if state is None:
                    parts = self.rnn.initial_state.flatten().split(%s)
                    parts = [part.expand(1, len(tokens), -1).contiguous() for part in parts]
                    state = %s
        """
        .formatted(PyTorchFile.stateSizes(rnn), PyTorchFile.states(rnn));
  }

  /** Returns the class that reads words by their characters; nothing where none are read. */
  private String words() {
    InputSpec.WordSpec words = spec.inputs().words();
    if (words == null) {
      return "";
    }
    RnnSpec rnn =
        RnnSpec.of(words.cell(), words.embedding(), words.hidden(), 1).with(Direction.BOTH);
    String attention =
        words.pooling() == Pooling.Type.ATTENTION
            ? "        self.attention = AttentionPooling(%s)\n".formatted(rnn.outputSize())
            : "";
    return """


        class Words(nn.Module):
            \"""Reads words [B, T] character by character; returns their vectors [B, T, %s].\"""

            def __init__(self):
                super().__init__()
                self.embedding = nn.Embedding(%s, %s)
                self.rnn = %s(%s, %s, batch_first=True, bidirectional=True%s)
        %s
            def forward(self, characters, character_lengths):
                present = character_lengths > 0
                lengths = character_lengths[present]
                y, _ = run(self.rnn, self.embedding(characters[present]), lengths)
        %s        vectors = y.new_zeros(*present.shape, %s)
                vectors[present] = pooled
                return vectors
        """
        .formatted(
            rnn.outputSize(),
            words.vocabulary(),
            words.embedding(),
            PyTorchFile.cell(words.cell()),
            words.embedding(),
            words.hidden(),
            words.cell() == CellType.RNN_RELU ? ", nonlinearity=\"relu\"" : "",
            attention,
            file.pool(words.pooling(), rnn, "self.attention"),
            rnn.outputSize());
  }

  private String load() {
    boolean tied = spec.head() instanceof HeadSpec.Vocabulary head && head.tied();
    String shared = writes ? new PyTorchDecoder(spec, file).embedding() : "embedding";
    String name = file.uses("layers") ? "renamed(name)" : "name";
    return """


        def load(folder=HERE):
            \"""Returns the network with the parameters of a folder, ready to answer.\"""
            data = (pathlib.Path(folder) / "model.safetensors").read_bytes()
            begin = 8 + int.from_bytes(data[:8], "little")
            tensors = {}
            for name, entry in json.loads(data[8:begin]).items():
                if name != "__metadata__":
                    first, end = entry["data_offsets"]
                    values = bytearray(data[begin + first : begin + end])
                    values = torch.frombuffer(values, dtype=torch.float32).reshape(entry["shape"])
                    tensors[%s] = values
        %s    network = Model()
            network.load_state_dict(tensors)
            return network.eval()
        """
        .formatted(
            name,
            tied
                ? "    tensors[\"decoder.weight\"] = tensors[\"%s.weight\"]\n".formatted(shared)
                : "");
  }
}
