# SPDX-License-Identifier: Apache-2.0
"""Writes the golden values that core-rnn's tests compare with, computed by PyTorch and sacreBLEU.

Everything given (parameters, inputs, gradients from above) is a float32 number; PyTorch computes
from it in float64 and the results are rounded to float32, so a file holds the right answer and not
one float32 summation order's. Numbers have 9 significant digits, which identify a float32. A case
draws from a seed made of its own name: adding one leaves the others as they are.
"""
import argparse
import json
import random
import zlib
from pathlib import Path

import torch
from sacrebleu.metrics import BLEU, CHRF
from torch import nn
from torch.nn import functional
from torch.nn.utils import rnn as packing

FOLDER = Path(__file__).parent.parent / "core-rnn/src/test/resources/golden"
MASKED = -1
VOCABULARY = 11
DROPOUT_KEY = 77
BITS = 1 << 64
GOLDEN_GAMMA = 0x9E3779B97F4A7C15


def given(*shape, scale=1.0):
    """Random numbers in +-scale that float32 holds exactly, as float64."""
    numbers = (torch.rand(*shape, dtype=torch.float64) * 2 - 1) * scale
    return numbers.float().double()


def plain(value):
    """Tensors as shape and data, floats cut to 9 digits, containers walked."""
    if isinstance(value, torch.Tensor):
        return {"shape": list(value.shape), "data": numbers(value)}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value


def numbers(tensor):
    if not tensor.is_floating_point():
        return tensor.flatten().tolist()
    # Adding 0.0 turns -0.0 into 0.0.
    return [float(f"{x + 0.0:.9g}") for x in tensor.detach().float().flatten().tolist()]


def write(folder, name, case):
    lines = [json.dumps(key) + ":" + json.dumps(plain(case[key]), sort_keys=True,
                                                separators=(",", ":")) for key in sorted(case)]
    path = folder / f"{name}.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


def seed(name):
    torch.manual_seed(zlib.crc32(name.encode()))


def recurrent(cell, nonlinearity, inputs, hidden, layers, bias):
    extra = {"nonlinearity": nonlinearity} if cell == "RNN" else {}
    return getattr(nn, cell)(inputs, hidden, layers, bias=bias, dtype=torch.float64, **extra)


def randomise(module):
    """Larger than PyTorch's initial weights, so that gates leave their linear range."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(given(*parameter.shape, scale=0.7))


def random_state(cell, *shape):
    names = ["h", "c"] if cell == "LSTM" else ["h"]
    return {name: given(*shape).requires_grad_() for name in names}


def run(module, inputs, state, lengths):
    """Output and final state; rows end after their lengths, if given."""
    initial = tuple(state.values()) if len(state) > 1 else state["h"]
    if lengths is None:
        output, final = module(inputs, initial)
    else:
        packed = packing.pack_padded_sequence(
            inputs, torch.tensor(lengths), enforce_sorted=False)
        output, final = module(packed, initial)
        output, _ = packing.pad_packed_sequence(output, total_length=len(inputs))
    final = final if isinstance(final, tuple) else (final,)
    return output, dict(zip(state, final))


def gradients(tensors):
    return {name: tensor.grad for name, tensor in tensors.items()}


def layer_case(cell, nonlinearity, layers, sizes, bias, lengths):
    steps, rows, inputs, hidden = sizes
    module = recurrent(cell, nonlinearity, inputs, hidden, layers, bias)
    randomise(module)
    x = given(steps, rows, inputs).requires_grad_()
    state = random_state(cell, layers, rows, hidden)
    output, final = run(module, x, state, lengths)
    d_output = given(*output.shape)
    for row, length in enumerate(lengths or []):
        d_output[length:, row] = 0
    d_final = {name: given(*part.shape) for name, part in final.items()}
    loss = (output * d_output).sum() + sum((final[name] * d_final[name]).sum() for name in final)
    loss.backward()
    params = {"rnn." + name: parameter for name, parameter in module.named_parameters()}
    case = {"cell": cell, "layers": layers, "inputSize": inputs, "hiddenSize": hidden,
            "steps": steps, "rows": rows, "bias": bias, "lengths": lengths, "params": params,
            "input": x, "state": state, "output": output, "finalState": final,
            "outputGradient": d_output, "finalStateGradient": d_final, "inputGradient": x.grad,
            "stateGradient": gradients(state), "paramGradients": gradients(params)}
    return case | ({"nonlinearity": nonlinearity} if cell == "RNN" else {})


def layer_cases():
    """Yields name and case. Hidden 17 is whole vectors of 8 or 16 lanes and a tail."""
    kinds = {"lstm": ("LSTM", None), "gru": ("GRU", None),
             "rnn-tanh": ("RNN", "tanh"), "rnn-relu": ("RNN", "relu")}
    shapes = {"1": (1, (5, 3, 4, 5), True, None), "1-ragged": (1, (5, 3, 4, 5), True, [5, 3, 4]),
              "2": (2, (4, 3, 6, 5), True, None),
              "2-ragged": (2, (4, 3, 6, 5), True, [2, 4, 1]),
              # No row reaches the last step of this one.
              "3": (3, (7, 2, 5, 3), True, None), "3-ragged": (3, (7, 2, 5, 3), True, [6, 2]),
              "1-nobias": (1, (3, 1, 1, 3), False, None),
              "2-nobias-ragged": (2, (5, 3, 4, 5), False, [1, 5, 2]),
              "1-wide-ragged": (1, (3, 5, 2, 17), True, [3, 2, 3, 1, 3])}
    for kind, (cell, nonlinearity) in kinds.items():
        for shape, (layers, sizes, bias, lengths) in shapes.items():
            name = f"layer-{kind}-{shape}"
            seed(name)
            yield name, layer_case(cell, nonlinearity, layers, sizes, bias, lengths)


class Model(nn.Module):
    """Embedding, recurrent layers, linear decoder; the names are those of Unroll's files."""

    def __init__(self, cell, nonlinearity, layers, embedding, hidden, tied):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, embedding, dtype=torch.float64)
        self.rnn = recurrent(cell, nonlinearity, embedding, hidden, layers, True)
        self.decoder = nn.Linear(hidden, VOCABULARY, dtype=torch.float64)
        if tied:
            self.decoder.weight = self.embedding.weight
        self.spec = {"vocabulary": VOCABULARY, "embedding": embedding, "cell": cell,
                     "layers": layers, "hidden": hidden, "tied": tied, "bias": True}
        self.spec |= {"nonlinearity": nonlinearity} if cell == "RNN" else {}
        randomise(self)

    def forward(self, tokens, state, lengths=None):
        output, final = run(self.rnn, self.embedding(tokens), state, lengths)
        return self.decoder(output), final


def cross_entropy(logits, targets, reduction):
    return functional.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=MASKED, reduction=reduction)


def model_case(cell, nonlinearity, embedding, hidden, tied, steps, rows, lengths):
    layers = 2
    model = Model(cell, nonlinearity, layers, embedding, hidden, tied)
    tokens = torch.randint(VOCABULARY, (steps, rows))
    targets = torch.randint(VOCABULARY, (steps, rows))
    for row, length in enumerate(lengths or []):
        tokens[length:, row] = 0
        targets[length:, row] = MASKED
    if lengths:
        targets[0, 0] = MASKED  # a step that counts for the state and not for the loss
    state = random_state(cell, layers, rows, hidden)
    logits, final = model(tokens, state, lengths)
    loss = cross_entropy(logits, targets, "sum")
    loss.backward()
    params = dict(model.named_parameters())
    return {"spec": model.spec, "steps": steps, "rows": rows, "inputs": numbers(tokens),
            "targets": numbers(targets), "lengths": lengths, "params": params, "state": state,
            "loss": numbers(loss)[0], "finalState": final, "stateGradient": gradients(state),
            "paramGradients": gradients(params)}


def model_cases():
    ragged = [3, 5, 1]
    cases = {"lstm": ("LSTM", None, 5, 6, False, 5, 3, None),
             "lstm-ragged": ("LSTM", None, 5, 6, False, 5, 3, ragged),
             "lstm-tied": ("LSTM", None, 6, 6, True, 5, 3, None),
             "lstm-tied-ragged": ("LSTM", None, 6, 6, True, 5, 3, ragged),
             "gru-ragged": ("GRU", None, 5, 6, False, 5, 3, ragged),
             "gru-tied": ("GRU", None, 6, 6, True, 5, 3, None),
             "rnn-tanh": ("RNN", "tanh", 5, 6, False, 5, 3, None),
             "rnn-relu-tied-ragged": ("RNN", "relu", 6, 6, True, 5, 3, ragged)}
    for kind, values in cases.items():
        name = f"model-{kind}"
        seed(name)
        yield name, model_case(*values)


class Reader(nn.Module):
    """Embedding, layers that read whole sequences, pooling, linear decoder; Unroll's names."""

    def __init__(self, cell, layers, direction, residual, norm, pooling, outputs):
        super().__init__()
        embedding, hidden = 4, 5
        width = hidden * (2 if direction == "BOTH" else 1)
        self.direction, self.residual, self.pooling = direction, residual, pooling
        self.embedding = nn.Embedding(VOCABULARY, embedding, dtype=torch.float64)
        self.layers = nn.ModuleList(
            getattr(nn, cell)(embedding if layer == 0 else width, hidden, dtype=torch.float64,
                              bidirectional=direction == "BOTH") for layer in range(layers))
        self.norms = nn.ModuleList(
            nn.LayerNorm(width, dtype=torch.float64) for _ in range(layers if norm else 0))
        if pooling == "ATTENTION":
            self.attention = nn.Linear(width, width, dtype=torch.float64)
            self.query = nn.Parameter(torch.empty(1, width, dtype=torch.float64))
        self.decoder = nn.Linear(width, outputs, dtype=torch.float64)
        self.spec = {"vocabulary": VOCABULARY, "embedding": embedding, "hidden": hidden,
                     "cell": cell, "layers": layers, "direction": direction,
                     "residual": residual, "norm": norm, "pooling": pooling, "outputs": outputs}
        randomise(self)

    def unroll_names(self):
        names = {"embedding.weight": self.embedding.weight}
        for layer, module in enumerate(self.layers):
            names |= {"rnn." + name.replace("_l0", f"_l{layer}"): parameter
                      for name, parameter in module.named_parameters()}
        for layer, module in enumerate(self.norms):
            names |= {f"rnn.norm_l{layer}.{name}": parameter
                      for name, parameter in module.named_parameters()}
        if self.pooling == "ATTENTION":
            names |= {"attention.weight": self.attention.weight,
                      "attention.bias": self.attention.bias, "attention.query": self.query}
        return names | {"decoder.weight": self.decoder.weight, "decoder.bias": self.decoder.bias}

    def forward(self, sequences):
        if self.direction == "REVERSE":
            sequences = [tokens.flip(0) for tokens in sequences]
        x = packing.pack_sequence([self.embedding(s) for s in sequences], enforce_sorted=False)
        for layer, module in enumerate(self.layers):
            y, state = module(x)
            data = y.data
            if self.residual and layer > 0:
                data = data + x.data
            if len(self.norms):
                data = self.norms[layer](data)
            x = y._replace(data=data)
        outputs = packing.unpack_sequence(x)
        if self.pooling is None:
            return [self.decoder(y) for y in outputs]
        return self.decoder(torch.stack([self.pool(y) for y in outputs]))

    def pool(self, y):
        if self.pooling == "LAST":
            half = y.shape[1] // 2
            return torch.cat([y[-1, :half], y[0, half:]]) if self.direction == "BOTH" else y[-1]
        if self.pooling == "ATTENTION":
            weights = torch.softmax(torch.tanh(self.attention(y)) @ self.query[0], 0)
            return weights @ y
        return y.mean(0) if self.pooling == "MEAN" else y.max(0).values


def reader_case(head, cell, layers, direction, residual, norm, pooling):
    smoothing, weights, classes = 0.1, given(4).abs() + 0.5, 4
    model = Reader(cell, layers, direction, residual, norm, pooling, classes)
    lengths = [4, 7, 1, 9, 6]
    sequences = [torch.randint(VOCABULARY, (length,)) for length in lengths]
    scores = model(sequences)
    if head == "classify":
        labels = [torch.randint(classes, (1,)) for _ in lengths]
        loss = functional.cross_entropy(scores, torch.cat(labels), reduction="sum")
    elif head == "tag":
        labels = [torch.randint(classes, (length,)) for length in lengths]
        labels[1][2] = MASKED
        loss = functional.cross_entropy(
            torch.cat(scores), torch.cat(labels), weight=weights.float().double(),
            label_smoothing=smoothing, ignore_index=MASKED, reduction="sum")
    else:  # Labels from 1 on; equal ones side by side, and none at all.
        labels = [torch.tensor(values, dtype=torch.long)
                  for values in ([1, 3], [2, 2, 1], [3], [1, 2, 3, 3, 2], [])]
        padded = nn.utils.rnn.pad_sequence([torch.log_softmax(s, 1) for s in scores])
        loss = functional.ctc_loss(
            padded, torch.cat(labels), torch.tensor(lengths),
            torch.tensor([len(part) for part in labels]), blank=0, reduction="sum")
    loss.backward()
    params = model.unroll_names()
    return {"spec": model.spec | {"head": head, "smoothing": smoothing},
            "classWeights": weights, "sequences": [s.tolist() for s in sequences],
            "labels": [part.tolist() for part in labels], "loss": numbers(loss)[0],
            "params": params, "paramGradients": gradients(params)}


def reader_cases():
    cases = {"classify-last": ("classify", "LSTM", 2, "BOTH", False, False, "LAST"),
             "classify-last-forward": ("classify", "LSTM", 1, "FORWARD", False, False, "LAST"),
             "classify-last-reverse": ("classify", "GRU", 2, "REVERSE", False, False, "LAST"),
             "classify-mean": ("classify", "GRU", 2, "BOTH", True, True, "MEAN"),
             "classify-max": ("classify", "LSTM", 1, "BOTH", False, True, "MAX"),
             "classify-attention": ("classify", "LSTM", 1, "BOTH", False, False, "ATTENTION"),
             "tag": ("tag", "LSTM", 2, "BOTH", False, False, None),
             "tag-deep": ("tag", "GRU", 3, "BOTH", True, True, None),
             "ctc": ("ctc", "LSTM", 2, "BOTH", False, False, None)}
    for kind, values in cases.items():
        name = f"reader-{kind}"
        seed(name)
        yield name, reader_case(*values)


class Writer(nn.Module):
    """A network that writes, one sequence and one step at a time; the names are Unroll's."""

    def __init__(self, cell, direction, layers, bridge, width, decoder_layers, attention=None,
                 feeding=False, shared=False, tied=False, smoothing=0):
        super().__init__()
        embedding, hidden, vocabulary = 4, 5, VOCABULARY if shared else 9
        embedding = width if tied else embedding
        read = hidden * (2 if direction == "BOTH" else 1)
        self.cell, self.direction, self.bridge_type = cell, direction, bridge
        self.attention, self.feeding, self.smoothing = attention, feeding, smoothing
        self.width, self.read, self.end = width, read, 2
        self.embedding = nn.Embedding(VOCABULARY, embedding, dtype=torch.float64)
        self.rnn = getattr(nn, cell)(embedding, hidden, layers, dtype=torch.float64,
                                     bidirectional=direction == "BOTH")
        self.target_embedding = self.embedding
        if not shared:
            self.target_embedding = nn.Embedding(vocabulary, embedding, dtype=torch.float64)
        self.slots = 2 if cell == "LSTM" else 1
        if bridge == "LINEAR":
            self.bridge = nn.Linear(read, decoder_layers * self.slots * width, dtype=torch.float64)
        inputs = [embedding + width * feeding] + [width] * (decoder_layers - 1)
        self.cells = nn.ModuleList(
            getattr(nn, cell + "Cell")(size, width, dtype=torch.float64) for size in inputs)
        if attention == "ADDITIVE":
            self.query = nn.Linear(width, width, bias=False, dtype=torch.float64)
            self.score = nn.Parameter(torch.empty(1, width, dtype=torch.float64))
        if attention in ("ADDITIVE", "GENERAL"):
            self.key = nn.Linear(read, width, bias=False, dtype=torch.float64)
        if attention:
            self.combine = nn.Linear(width + read, width, bias=False, dtype=torch.float64)
        self.decoder = nn.Linear(width, vocabulary, dtype=torch.float64)
        if tied:
            self.decoder.weight = self.target_embedding.weight
        self.spec = {"cell": cell, "vocabulary": VOCABULARY, "embedding": embedding,
                     "hidden": hidden, "layers": layers, "direction": direction,
                     "bridge": bridge, "width": width, "decoderLayers": decoder_layers,
                     "attention": attention, "feeding": feeding, "shared": shared, "tied": tied,
                     "smoothing": smoothing, "written": vocabulary, "end": self.end}
        randomise(self)
        with torch.no_grad():
            self.decoder.bias[self.end] = 0.5  # so that searches end, sooner or later

    def unroll_names(self):
        parts = {"": "embedding target_embedding rnn bridge decoder".split(),
                 "attention.": "query key combine".split()}
        names = {f"{prefix}{part}.{name}": parameter for prefix, some in parts.items()
                 for part in some if hasattr(self, part)
                 for name, parameter in getattr(self, part).named_parameters()}
        if self.attention == "ADDITIVE":
            names["attention.score"] = self.score
        for layer, module in enumerate(self.cells):
            names |= {f"target_rnn.{name}_l{layer}": parameter
                      for name, parameter in module.named_parameters()}
        if self.target_embedding is self.embedding:
            del names["target_embedding.weight"]
        if self.decoder.weight is self.target_embedding.weight:
            del names["decoder.weight"]
        return names

    def encode(self, source):
        """Outputs [S, W], and the state before the first token, a tuple of [H] for every layer."""
        directions = self.read // self.rnn.hidden_size
        zeros = torch.zeros(self.rnn.num_layers * directions, self.rnn.hidden_size,
                            dtype=torch.float64)
        memory, last = torch.zeros(0, self.read, dtype=torch.float64), [zeros] * self.slots
        if len(source) > 0:
            reverse = self.direction == "REVERSE"
            x = self.embedding(source.flip(0) if reverse else source)
            memory, last = self.rnn(x)
            memory = memory.flip(0) if reverse else memory
            last = last if self.slots == 2 else [last]
        if self.bridge_type == "COPY":
            whole = [part.reshape(self.rnn.num_layers, self.read) for part in last]
            return memory, list(zip(*whole))
        shape = (len(self.cells), self.slots, self.width)
        if self.bridge_type == "ZERO":
            made = torch.zeros(shape, dtype=torch.float64)
        else:
            made = torch.tanh(self.bridge(last[0][-directions:].flatten())).reshape(shape)
        return memory, [tuple(layer) for layer in made]

    def step(self, token, fed, state, memory):
        """The output behind a token, the weights of attention, and the state after it."""
        x = self.target_embedding.weight[token]
        x = torch.cat([x, fed]) if self.feeding else x
        after = []
        for module, before in zip(self.cells, state):
            made = module(x, before if self.slots == 2 else before[0])
            after.append(made if self.slots == 2 else (made,))
            x = after[-1][0]
        if not self.attention:
            return x, None, after
        if self.attention == "ADDITIVE":
            scores = torch.tanh(self.query(x) + self.key(memory)) @ self.score[0]
        else:
            scores = (self.key(memory) if self.attention == "GENERAL" else memory) @ x
        weights = torch.softmax(scores, 0)
        return torch.tanh(self.combine(torch.cat([x, weights @ memory]))), weights, after

    def loss(self, source, target):
        """The summed loss of the tokens, each behind the right ones before it."""
        memory, state = self.encode(source)
        fed, outputs = torch.zeros(self.width, dtype=torch.float64), []
        for token in ([self.end] + target.tolist())[:-1]:
            fed, _, state = self.step(token, fed, state, memory)
            outputs.append(fed)
        if not outputs:
            return torch.zeros((), dtype=torch.float64)
        return functional.cross_entropy(self.decoder(torch.stack(outputs)), target,
                                        reduction="sum", label_smoothing=self.smoothing)

    @torch.no_grad()
    def search(self, source, beam, length, coverage, max_length):
        """The best sequences, the best first: all continuations are looked at (Wu et al. 2016)."""
        memory, state = self.encode(source)
        live = [([], 0.0, [], torch.zeros(self.width, dtype=torch.float64), state)]
        done = []

        def finish(tokens, log_probability, weights, count):
            score = log_probability / ((5 + count) / 6) ** length
            if self.attention:
                looked = torch.stack(weights).sum(0).clamp(1e-30, 1)
                score += coverage * torch.log(looked).sum().item()
            told = numbers(torch.tensor([log_probability, score], dtype=torch.float64))
            done.append({"tokens": tokens, "logProbability": told[0], "score": told[1]})

        for t in range(max_length + 1):
            candidates = []
            for i, (tokens, before, weights, fed, state) in enumerate(live):
                fed, own, state = self.step(([self.end] + tokens)[-1], fed, state, memory)
                more = torch.log_softmax(self.decoder(fed), 0)
                candidates += [(before + one, token, i, weights + [own], fed, state)
                               for token, one in enumerate(more.tolist())]
            candidates.sort(key=lambda candidate: -candidate[0])
            following, ended = [], set()
            for rank, (log_probability, token, i, weights, fed, state) in enumerate(candidates):
                if len(following) == beam:
                    break
                tokens = live[i][0]
                if token != self.end:
                    following.append((tokens + [token], log_probability, weights, fed, state))
                elif rank < beam:
                    ended.add(i)
                    finish(tokens, log_probability, weights, t + 1)
            for i, (tokens, log_probability, weights, _, _) in enumerate(live):
                if t == max_length and len(done) < beam and i not in ended:
                    finish(tokens, log_probability, weights, t)
            if len(done) >= beam:
                break
            live = following
        return sorted(done, key=lambda one: -one["score"])[:beam]


def writer_case(*shape, **options):
    model = Writer(*shape, **options)
    sources = [torch.randint(VOCABULARY, (length,)) for length in (3, 7, 0, 1, 5, 4)]
    targets = [torch.randint(model.spec["written"], (length,)) for length in (4, 2, 3, 6, 0, 1)]
    loss = sum(model.loss(source, target) for source, target in zip(sources, targets))
    loss.backward()
    params = model.unroll_names()
    search = {"beam": 3, "length": 0.6, "coverage": 0.2, "maxLength": 6}
    written = [model.search(source, *search.values()) for source in sources]
    return {"spec": model.spec, "sequences": [part.tolist() for part in sources],
            "labels": [part.tolist() for part in targets], "loss": numbers(loss)[0],
            "params": params, "paramGradients": gradients(params), "search": search,
            "written": written}


def writer_cases():
    cases = {"lstm-general-feeding": (("LSTM", "BOTH", 1, "LINEAR", 7, 1, "GENERAL", True), {}),
             "gru-additive-feeding": (("GRU", "BOTH", 2, "LINEAR", 6, 2, "ADDITIVE", True), {}),
             "lstm-dot": (("LSTM", "BOTH", 2, "COPY", 10, 2, "DOT"), {}),
             "lstm-feeding": (("LSTM", "BOTH", 1, "COPY", 10, 1, None, True), {}),
             "gru-reversed": (("GRU", "REVERSE", 2, "COPY", 5, 2), {}),
             "lstm-tied-shared": (("LSTM", "BOTH", 1, "LINEAR", 7, 1, "GENERAL", True),
                                  {"shared": True, "tied": True}),
             "gru-smoothed-tied": (("GRU", "BOTH", 1, "ZERO", 6, 1, "ADDITIVE"),
                                   {"tied": True, "smoothing": 0.1})}
    for kind, (shape, options) in cases.items():
        name = f"writer-{kind}"
        seed(name)
        yield name, writer_case(*shape, **options)


def mix(z):
    """The finaliser of SplitMix64, as core-rnn's RandomBits has it."""
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % BITS
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % BITS
    return z ^ (z >> 31)


def mask_key(seed_, *parts):
    key = mix((seed_ + GOLDEN_GAMMA) % BITS)
    for part in parts:
        key = mix(key ^ mix((part + GOLDEN_GAMMA) % BITS))
    return key


def mask(key, p, *shape):
    """Unroll's dropout mask of a key: 0 with probability p, else 1 / (1 - p)."""
    n = torch.Size(shape).numel()
    drawn = [(mix((key + (i + 1) * GOLDEN_GAMMA) % BITS) >> 40) * 2.0 ** -24 for i in range(n)]
    kept = (torch.tensor(drawn, dtype=torch.float64) >= p).double() / (1 - p)
    return kept.reshape(shape)


class Language(nn.Module):
    """A language model with all that Unroll's may have; the masks of its dropout are Unroll's."""

    def __init__(self, cell, columns, layers, hidden, last=None, features=0, residual=False,
                 norm=False, tied=False, dropout=None, locked=False, smoothing=0, cutoffs=(),
                 divisor=4):
        super().__init__()
        self.cell, self.features, self.residual, self.tied = cell, features, residual, tied
        self.smoothing, self.cutoffs = smoothing, cutoffs
        self.dropout = {"embedding": 0, "input": 0, "between": 0, "output": 0, "weight": 0,
                        "locked": locked} | (dropout or {})
        self.embeddings = nn.ModuleList(
            nn.Embedding(*column, dtype=torch.float64) for column in columns)
        self.widths = [hidden] * (layers - 1) + [last or hidden]
        inputs = [sum(width for _, width in columns) + features] + self.widths
        kind, extra = ("RNN", {"nonlinearity": cell[4:].lower()}) if "RNN" in cell else (cell, {})
        self.layers = nn.ModuleList(
            getattr(nn, kind)(inputs[layer], width, dtype=torch.float64, **extra)
            for layer, width in enumerate(self.widths))
        self.norms = nn.ModuleList(
            nn.LayerNorm(width, dtype=torch.float64) for width in self.widths * norm)
        self.decoder = nn.AdaptiveLogSoftmaxWithLoss(
            self.widths[-1], columns[0][0], cutoffs, divisor, head_bias=True, dtype=torch.float64
        ) if cutoffs else nn.Linear(self.widths[-1], columns[0][0], dtype=torch.float64)
        if tied:
            self.decoder.weight = self.embeddings[0].weight
        self.spec = {"columns": [list(column) for column in columns], "features": features,
                     "cell": cell, "layers": layers, "hidden": hidden, "last": self.widths[-1],
                     "residual": residual, "norm": norm, "tied": tied, "dropout": self.dropout}
        self.spec |= {"smoothing": smoothing} if smoothing else {}
        self.spec |= {"cutoffs": cutoffs, "divisor": divisor} if cutoffs else {}
        randomise(self)
        self.recurrent = [module.weight_hh_l0 for module in self.layers]

    def unroll_names(self):
        names = {"embedding.weight" if column == 0 else f"embedding_{column}.weight": part.weight
                 for column, part in enumerate(self.embeddings)}
        for layer, module in enumerate(self.layers):
            names |= {"rnn." + name.replace("_l0", f"_l{layer}"): parameter
                      for name, parameter in module.named_parameters()}
            names[f"rnn.weight_hh_l{layer}"] = self.recurrent[layer]
        for layer, module in enumerate(self.norms):
            names |= {f"rnn.norm_l{layer}.{name}": parameter
                      for name, parameter in module.named_parameters()}
        return names | {"decoder." + name: parameter
                        for name, parameter in self.decoder.named_parameters()
                        if not (self.tied and name == "weight")}

    def dropped(self, x, p, key):
        """Packed vectors with their elements dropped, at every step or for all of a row's."""
        if p == 0:
            return x
        if not self.dropout["locked"]:
            return x._replace(data=x.data * mask(key, p, *x.data.shape))
        rows = torch.cat([torch.arange(size) for size in x.batch_sizes])
        return x._replace(data=x.data * mask(key, p, x.batch_sizes[0], x.data.shape[1])[rows])

    def drop_weights(self, key):
        """Puts masked recurrent weights in the place of the parameters (Merity et al. 2018)."""
        p = self.dropout["weight"]
        for layer, module in enumerate(self.layers if p else []):
            weight = self.recurrent[layer]
            del module._parameters["weight_hh_l0"]
            module.weight_hh_l0 = weight * mask(mask_key(mask_key(key, 1, layer), 1, 0), p,
                                                *weight.shape)

    def forward(self, tokens, features, lengths, states):
        """Outputs of the packed positions, and the final state of every layer."""
        vectors, key = [], mask_key(DROPOUT_KEY, 2)
        for column, embedding in enumerate(self.embeddings):
            weight = embedding.weight
            if self.dropout["embedding"]:
                weight = weight * mask(mask_key(mask_key(DROPOUT_KEY, 1), column),
                                       self.dropout["embedding"], len(weight), 1)
            vectors.append(functional.embedding(tokens[column], weight))
        x = torch.cat(vectors + [features] * (self.features > 0), 2)
        x = packing.pack_padded_sequence(x, torch.tensor(lengths))
        x = self.dropped(x, self.dropout["input"], mask_key(key, 0))
        self.drop_weights(key)
        finals = []
        for layer, module in enumerate(self.layers):
            state = tuple(part[None] for part in states[layer].values())
            y, final = module(x, state if len(state) > 1 else state[0])
            final = final if isinstance(final, tuple) else (final,)
            finals.append({name: part[0] for name, part in zip(states[layer], final)})
            if self.residual and layer > 0:
                y = y._replace(data=y.data + x.data)
            if len(self.norms):
                y = y._replace(data=self.norms[layer](y.data))
            last = layer == len(self.layers) - 1
            p = self.dropout["output" if last else "between"]
            x = self.dropped(y, p, mask_key(mask_key(key, 1, layer), 2))
        return x.data, finals

    def loss(self, outputs, targets):
        """The summed loss of packed positions."""
        if self.cutoffs:
            counted = targets != MASKED
            return -self.decoder(outputs[counted], targets[counted]).output.sum()
        return functional.cross_entropy(self.decoder(outputs), targets, ignore_index=MASKED,
                                        reduction="sum", label_smoothing=self.smoothing)


def language_case(cell, columns, layers, hidden, **options):
    model = Language(cell, columns, layers, hidden, **options)
    steps, lengths = 6, [6, 6, 4, 1]
    rows = len(lengths)
    tokens = [torch.randint(size, (steps, rows)) for size, _ in columns]
    targets = torch.randint(columns[0][0], (steps, rows))
    features = given(steps, rows, model.features)
    targets[1, 0] = MASKED
    for row, length in enumerate(lengths):
        targets[length:, row] = MASKED
    states = [random_state(cell, rows, width) for width in model.widths]
    params = model.unroll_names()
    outputs, finals = model(tokens, features, lengths, states)
    loss = model.loss(outputs, packing.pack_padded_sequence(targets, torch.tensor(lengths)).data)
    loss.backward()
    return {"spec": model.spec, "steps": steps, "rows": rows, "lengths": lengths,
            "inputs": [numbers(column) for column in tokens], "features": features,
            "targets": numbers(targets), "params": params, "state": states,
            "dropoutKey": DROPOUT_KEY, "loss": numbers(loss)[0], "finalState": finals,
            "stateGradient": [gradients(state) for state in states],
            "paramGradients": gradients(params)}


def language_cases():
    one, two = [(VOCABULARY, 4)], [(VOCABULARY, 4), (3, 2)]
    everywhere = {"embedding": 0.25, "input": 0.25, "between": 0.5, "output": 0.25, "weight": 0.5}
    cases = {"norm-residual": ("LSTM", one, 3, 5, {"norm": True, "residual": True}),
             "narrow-tied": ("LSTM", one, 2, 7, {"last": 4, "tied": True}),
             "narrow-tied-norm": ("GRU", one, 3, 7, {"last": 4, "tied": True, "norm": True}),
             "wide-last": ("RNN_TANH", one, 2, 3, {"last": 6}),
             "columns": ("GRU", two, 2, 5, {"features": 2}),
             "columns-tied": ("LSTM", two, 2, 5, {"last": 4, "tied": True, "features": 2}),
             "smoothed": ("GRU", one, 2, 5, {"smoothing": 0.1}),
             "smoothed-tied": ("LSTM", two, 2, 5, {"last": 4, "tied": True, "features": 2,
                                                   "smoothing": 0.3}),
             "adaptive": ("LSTM", one, 1, 6, {"cutoffs": [5], "divisor": 2}),
             "adaptive-narrow": ("GRU", two, 2, 7, {"last": 16, "features": 2,
                                                    "cutoffs": [2, 6]}),
             "adaptive-dropped": ("LSTM", one, 2, 9, {"cutoffs": [1, 4, 9], "divisor": 2,
                                                      "dropout": everywhere}),
             "weight-drop": ("LSTM", one, 2, 6, {"dropout": {"weight": 0.5}}),
             "locked": ("LSTM", one, 2, 7, {"last": 4, "tied": True, "dropout": everywhere,
                                            "locked": True}),
             "locked-columns": ("RNN_RELU", two, 3, 5,
                                {"features": 2, "norm": True, "residual": True,
                                 "dropout": everywhere, "locked": True}),
             "dropped": ("GRU", one, 3, 5, {"norm": True, "residual": True,
                                            "dropout": everywhere}),
             "dropped-by-token": ("GRU", one, 2, 6, {"dropout": everywhere | {"input": 0}})}
    for kind, (cell, columns, layers, hidden, options) in cases.items():
        name = f"language-{kind}"
        seed(name)
        yield name, language_case(cell, columns, layers, hidden, **options)


def optimizers():
    """Five steps of each optimiser; one gradient element is always 0, one tiny, one large."""
    seed("optimizers")
    adam = {"lr": 0.01, "betas": [0.9, 0.999], "eps": 1e-8}
    momentum = {"lr": 0.1, "momentum": 0.9, "dampening": 0.0}
    cases = {"sgd": ("SGD", {"lr": 0.1}),
             "momentum": ("SGD", momentum | {"nesterov": False}),
             "nesterov": ("SGD", momentum | {"nesterov": True}),
             "rmsprop": ("RMSprop", {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "momentum": 0.0,
                                     "centered": False}),
             "adagrad": ("Adagrad", {"lr": 0.01, "lr_decay": 0.0, "eps": 1e-10,
                                     "initial_accumulator_value": 0.0}),
             "adam": ("Adam", adam),
             "adamw": ("AdamW", adam | {"weight_decay": 0.01})}
    start = given(7)
    scales = torch.tensor([1, 1, 0, 1e-6, 1e3, 0.1, 1], dtype=torch.float64)
    grads = (given(5, 7) * scales).float().double()
    results = {}
    for name, (kind, options) in cases.items():
        parameter = start.clone().requires_grad_()
        optimizer = getattr(torch.optim, kind)([parameter], **options)
        after = []
        for gradient in grads:
            parameter.grad = gradient.clone()
            optimizer.step()
            after.append(numbers(parameter))
        results[name] = {"class": kind, "options": options, "after": after}
    return {"parameters": numbers(start), "gradients": [numbers(step) for step in grads],
            "optimizers": results}


def clipping():
    """Clipping by global norm over two tensors, and by value."""
    seed("clipping")
    start = [given(2, 3, scale=3), given(5, scale=3)]

    def clipped(clip, bound):
        parameters = [nn.Parameter(torch.zeros_like(part)) for part in start]
        for parameter, part in zip(parameters, start):
            parameter.grad = part.clone()
        norm = clip(parameters, bound)
        after = [numbers(parameter.grad) for parameter in parameters]
        return {"bound": bound, "clipped": after} | (
            {"norm": numbers(norm)[0]} if norm is not None else {})

    return {"gradients": [numbers(part) for part in start],
            "byNorm": [clipped(nn.utils.clip_grad_norm_, bound) for bound in (0.5, 5.0, 100.0)],
            "byValue": [clipped(nn.utils.clip_grad_value_, bound) for bound in (0.25, 1.0, 100.0)]}


def losses():
    """Ten Adam steps on the windows of one text, state carried; the last window is short."""
    seed("losses")
    model = Model("LSTM", None, 2, 5, 6, False)
    params = {name: parameter.clone() for name, parameter in model.named_parameters()}
    options = {"lr": 0.02, "betas": [0.9, 0.999], "eps": 1e-8}
    optimizer = torch.optim.Adam(model.parameters(), **options)
    clip_norm, window, rows = 0.25, 5, 3
    text = torch.randint(VOCABULARY, (49, rows))
    state = {name: torch.zeros(2, rows, 6, dtype=torch.float64) for name in ("h", "c")}
    windows = []
    for inputs, targets in zip(text[:-1].split(window), text[1:].split(window)):
        logits, state = model(inputs, state)
        state = {name: part.detach() for name, part in state.items()}
        loss = cross_entropy(logits, targets, "mean")
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        windows.append({"steps": len(inputs), "inputs": numbers(inputs),
                        "targets": numbers(targets), "loss": numbers(loss)[0],
                        "norm": numbers(norm)[0]})
    return {"spec": model.spec, "rows": rows, "params": params, "optimizer": options,
            "clipNorm": clip_norm, "windows": windows, "finalState": state}


# Texts with what was to be written: punctuation, numbers, hyphens, quotes, entities, white space,
# scripts, nothing at all; one reference or several.
TEXTS = {
    "plain": [
        ("A brown dog runs across the wet grass.", ["A brown dog is running over the wet grass."]),
        ("Two men sit on a bench, reading.", ["Two men are sitting on a bench and reading."]),
        ("the Girl Paints a house", ["The girl paints a house"]),
        ("A boat on a lake", ["A boat on a lake"])],
    "several": [
        ("a red circle above a small blue square",
         ["a red circle is above a small blue square", "above a small blue square is a red circle",
          "the small square is below the circle"]),
        ("a a a a green green star", ["a green star", "there is a star, a green one"]),
        # The lengths 4 and 6 are as close to 5.
        ("one two three four five", ["one two three four five six", "one two three four"]),
        ("one two three four five", ["one two three four", "one two three four five six"]),
        ("left of it", ["to the left of it"])],
    "marks": [
        ("It costs 1,234.50 euros, not 1.234,50.", ["It cost 1,234.50 Euros, and not 1,234.5."]),
        ("Call 555-0199 (before 5.30 p.m.), or 3-4 times!", ["Call 555-0199 before 5.30 pm!"]),
        ("a well-known, state-of-the-art thing - really", ["a well-known state-of-the-art thing"]),
        ("\"Don't,\" she said; 'it's hot'.", ["\"Don't\", she said: it's hot."]),
        ("Tom &amp; Ann said &quot;2 &lt; 3 &gt; 1&quot; &apos;twice&apos; &amp;lt;",
         ["Tom & Ann said \"2 < 3 > 1\" twice <"]),
        ("50% of $3.00 = #1? [yes] {no} a/b\\c x_y^z ~1 @home *x* `c` a|b 1+1",
         ["50 % of 3.00 $ = # 1 ? [ yes ] { no } a / b x _ y"]),
        ("Wait... what?! .5 and 5. and ,5, 1.2.3 4,5,6. .,.", ["Wait ... what ? ! 0.5 and 5 ."]),
        ("end.Begin 3.x x.3 3,x x,3 5-x x-5 5-6", ["end . Begin 3 . x x . 3 5 - x"])],
    "lines": [
        ("hyphen-\nated and\nbroken lines-\n", ["hyphenated and broken lines-"]),
        ("a <skipped> word <skipped>s <sk<skipped>ipped>", ["a word s <skipped>"]),
        ("  tabs\tand \u00a0 no-break\u3000wide\u2028line\x85next\x1fend ",
         ["tabs and no-break wide line next end"]),
        ("zero\u200bwidth\ufeffmarks\u180estay\u2060here", ["zero width marks stay here"]),
        ("carriage\r\nreturn\x0bvertical\x0cform x-\r\ny", ["carriage return vertical form x- y"]),
        ("in-\n \n\x1c", ["in"])],
    "scripts": [
        ("Мальчик читает, да.", ["Мальчик читает дома."]),
        ("猫が寝ている。", ["猫が寝ています。"]),
        ("الولد يقرأ، ٣\u066b٥.", ["الولد يقرأ ٣\u066b٥ ."]),
        ("naïve cafe\u0301 über «ja» “so” \u2013 5\u20136",
         ["naive café über «ja» “so” - 5-6"]),
        ("smile \U0001f600\U0001f601. \U0001f468\u200d\U0001f469\u200d\U0001f467, \U00020000.",
         ["smile \U0001f600 . \U0001f468\u200d\U0001f469, \U00020000"])],
    "nothing": [("", ["A word was expected here."]), ("\n", [""]), ("something", [""]), ("", [""]),
                (" .", [" \t"]), ("-\n", ["-"]), ("a word", ["", "a word"])],
    "no-four": [("one two three x four", ["one two three four five"]), ("a b", ["a c"])],
    "no-two": [("the cat the cat on", ["on cat the"]), ("x y z w v", ["v w"])],
    "no-match": [("alpha beta gamma delta", ["one two three four"])],
    "short": [("one two", ["one two"]), ("three", ["three"])]}


def made_up_texts():
    """Rows of awkward pieces in random order, references like the hypothesis and unlike it."""
    draw = random.Random(16)
    pieces = ["a", "the", "Dog", "1", "23", "4.5", ",", ".", "-", "'", "\"", "&", "&amp;", "&lt;",
              ";", "\n", "-\n", " ", " ", " ", " ", "\u00a0", "<skipped>", "é", "\u0301", "人",
              "\U0001f600", "(", ")", "/", "$", "...", "9", "x"]
    rows = []
    for _ in range(40):
        hypothesis = [draw.choice(pieces) for _ in range(draw.randrange(30))]
        references = []
        for _ in range(draw.randrange(1, 4)):
            kept = [piece if draw.random() < 0.8 else draw.choice(pieces) for piece in hypothesis]
            references.append("".join(kept[:draw.randrange(len(kept) + 1)] + ["the"]))
        rows.append(("".join(hypothesis), references))
    return rows


def translations():
    """BLEU and chrF of corpora and of every row; some have more references than others."""
    corpora = TEXTS | {"made-up": made_up_texts()}
    corpora["all"] = [row for rows in corpora.values() for row in rows]
    return {name: translation(rows) | {"rows": [translation([row]) | {
        "hypothesis": row[0], "references": row[1], "words": BLEU().tokenizer(row[0].rstrip())}
        for row in rows]} for name, rows in corpora.items()}


def translation(rows):
    hypotheses = [hypothesis for hypothesis, _ in rows]
    most = max(len(references) for _, references in rows)
    columns = [[(references + [None] * most)[i] for _, references in rows] for i in range(most)]
    scores = [BLEU(max_ngram_order=order).corpus_score(hypotheses, columns)
              for order in range(1, 5)]
    last = scores[-1]
    return {"bleu": [score.score for score in scores],
            "sums": last.counts + last.totals + [last.sys_len, last.ref_len],
            "chrf": CHRF().corpus_score(hypotheses, columns).score}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder for the files")
    folder = parser.parse_args().out
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    for cases in (layer_cases(), model_cases(), reader_cases(), language_cases(),
                  writer_cases()):
        for name, case in cases:
            write(folder, name, case)
    write(folder, "optimizers", optimizers())
    write(folder, "clipping", clipping())
    write(folder, "losses", losses())
    write(folder, "translations", translations())


if __name__ == "__main__":
    main()
