// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.util.List;
import java.util.Locale;
import org.unroll.rnn.network.DecoderSpec;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.NetworkSpec;
import org.unroll.rnn.nn.RnnSpec;

/** The layers and methods, in Python, of a network that writes. */
final class PyTorchDecoder {
  private final NetworkSpec spec;
  private final DecoderSpec decoder;
  private final HeadSpec.Vocabulary head;
  private final PyTorchFile file;

  /**
   * Prepares.
   *
   * @param file where layers and methods go
   */
  PyTorchDecoder(NetworkSpec spec, PyTorchFile file) {
    this.spec = spec;
    this.decoder = spec.decoder();
    this.head = (HeadSpec.Vocabulary) spec.head();
    this.file = file;
  }

  /** Returns the name of the layer with the vectors of the tokens that are written. */
  String embedding() {
    return decoder.sharedEmbedding() ? "embedding" : "target_embedding";
  }

  /**
   * Adds the layers, and the methods {@code read}, {@code step}, {@code forward} and {@code write}.
   *
   * @param inputs the names of what is read
   * @param encoded the lines that make outputs {@code y} and last state of it
   */
  void add(List<String> inputs, String encoded) {
    RnnSpec rnn = decoder.layers();
    int memory = spec.encoder() == null ? spec.inputs().width() : spec.encoder().outputSize();
    file.use("vocabulary");
    file.use("mask");
    if (!decoder.sharedEmbedding()) {
      file.init(
          "self.target_embedding = nn.Embedding(%s, %s)"
              .formatted(decoder.vocabulary(), decoder.embedding()));
    }
    if (decoder.bridge() == DecoderSpec.Bridge.LINEAR) {
      file.init("self.bridge = nn.Linear(%s, %s)".formatted(memory, rnn.stateSize(1)));
    }
    file.layers("target_rnn", rnn, rnn.inputSize());
    if (decoder.attention() != null) {
      file.use("attention");
      file.init(
          "self.attention = Attention(\"%s\", %s, %s)"
              .formatted(
                  decoder.attention().name().toLowerCase(Locale.ROOT), rnn.outputSize(), memory));
    }
    file.vocabulary(head, rnn.outputSize(), embedding());
    file.method(
        "read",
        inputs,
        "lengths",
        "Returns what is remembered of rows, which steps are there, and the writer's first state.",
        encoded + bridge() + "        return y, there(y, lengths), state\n");
    file.methods(step());
    String read = String.join(", ", inputs) + ", lengths";
    file.methods(
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

  private String step() {
    return """

            def step(self, token, memory, mask, state, fed):
                \"""Writes one token behind another [B, 1]; returns what to say, the state, and what to feed.\"""
                x = self.%s(token)
        %s        y, state = self.target_rnn(x, None, state)
        %s        return %s, state, y
        """
        .formatted(
            embedding(),
            decoder.inputFeeding() ? "        x = torch.cat([x, fed], -1)\n" : "",
            decoder.attention() == null ? "" : "        y = self.attention(y, memory, mask)\n",
            PyTorchFile.logProbabilities(head, "y"));
  }

  /** Returns the lines that make the writer's first state of the encoder's last. */
  private String bridge() {
    RnnSpec rnn = decoder.layers();
    boolean slots = rnn.cell().stateSlots() == 2;
    String joined = "%s.transpose(0, 1).flatten(1)";
    switch (decoder.bridge()) {
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
        return """
                    parts = torch.tanh(self.bridge(%s)).split(%s, 1)
                    parts = [part[None].contiguous() for part in parts]
                    state = %s
            """
            .formatted(last, PyTorchFile.stateSizes(rnn), PyTorchFile.states(rnn));
      }
    }
  }
}
