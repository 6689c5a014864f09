# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of `unroll bench`: the line protocol of BenchWorker on standard input and output.

    about                      -> ok NAME AND VERSION
    cell CASE THREADS SEED     -> ok          prepares training steps of a recurrent network
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
LAYERS = {
    "lstm": lambda *shape: nn.LSTM(*shape),
    "gru": lambda *shape: nn.GRU(*shape),
    "rnn": lambda *shape: nn.RNN(*shape),
    "rnn-relu": lambda *shape: nn.RNN(*shape, nonlinearity="relu"),
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
        elif command == "gemm":
            step = torch.no_grad()(product(*words))
        elif command == "run":
            answer = f"ok {timed(step, int(words[0])):.9f}"
        else:
            answer = f"error unknown request {command}"
        print(answer, flush=True)


main()
