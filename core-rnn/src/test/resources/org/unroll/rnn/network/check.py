"""Compares exported networks with what this program said of the same sequences.

Each argument is a folder with model.py, model.safetensors and expected.safetensors: tensors named
by row, such as 3.tokens. Prints a line of JSON for each: the largest difference of every kind.
"""
import importlib.util
import json
import sys
from collections import defaultdict

import torch
from torch.nn.utils.rnn import pad_sequence


def read(path):
    data = open(path, "rb").read()
    begin = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:begin]).items():
        if name != "__metadata__":
            first, end = entry["data_offsets"]
            values = torch.frombuffer(bytearray(data[begin + first : begin + end]) or bytearray(4), dtype=torch.float32)
            tensors[name] = values[: (end - first) // 4].reshape(entry["shape"])
    return tensors


def marginals(crf, emissions):
    """The probabilities of the labels of a CRF: the gradient of log Z by the emissions."""
    e = emissions.detach().double().requires_grad_()
    total = crf.start_transitions.double() + e[0]
    for step in e[1:]:
        total = (total[:, None] + crf.transitions.double()).logsumexp(0) + step
    (total + crf.end_transitions.double()).logsumexp(0).backward()
    return e.grad


def check(folder):
    spec = importlib.util.spec_from_file_location("model", folder + "/model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.load()
    rows = defaultdict(dict)
    for name, tensor in read(folder + "/expected.safetensors").items():
        row, kind = name.split(".")
        rows[int(row)][kind] = tensor
    rows = [rows[row] for row in sorted(rows)]
    differences = defaultdict(float)

    def compare(kind, said, expected):
        there = ~expected.isnan()
        difference = (said.detach().double() - expected.double())[there].abs()
        size = expected.double()[there].abs().clamp(min=1)
        differences[kind] = max(differences[kind], float((difference / size).max()) if len(size) else 0.0)

    for start in range(0, len(rows), 64):
        some = rows[start : start + 64]
        inputs = []
        for kind in ["tokens", "tokens_1", "features", "characters", "character_lengths"]:
            if kind in some[0]:
                tensors = [row[kind] if kind == "features" else row[kind].long() for row in some]
                if kind == "characters":
                    most = max(tensor.shape[1] for tensor in tensors)
                    tensors = [torch.nn.functional.pad(t, (0, most - t.shape[1])) for t in tensors]
                inputs.append(pad_sequence(tensors, batch_first=True))
        lengths = torch.tensor([int(row["steps"]) for row in some])
        with torch.no_grad():
            if "target" in some[0]:
                target = pad_sequence([row["target"].long() for row in some], batch_first=True)
                writes = hasattr(network, "write")
                said = network(*inputs, lengths, target) if writes else network(*inputs)[0]
                losses = -said.gather(2, target.clamp(min=0)[:, :, None])[:, :, 0]
                for row, loss in zip(some, losses):
                    compare("losses", loss[: len(row["losses"])], row["losses"])
                continue
            said = network(*inputs, lengths)
        states = None
        if isinstance(said, tuple):
            said, states = said
        for i, row in enumerate(some):
            own = said[i] if "sequence" in row else said[i, : lengths[i]]
            if states is not None:
                compare("states", states[i, : lengths[i]], row["states"])
            if "scores" in row:
                compare("scores", own, row["scores"])
            if "values" in row:
                compare("values", own, row["values"])
            if hasattr(network, "crf"):
                compare("probabilities", marginals(network.crf, own), row["probabilities"])
                wrong = sum(a != int(b) for a, b in zip(network.crf.best(own), row["labels"]))
                differences["labels"] += wrong
            elif "probabilities" in row:
                compare("probabilities", own.softmax(-1), row["probabilities"])
    return {"rows": len(rows), **differences}


for folder in sys.argv[1:]:
    print(json.dumps(check(folder)), flush=True)
