"""A step of PyTorch: step.py FOLDER draws a classifier, writes it, and what one step of SGD makes of it.

FOLDER has rows.tsv (a header, then label and text) and tokens.txt; drawn.safetensors and
stepped.safetensors are written there.
"""
import json
import struct
import sys

import torch
from torch import nn

folder = sys.argv[1]


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
    with open(f"{folder}/{name}", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


torch.manual_seed(5)
tokens = open(f"{folder}/tokens.txt").read().split("\n")[:-1]
rows = [line.split("\t") for line in open(f"{folder}/rows.tsv").read().split("\n")[1:-1]]
texts = [torch.tensor([tokens.index(word) for word in text.split()]) for _, text in rows]
labels = torch.tensor([["mild", "wet"].index(label) for label, _ in rows])


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(tokens), 5)
        self.lstm = nn.LSTM(5, 7, 2, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(14, 2)

    def forward(self, texts):
        packed = nn.utils.rnn.pack_sequence([self.emb(text) for text in texts], enforce_sorted=False)
        y, lengths = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        there = torch.arange(y.shape[1]) < lengths[:, None]
        return self.fc(y.masked_fill(~there[:, :, None], -torch.inf).amax(1))


model = Classifier()
write("drawn.safetensors", model.state_dict())
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
nn.functional.cross_entropy(model(texts), labels).backward()
optimizer.step()
write("stepped.safetensors", model.state_dict())
