# SPDX-License-Identifier: Apache-2.0
"""Unroll's language-model recipes in PyTorch, for comparing losses and speed.

Options carry the names and meanings they have in `unroll train --task lm`. The text becomes B
parallel streams; the hidden state is carried from window to window and is zero where an epoch
starts. Losses are in nats per token.
"""
import argparse
import copy
import gzip
import json
import math
import time

import torch
from torch import nn
from torch.nn import functional

UNKNOWN = "<unk>"
MASKED = -1


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    add = parser.add_argument
    add("--input", required=True, help="training text, UTF-8, plain or .gz")
    add("--unit", choices=["char", "word"], default="char")
    add("--valid", help="validation text; without it the end of the input is held out")
    add("--test", help="text scored once, by the epoch with the best validation loss")
    add("--valid-fraction", type=float, default=0.1)
    add("--cell", choices=["lstm", "gru", "rnn"], default="lstm")
    add("--nonlinearity", choices=["tanh", "relu"], default="tanh", help="of --cell rnn")
    add("--layers", type=int, default=2)
    add("--hidden", type=int, default=128)
    add("--embedding", type=int, default=128)
    add("--batch", type=int, default=50, help="streams")
    add("--window", type=int, default=50, help="steps of truncated backpropagation")
    add("--epochs", type=int, default=10)
    add("--optimizer", choices=["sgd", "adam"], default="adam")
    add("--lr", type=float, default=0.002)
    add("--clip-norm", type=float, default=0, help="global gradient norm, 0 for none")
    add("--clip-value", type=float, default=0, help="bound of each gradient element, 0 for none")
    add("--dropout", type=float, default=0, help="on all connections that are not recurrent")
    add("--init-range", type=float, default=0,
        help="every parameter uniform in +-R; 0 keeps PyTorch's own initialisation")
    add("--lr-decay", type=float, default=1, help="factor per epoch, see --lr-decay-after")
    add("--lr-decay-after", type=int, default=0, help="epochs at the full rate")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=1)
    add("--json", action="store_true", help="one JSON object as the last line of output")
    return parser, parser.parse_args()


def read_tokens(path, unit):
    """Characters, or words with one <eos> a line."""
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        text = file.read()
    if unit == "char":
        return list(text)
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [word for line in lines for word in line.split() + ["<eos>"]]


def read_data(parser, options):
    """The vocabulary (of the training part) and the id tensors of train, valid and test."""
    try:
        train = read_tokens(options.input, options.unit)
        if options.valid:
            valid = read_tokens(options.valid, options.unit)
        else:
            cut = int(len(train) * (1 - options.valid_fraction))
            train, valid = train[:cut], train[cut:]
        test = read_tokens(options.test, options.unit) if options.test else None
    except (OSError, UnicodeDecodeError) as error:
        parser.error(str(error))
    parts = {"train": train, "valid": valid} | ({"test": test} if test is not None else {})
    for name, tokens in parts.items():
        if len(tokens) <= options.batch:
            parser.error(f"{name} has {len(tokens)} tokens, {options.batch} streams need"
                         f" at least {options.batch + 1}: lower --batch")
    words = set(train)
    if not words.issuperset(valid + (test or [])):
        words.add(UNKNOWN)
    ids = {token: index for index, token in enumerate(sorted(words))}
    unknown = ids.get(UNKNOWN)
    return ids, {name: torch.tensor([ids.get(token, unknown) for token in tokens])
                 for name, tokens in parts.items()}


def streams(ids, rows):
    """(input, target) pairs as two [steps, rows] tensors.

    Of P pairs row r holds [r*P/rows, (r+1)*P/rows); a row one pair shorter than the longest ends
    with a masked target.
    """
    pairs = len(ids) - 1
    starts = [row * pairs // rows for row in range(rows + 1)]
    inputs = torch.zeros(-(-pairs // rows), rows, dtype=torch.long)
    targets = torch.full_like(inputs, MASKED)
    for row, (start, end) in enumerate(zip(starts, starts[1:])):
        inputs[:end - start, row] = ids[start:end]
        targets[:end - start, row] = ids[start + 1:end + 1]
    return inputs, targets


class LanguageModel(nn.Module):
    def __init__(self, vocabulary, options):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, options.embedding)
        self.dropout = nn.Dropout(options.dropout)
        extra = {"nonlinearity": options.nonlinearity} if options.cell == "rnn" else {}
        between = options.dropout if options.layers > 1 else 0
        self.rnn = getattr(nn, options.cell.upper())(
            options.embedding, options.hidden, options.layers, dropout=between, **extra)
        self.decoder = nn.Linear(options.hidden, vocabulary)
        if options.init_range > 0:
            for parameter in self.parameters():
                nn.init.uniform_(parameter, -options.init_range, options.init_range)

    def forward(self, inputs, state):
        output, state = self.rnn(self.dropout(self.embedding(inputs)), state)
        return self.decoder(self.dropout(output)), state


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def run_epoch(model, data, window, update=None):
    """Mean loss per token over all windows; `update`, when given, is called after each backward."""
    model.train(update is not None)
    state, total, count = None, 0.0, 0  # PyTorch takes None for zeros
    with torch.set_grad_enabled(update is not None):
        for inputs, targets in zip(*(part.split(window) for part in data)):
            logits, state = model(inputs, state)
            state = detached(state)
            loss = functional.cross_entropy(
                logits.flatten(0, 1), targets.flatten(), ignore_index=MASKED)
            if update:
                model.zero_grad()
                loss.backward()
                update()
            tokens = int((targets != MASKED).sum())
            total += loss.item() * tokens
            count += tokens
    return total / count


def main():
    parser, options = parse()
    torch.set_num_threads(options.threads)
    vocabulary, ids = read_data(parser, options)
    data = {name: streams(part, options.batch) for name, part in ids.items()}
    torch.manual_seed(options.seed)
    model = LanguageModel(len(vocabulary), options)
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[options.optimizer]
    optimizer = kind(model.parameters(), lr=options.lr)
    sizes = ", ".join(f"{len(part)} {name}" for name, part in ids.items())
    print(f"tokens: {sizes}; vocabulary {len(vocabulary)}", flush=True)

    def update():
        if options.clip_value > 0:
            nn.utils.clip_grad_value_(model.parameters(), options.clip_value)
        if options.clip_norm > 0:
            nn.utils.clip_grad_norm_(model.parameters(), options.clip_norm)
        optimizer.step()

    history, best, kept = [], math.inf, None
    for epoch in range(1, options.epochs + 1):
        rate = options.lr * options.lr_decay ** max(0, epoch - options.lr_decay_after)
        optimizer.param_groups[0]["lr"] = rate
        start = time.perf_counter()
        train_loss = run_epoch(model, data["train"], options.window, update)
        seconds = time.perf_counter() - start
        valid_loss = run_epoch(model, data["valid"], options.window)
        speed = (len(ids["train"]) - 1) / seconds
        history.append({"epoch": epoch, "train_loss": train_loss, "valid_loss": valid_loss,
                        "seconds": seconds, "tokens_per_second": speed})
        print(f"epoch {epoch:3d}  train {train_loss:.4f}  valid {valid_loss:.4f}  "
              f"{seconds:.1f} s  {speed:,.0f} tokens/s", flush=True)
        if kept is None or valid_loss < best:
            best, kept = valid_loss, copy.deepcopy(model.state_dict())
    seconds, tokens = sum(row["seconds"] for row in history), len(history) * (len(ids["train"]) - 1)
    result = {"loss": best, "perplexity": math.exp(best), "seconds": seconds,
              "tokens_per_second": tokens / seconds, "history": history}
    if options.test:
        model.load_state_dict(kept)
        loss = run_epoch(model, data["test"], options.window)
        result |= {"test_loss": loss, "test_perplexity": math.exp(loss)}
        print(f"test {loss:.4f}  perplexity {math.exp(loss):.2f}")
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
