// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.network.DecoderSpec;
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
  private static final String PARTS = "pytorch.py";

  private final NetworkSpec spec;
  private final String task;
  private final boolean writes;

  /** The parts of the resource that are used, in its order. */
  private final Set<String> used = new LinkedHashSet<>();

  private final List<String> init = new ArrayList<>();
  private final StringBuilder methods = new StringBuilder();

  private PyTorchModule(NetworkSpec spec, String task) {
    this.spec = spec;
    this.task = task;
    writes = spec.decoder() != null;
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
      layers("rnn", spec.encoder(), spec.inputs().width());
    }
    if (writes) {
      writer();
    } else if (spec.head() instanceof HeadSpec.Vocabulary) {
      languageModel();
    } else {
      reader();
    }
    // Before it is known which parts are used.
    String words = words();
    StringBuilder file = new StringBuilder("\"\"\"" + description() + "\"\"\"\n");
    parts()
        .forEach(
            (name, part) -> file.append(name.equals("begin") || used.contains(name) ? part : ""));
    file.append(words)
        .append(
            "\n\nclass Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n");
    init.forEach(line -> file.append("        ").append(line).append('\n'));
    return file.append(methods).append(load()).toString();
  }

  private static Map<String, String> parts() {
    try (InputStream in = PyTorchModule.class.getResourceAsStream(PARTS)) {
      Map<String, String> parts = new LinkedHashMap<>();
      String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String part : all.split("(?m)^#: ")) {
        if (!part.isEmpty()) {
          int end = part.indexOf('\n');
          parts.put(part.substring(0, end), part.substring(end + 1));
        }
      }
      return parts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
      init.add(
          "self.%s = nn.Embedding(%s, %s)"
              .formatted(name, column.vocabulary(), column.embedding()));
      used.add("vocabulary");
    }
    if (inputs.features() > 0) {
      used.add("scaled");
      if (task.equals("forecast")) {
        used.add("past");
      }
    }
    if (inputs.words() != null) {
      init.add("self.words = Words()");
    }
  }

  /** Returns the expression of the vectors of all steps. */
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
    return vectors.size() == 1
        ? vectors.get(0)
        : "torch.cat([" + String.join(", ", vectors) + "], -1)";
  }

  private static String cell(CellType cell) {
    return switch (cell) {
      case LSTM -> "nn.LSTM";
      case GRU -> "nn.GRU";
      case RNN_TANH, RNN_RELU -> "nn.RNN";
    };
  }

  private static String python(boolean value) {
    return value ? "True" : "False";
  }

  /** Returns whether torch.nn has such layers as one module. */
  private static boolean areOne(RnnSpec rnn) {
    return !rnn.residual() && !rnn.layerNorm() && rnn.lastSize() == rnn.hiddenSize();
  }

  private void layers(String name, RnnSpec rnn, int width) {
    used.add("run");
    String relu = rnn.cell() == CellType.RNN_RELU ? ", nonlinearity=\"relu\"" : "";
    boolean both = rnn.direction() == Direction.BOTH;
    if (rnn.direction() == Direction.REVERSE) {
      used.add("flip");
    }
    if (areOne(rnn) && !writes) {
      init.add(
          "self.%s = %s(%s, %s, %s, bias=%s, batch_first=True, bidirectional=%s%s)"
              .formatted(
                  name,
                  cell(rnn.cell()),
                  width,
                  rnn.hiddenSize(),
                  rnn.layers(),
                  python(rnn.bias()),
                  python(both),
                  relu));
      return;
    }
    used.add("layers");
    init.add(
        "self.%s = Layers(%s, %s, %s, bias=%s, both=%s, residual=%s, norm=%s%s)"
            .formatted(
                name,
                cell(rnn.cell()),
                width,
                widths(rnn),
                python(rnn.bias()),
                python(both),
                python(rnn.residual()),
                python(rnn.layerNorm()),
                relu));
  }

  private static List<Integer> widths(RnnSpec rnn) {
    return IntStream.range(0, rnn.layers()).mapToObj(rnn::hiddenSize).toList();
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
    return areOne(spec.encoder()) && !writes
        ? "run(self.rnn, %s, lengths)".formatted(x)
        : "self.rnn(%s, lengths)".formatted(x);
  }

  private void reader() {
    String pooled = "y";
    String pool = "";
    if (spec.head().target() == Target.SEQUENCE) {
      pool = pool(spec.pooling(), spec.encoder(), "self.attention", "        ");
      pooled = "pooled";
      if (spec.pooling() == Pooling.Type.ATTENTION) {
        init.add("self.attention = AttentionPooling(%s)".formatted(spec.encoder().outputSize()));
      }
    }
    int outputs = spec.encoder().outputSize();
    init.add("self.decoder = nn.Linear(%s, %s)".formatted(outputs, spec.head().scores()));
    if (spec.head() instanceof HeadSpec.LinearCrf crf) {
      used.add("crf");
      init.add("self.crf = Crf(%s)".formatted(crf.labels()));
    }
    boolean states = task.equals("state");
    method(
        "forward",
        inputNames(),
        "lengths",
        answer() + (states ? ", and the states [B, T, %s]".formatted(outputs) : "") + ".",
        "        x = %s\n".formatted(vectors())
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

  /** Returns the lines that make a vector of each row of the outputs y. */
  private String pool(Pooling.Type type, RnnSpec rnn, String attention, String indent) {
    if (type != Pooling.Type.LAST) {
      used.add("mask");
    }
    if (type == Pooling.Type.ATTENTION) {
      used.add("pooling");
    }
    int width = rnn.outputSize();
    String last = "y[torch.arange(len(y)), lengths - 1%s]";
    String pooled =
        switch (type) {
          case LAST ->
              switch (rnn.direction()) {
                case FORWARD -> last.formatted("");
                case REVERSE -> "y[:, 0]";
                case BOTH ->
                    "torch.cat([%s, y[:, 0, %s:]], -1)"
                        .formatted(last.formatted(", :" + width / 2), width / 2);
              };
          case MEAN -> "(y * there(y, lengths)[:, :, None]).sum(1) / lengths[:, None]";
          case MAX -> "y.masked_fill(~there(y, lengths)[:, :, None], -torch.inf).amax(1)";
          case ATTENTION -> attention + "(y, lengths)";
        };
    return indent + "pooled = " + pooled + "\n";
  }

  private void languageModel() {
    HeadSpec.Vocabulary head = (HeadSpec.Vocabulary) spec.head();
    RnnSpec rnn = spec.encoder();
    String begin = "";
    if (spec.learnedState()) {
      List<Integer> shape = List.of(rnn.layers(), rnn.cell().stateSlots(), rnn.hiddenSize());
      boolean equal = rnn.lastSize() == rnn.hiddenSize();
      init.add(
          "self.rnn.register_parameter(\"initial_state\", nn.Parameter(torch.zeros(%s)))"
              .formatted(equal ? list(shape) : rnn.stateSize(1)));
      begin = learnedState(rnn);
    }
    vocabulary(head, rnn.outputSize(), "embedding");
    method(
        "forward",
        inputNames(),
        "state=None",
        "Returns logarithms of the probabilities of the token behind each [B, T, %s], and the state."
            .formatted(head.tokens()),
        begin
            + "        x = %s\n".formatted(vectors())
            + "        y, state = %s\n"
                .formatted(areOne(rnn) ? "self.rnn(x, state)" : "self.rnn(x, None, state)")
            + "        return %s, state\n".formatted(logProbabilities(head, "y")));
  }

  private static String list(List<Integer> shape) {
    return shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  /** Returns the lines that make the first state of the one that was learned. */
  private static String learnedState(RnnSpec rnn) {
    boolean slots = rnn.cell().stateSlots() == 2;
    if (areOne(rnn)) {
      String all = "self.rnn.initial_state[:, %s, None].expand(-1, len(tokens), -1).contiguous()";
      return "        if state is None:\n            state = "
          + (slots ? "(%s, %s)".formatted(all.formatted(0), all.formatted(1)) : all.formatted(0))
          + "\n";
    }
    List<Integer> parts = new ArrayList<>();
    widths(rnn).forEach(w -> parts.addAll(slots ? List.of(w, w) : List.of(w)));
    return """
                if state is None:
                    parts = self.rnn.initial_state.flatten().split(%s)
                    parts = [part.expand(1, len(tokens), -1).contiguous() for part in parts]
                    state = %s
        """
        .formatted(parts, slots ? "list(zip(parts[::2], parts[1::2]))" : "parts");
  }

  /** Adds the output layer over a vocabulary. */
  private void vocabulary(HeadSpec.Vocabulary head, int width, String embedding) {
    if (!head.cutoffs().isEmpty()) {
      init.add(
          "self.decoder = nn.AdaptiveLogSoftmaxWithLoss(%s, %s, %s, %s.0, %s)"
              .formatted(
                  width, head.tokens(), head.cutoffs(), head.divisor(), python(head.bias())));
      return;
    }
    init.add(
        "self.decoder = nn.Linear(%s, %s, bias=%s)"
            .formatted(width, head.tokens(), python(head.bias())));
    if (head.tied()) {
      init.add("self.decoder.weight = self.%s.weight".formatted(embedding));
    }
  }

  private static String logProbabilities(HeadSpec.Vocabulary head, String y) {
    return head.cutoffs().isEmpty()
        ? "self.decoder(%s).log_softmax(-1)".formatted(y)
        : "self.decoder.log_prob(%s.flatten(0, 1)).unflatten(0, %s.shape[:2])".formatted(y, y);
  }

  private String targetEmbedding() {
    return spec.decoder().sharedEmbedding() ? "embedding" : "target_embedding";
  }

  private void writer() {
    DecoderSpec decoder = spec.decoder();
    RnnSpec rnn = decoder.layers();
    HeadSpec.Vocabulary head = (HeadSpec.Vocabulary) spec.head();
    int memory = spec.encoder() == null ? spec.inputs().width() : spec.encoder().outputSize();
    used.add("vocabulary");
    used.add("mask");
    if (!decoder.sharedEmbedding()) {
      init.add(
          "self.target_embedding = nn.Embedding(%s, %s)"
              .formatted(decoder.vocabulary(), decoder.embedding()));
    }
    if (decoder.bridge() == DecoderSpec.Bridge.LINEAR) {
      init.add("self.bridge = nn.Linear(%s, %s)".formatted(memory, rnn.stateSize(1)));
    }
    layers("target_rnn", rnn, rnn.inputSize());
    if (decoder.attention() != null) {
      used.add("attention");
      init.add(
          "self.attention = Attention(\"%s\", %s, %s)"
              .formatted(
                  decoder.attention().name().toLowerCase(Locale.ROOT), rnn.outputSize(), memory));
    }
    vocabulary(head, rnn.outputSize(), targetEmbedding());
    String encoded = spec.encoder() == null ? "        y = x\n" : encoded();
    method(
        "read",
        inputNames(),
        "lengths",
        "Returns what is remembered of rows, which steps are there, and the writer's first state.",
        "        x = %s\n".formatted(vectors())
            + encoded
            + bridge()
            + "        return y, there(y, lengths), state\n");
    methods.append(step(decoder, head));
    String read = String.join(", ", inputNames()) + ", lengths";
    methods.append(
        """

            def forward(self, %s, target):
                \"""Returns logarithms of the probabilities [B, U, %s] behind the right tokens.\"""
                memory, mask, state = self.read(%s)
                before = torch.cat([torch.full_like(target[:, :1], %s), target[:, :-1]], 1)
                fed, told = memory.new_zeros(len(target), 1, %s), []
                for t in range(target.shape[1]):
                    said, state, fed = self.step(before[:, t : t + 1], memory, mask, state, fed)
                    told.append(said)
                return torch.cat(told, 1)

            @torch.no_grad()
            def write(self, %s, longest=100):
                \"""Returns the ids of the texts that are most probable token by token.\"""
                memory, mask, state = self.read(%s)
                token = torch.full((len(memory), 1), %s)
                fed, texts = memory.new_zeros(len(memory), 1, %s), []
                for _ in range(longest):
                    said, state, fed = self.step(token, memory, mask, state, fed)
                    token = said.argmax(-1)
                    texts.append(token)
                rows = torch.cat(texts, 1).tolist()
                return [row[: row.index(%s)] if %s in row else row for row in rows]
        """
            .formatted(
                read,
                head.tokens(),
                read,
                decoder.end(),
                rnn.outputSize(),
                read,
                read,
                decoder.end(),
                rnn.outputSize(),
                decoder.end(),
                decoder.end()));
  }

  private String step(DecoderSpec decoder, HeadSpec.Vocabulary head) {
    return """

            def step(self, token, memory, mask, state, fed):
                \"""Writes one token behind another [B, 1]; returns what to say, the state, and what to feed.\"""
                x = self.%s(token)
        %s        y, state = self.target_rnn(x, None, state)
        %s        return %s, state, y
        """
        .formatted(
            targetEmbedding(),
            decoder.inputFeeding() ? "        x = torch.cat([x, fed], -1)\n" : "",
            decoder.attention() == null ? "" : "        y = self.attention(y, memory, mask)\n",
            logProbabilities(head, "y"));
  }

  /** Returns the lines that make the writer's first state of the encoder's last. */
  private String bridge() {
    RnnSpec rnn = spec.decoder().layers();
    boolean slots = rnn.cell().stateSlots() == 2;
    String joined = "%s.transpose(0, 1).flatten(1)";
    switch (spec.decoder().bridge()) {
      case ZERO -> {
        return "        state = None\n";
      }
      case COPY -> {
        String each =
            slots
                ? "tuple(%s[None] for v in s)".formatted(joined.formatted("v"))
                : joined.formatted("s") + "[None]";
        return "        state = [%s for s in state]\n".formatted(each);
      }
      default -> {
        boolean encoderSlots = spec.encoder() != null && spec.encoder().cell().stateSlots() == 2;
        String last =
            spec.encoder() == null
                ? "(y * there(y, lengths)[:, :, None]).sum(1) / lengths[:, None]"
                : joined.formatted("state[-1]" + (encoderSlots ? "[0]" : ""));
        List<Integer> parts = new ArrayList<>();
        widths(rnn).forEach(w -> parts.addAll(slots ? List.of(w, w) : List.of(w)));
        return """
                    parts = torch.tanh(self.bridge(%s)).split(%s, 1)
                    parts = [part[None].contiguous() for part in parts]
                    state = %s
            """
            .formatted(last, parts, slots ? "list(zip(parts[::2], parts[1::2]))" : "parts");
      }
    }
  }

  private void method(String name, List<String> inputs, String more, String doc, String body) {
    methods.append(
        "\n    def %s(self, %s, %s):\n        \"\"\"%s\"\"\"\n%s"
            .formatted(name, String.join(", ", inputs), more, doc, body));
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
            cell(words.cell()),
            words.embedding(),
            words.hidden(),
            words.cell() == CellType.RNN_RELU ? ", nonlinearity=\"relu\"" : "",
            attention,
            pool(words.pooling(), rnn, "self.attention", "        "),
            rnn.outputSize());
  }

  private String load() {
    boolean tied = spec.head() instanceof HeadSpec.Vocabulary head && head.tied();
    String shared = writes ? targetEmbedding() : "embedding";
    String name = used.contains("layers") ? "renamed(name)" : "name";
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
