#: begin
import json
import pathlib
import re

import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
#: vocabulary


def vocabulary(name):
    """Returns the tokens of a file of this folder in the order of their ids."""
    escaped = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
    lines = (HERE / name).read_text(encoding="utf-8").split("\n")
    tokens = [line.split("\t")[0] for line in lines if line]
    return [re.sub(r"\\(.)", lambda found: escaped[found[1]], token) for token in tokens]


def ids(rows, tokens):
    """Returns the ids [B, T] of rows of tokens, and how many each row has [B]."""
    known = {token: number for number, token in enumerate(tokens)}
    rows = [torch.tensor([known.get(token, known.get("<unk>")) for token in row]) for row in rows]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([len(row) for row in rows])
#: scaled


def scaled(numbers):
    """Returns numbers [..., D] with mean 0 and deviation 1, by what the training rows say."""
    data = json.loads((HERE / "config.json").read_text(encoding="utf-8"))["data"]
    deviations = [deviation or 1 for deviation in data["deviations"]]
    return ((numbers.double() - torch.tensor(data["means"])) / torch.tensor(deviations)).float()
#: past


def past(series):
    """Returns what is read of series [B, T, D]: scaled numbers, and whether each is there."""
    numbers = scaled(series)
    return torch.cat([numbers.nan_to_num(0), (~numbers.isnan()).float()], -1)
#: run


def run(rnn, x, lengths=None, state=None):
    """Runs over rows [B, T, D] of these lengths; returns the outputs [B, T, W] and the last state."""
    if lengths is None:
        return rnn(x, state)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths.cpu(), True, enforce_sorted=False)
    y, state = rnn(packed, state)
    return nn.utils.rnn.pad_packed_sequence(y, True, total_length=x.shape[1])[0], state
#: flip


def flip(x, lengths):
    """Returns rows [B, T, D] from their last step to their first."""
    steps = torch.arange(x.shape[1]).expand(x.shape[:2])
    mirrored = torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)
    return x.gather(1, mirrored[:, :, None].expand(x.shape))
#: layers


class Layers(nn.Module):
    """Recurrent layers on top of each other, each with a state of its own."""

    def __init__(self, cell, inputs, widths, bias, both, residual, norm, **options):
        super().__init__()
        self.residual = residual
        self.layers, self.norms = nn.ModuleList(), nn.ModuleList()
        for width in widths:
            self.layers.append(
                cell(inputs, width, bias=bias, batch_first=True, bidirectional=both, **options)
            )
            inputs = width * (2 if both else 1)
            if norm:
                self.norms.append(nn.LayerNorm(inputs))

    def forward(self, x, lengths=None, states=None):
        last = []
        for i, layer in enumerate(self.layers):
            y, state = run(layer, x, lengths, None if states is None else states[i])
            y = y + x if self.residual and i > 0 else y
            x = self.norms[i](y) if self.norms else y
            last.append(state)
        return x, last


def renamed(name):
    """Returns the name that a parameter of the file has in Layers."""
    name = re.sub(r"^(\w*rnn)\.(weight|bias)_(.h)_l(\d+)", r"\1.layers.\4.\2_\3_l0", name)
    return re.sub(r"^(\w*rnn)\.norm_l(\d+)", r"\1.norms.\2", name)
#: mask


def there(x, lengths):
    """Returns which steps of rows are there [B, T]."""
    return torch.arange(x.shape[1], device=x.device) < lengths[:, None].to(x.device)
#: pooling


class AttentionPooling(nn.Linear):
    """The mean of the steps of rows, weighted by additive attention with one learned query."""

    def __init__(self, width):
        super().__init__(width, width)
        self.query = nn.Parameter(torch.zeros(1, width))

    def forward(self, y, lengths):
        scores = torch.tanh(super().forward(y)) @ self.query[0]
        weights = scores.masked_fill(~there(y, lengths), -torch.inf).softmax(1)
        return (weights[:, :, None] * y).sum(1)
#: crf


class Crf(nn.Module):
    """The scores of labels that follow each other: from the row's label to the column's."""

    def __init__(self, labels):
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(labels, labels))
        self.start_transitions = nn.Parameter(torch.zeros(labels))
        self.end_transitions = nn.Parameter(torch.zeros(labels))

    def best(self, emissions):
        """Returns the labels of the best path through the emissions [T, C] of a row (Viterbi)."""
        score, befores = self.start_transitions + emissions[0], []
        for emission in emissions[1:]:
            score, before = (score[:, None] + self.transitions).max(0)
            score = score + emission
            befores.append(before)
        path = [int((score + self.end_transitions).argmax())]
        for before in reversed(befores):
            path.append(int(before[path[-1]]))
        return path[::-1]
#: attention


class Attention(nn.Module):
    """Looks at what was read [B, S, W] from each state of the writer [B, 1, H]."""

    def __init__(self, kind, width, memory):
        super().__init__()
        self.kind = kind
        if kind == "additive":
            self.query = nn.Linear(width, width, bias=False)
            self.score = nn.Parameter(torch.zeros(1, width))
        if kind != "dot":
            self.key = nn.Linear(memory, width, bias=False)
        self.combine = nn.Linear(width + memory, width, bias=False)

    def forward(self, h, memory, mask):
        keys = memory if self.kind == "dot" else self.key(memory)
        if self.kind == "additive":
            scores = torch.tanh(self.query(h) + keys) @ self.score[0]
        else:
            scores = (h * keys).sum(-1)
        weights = scores.masked_fill(~mask, -torch.inf).softmax(1)
        context = (weights[:, :, None] * memory).sum(1, keepdim=True)
        return torch.tanh(self.combine(torch.cat([h, context], -1)))
