# SPDX-License-Identifier: Apache-2.0
"""Steps of PyTorch: step.py [FOLDER] draws models and writes them, and what one step of SGD makes of each.

FOLDER, that of this file unless named, has tokens.txt and rows.tsv (label and text), tags.jsonl and text.txt. Of each task,
TASK.drawn.safetensors and TASK.stepped.safetensors are written there. The same PyTorch writes the same bytes.
"""
import json
import pathlib
import struct
import sys

import torch
from torch import nn
from torch.nn.functional import cross_entropy

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
FOLDER = FOLDER if FOLDER.is_dir() else FOLDER.parent


def lines(name):
    return (FOLDER / name).read_text(encoding="utf-8").split("\n")[:-1]


def write(name, tensors):
    header, data = {}, b""
    for key, tensor in tensors.items():
        own = struct.pack(f"<{tensor.numel()}f", *tensor.flatten().tolist())
        header[key] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(own)],
        }
        data += own
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (FOLDER / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


TOKENS = lines("tokens.txt")


def ids(words):
    return torch.tensor([TOKENS.index(word) for word in words])


class Model(nn.Module):
    def __init__(self, layers, outputs):
        super().__init__()
        self.emb = nn.Embedding(len(TOKENS), layers.input_size)
        self.layers = layers
        self.fc = nn.Linear(layers.hidden_size * (2 if layers.bidirectional else 1), outputs)

    def read(self, texts):
        """Returns the outputs of rows [B, T, W] and which steps are there [B, T]."""
        packed = nn.utils.rnn.pack_sequence([self.emb(text) for text in texts], enforce_sorted=False)
        y, lengths = nn.utils.rnn.pad_packed_sequence(self.layers(packed)[0], batch_first=True)
        return y, torch.arange(y.shape[1]) < lengths[:, None]


def step(task, model, loss):
    write(f"{task}.drawn.safetensors", model.state_dict())
    loss().backward()
    torch.optim.SGD(model.parameters(), lr=0.5).step()
    write(f"{task}.stepped.safetensors", model.state_dict())


def classify():
    rows = [line.split("\t") for line in lines("rows.tsv")[1:]]
    labels = torch.tensor([["mild", "wet"].index(label) for label, _ in rows])
    model = Model(nn.LSTM(5, 7, 2, bidirectional=True), 2)

    def loss():
        y, there = model.read([ids(text.split()) for _, text in rows])
        return cross_entropy(model.fc(y.masked_fill(~there[:, :, None], -torch.inf).amax(1)), labels)

    step("classify", model, loss)


def tag():
    rows = [json.loads(line) for line in lines("tags.jsonl")]
    labels = torch.tensor([["N", "O"].index(label) for row in rows for label in row["label"]])
    model = Model(nn.GRU(5, 6), 2)

    def loss():
        y, there = model.read([ids(row["text"]) for row in rows])
        return cross_entropy(model.fc(y[there]), labels)

    step("tag", model, loss)


def lm():
    text = ids(" <eos> ".join([*lines("text.txt"), ""]).split())
    model = Model(nn.RNN(5, 8, 2, nonlinearity="relu"), len(TOKENS))

    def loss():
        y, _ = model.read([text[:-1]])
        return cross_entropy(model.fc(y[0]), text[1:])

    step("lm", model, loss)


torch.manual_seed(5)
classify()
tag()
lm()
