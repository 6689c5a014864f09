# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of `unroll bench`: the line protocol of BenchWorker on standard input and output.

    about                      -> ok NAME AND VERSION
    cell CASE THREADS SEED     -> ok          prepares training steps of a recurrent network
    reader CASE THREADS SEED LENGTHS
                               -> ok          prepares a training step with each of some batches
    gemm M N K FORM            -> ok          prepares matrix products, on one thread
    run N                      -> ok SECONDS  does what was prepared N times
"""
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as problem:
    print(f"error it cannot import torch ({problem})", flush=True)
    sys.exit(1)

WINDOWS = 8
RATE = 0.1
CLIP_NORM = 5
READER_RATE = 0.002
PADDING = -100  # the class of a step behind the end of a sequence, which cross_entropy ignores
LAYERS = {
    "lstm": nn.LSTM,
    "gru": nn.GRU,
    "rnn": nn.RNN,
    "rnn-relu": lambda *shape, **options: nn.RNN(*shape, nonlinearity="relu", **options),
}


class LanguageModel(nn.Module):
    def __init__(self, cell, layers, hidden, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.rnn = LAYERS[cell](hidden, hidden, layers)
        self.decoder = nn.Linear(hidden, vocabulary)

    def forward(self, inputs, state):
        output, state = self.rnn(self.embedding(inputs), state)
        return self.decoder(output), state


class Reader(nn.Module):
    """Reads padded batches: much faster than packed sequences, whose numbers differ a little,
    since here the backward direction begins with the padding."""

    def __init__(self, cell, layers, hidden, embedding, vocabulary, task, classes, dropout,
                 word_dropout):
        super().__init__()
        self.task, self.word_dropout = task, word_dropout
        self.embedding = nn.Embedding(vocabulary, embedding)  # its gradient is dense, as by default
        between = dropout if layers > 1 else 0
        self.rnn = LAYERS[cell](embedding, hidden, layers, dropout=between, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Linear(2 * hidden, classes)

    def forward(self, ids, behind):
        """ids [T, B]; behind [T, B], true behind a sequence's end; scores [T, B, C] or [B, C]"""
        vectors = self.embedding(ids)
        if self.word_dropout > 0:
            kept = functional.dropout(torch.ones(self.embedding.num_embeddings), self.word_dropout)
            vectors = vectors * kept[ids].unsqueeze(-1)
        output = self.dropout(self.rnn(self.dropout(vectors))[0])
        if self.task == "classify":
            output = output.masked_fill(behind.unsqueeze(-1), float("-inf")).max(0).values
        return self.decoder(output)


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def training_step(case, threads, seed):
    """A function that trains on one window: forward, backward, clipping, update; state carried."""
    cell, shape, vocabulary, batch, window = case.split("=")[1].split(":")
    layers, hidden = map(int, shape.split("x"))
    vocabulary, batch, window = int(vocabulary), int(batch), int(window)
    torch.set_num_threads(int(threads))
    torch.manual_seed(int(seed))
    model = LanguageModel(cell, layers, hidden, vocabulary)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    ids = torch.randint(vocabulary, (WINDOWS * window + 1, batch))
    state, position = None, 0

    def step():
        nonlocal state, position
        inputs = ids[position:position + window]
        targets = ids[position + 1:position + window + 1]
        position = (position + window) % (WINDOWS * window)
        optimizer.zero_grad()
        logits, state = model(inputs, state)
        state = detached(state)
        functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
        optimizer.step()

    return step


def reader_steps(case, threads, seed, lengths):
    """A function that makes a training step with each batch, of sequences of these lengths."""
    cell, shape, embedding, vocabulary, answer, _, _, dropouts = case.split("=")[1].split(":")
    layers, hidden = map(int, shape.split("x"))
    vocabulary = int(vocabulary)
    task, classes = answer.split("-")
    torch.set_num_threads(int(threads))
    torch.manual_seed(int(seed))
    model = Reader(cell, layers, hidden, int(embedding), vocabulary, task, int(classes),
                   *map(float, dropouts.split("-")))
    optimizer = torch.optim.Adam(model.parameters(), lr=READER_RATE)
    batches = []
    for some in lengths.split(";"):
        ends = torch.tensor([int(length) for length in some.split(",")])
        ids = torch.randint(vocabulary, (int(ends.max()), len(ends)))
        behind = torch.arange(len(ids)).unsqueeze(1) >= ends
        if task == "tag":
            targets = torch.randint(int(classes), ids.shape).masked_fill(behind, PADDING).flatten()
        else:
            targets = torch.randint(int(classes), ends.shape)
        batches.append((ids, behind, targets))

    def steps():
        for ids, behind, targets in batches:
            optimizer.zero_grad()
            scores = model(ids, behind).flatten(0, -2)
            functional.cross_entropy(scores, targets, ignore_index=PADDING).backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
            optimizer.step()

    return steps


def product(m, n, k, form):
    """A function that computes C [m, n] from A and B by a sum over k products."""
    m, n, k = int(m), int(n), int(k)
    torch.set_num_threads(1)
    torch.manual_seed(1)
    a, b, c = torch.rand(m, k) - 0.5, torch.rand(k, n) - 0.5, torch.zeros(m, n)
    transposed = (torch.rand(k, m) - 0.5).t()
    return {
        "forward": lambda: torch.mm(a, b, out=c),
        "accumulate": lambda: c.addmm_(a, b),
        "tile": lambda: c.addmm_(a, b),
        "weight-gradient": lambda: c.addmm_(transposed, b),
    }[form]


def timed(step, times):
    start = time.perf_counter()
    for _ in range(times):
        step()
    return time.perf_counter() - start


def main():
    step = None
    for line in sys.stdin:
        command, *words = line.split()
        answer = "ok"
        if command == "about":
            answer = f"ok PyTorch {torch.__version__}, Python {sys.version.split()[0]}"
        elif command == "cell":
            step = training_step(*words)
        elif command == "reader":
            step = reader_steps(*words)
        elif command == "gemm":
            step = torch.no_grad()(product(*words))
        elif command == "run":
            answer = f"ok {timed(step, int(words[0])):.9f}"
        else:
            answer = f"error unknown request {command}"
        print(answer, flush=True)


main()
