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
    from torch.nn.utils import rnn as packing
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

CELLS = {
    "lstm": nn.LSTMCell,
    "gru": nn.GRUCell,
    "rnn": nn.RNNCell,
    "rnn-relu": lambda *shape: nn.RNNCell(*shape, nonlinearity="relu"),
}
BEAM = 5
END = 0  # the token that ends a sequence, and stands before the first


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


class Translator(nn.Module):
    """Encoder and decoder with additive attention (Bahdanau et al. 2015) and input feeding (Luong
    et al. 2015). The encoder reads packed sequences, as its last state is where the decoder
    begins."""

    def __init__(self, cell, layers, hidden, embedding, vocabulary, classes):
        super().__init__()
        width = 2 * hidden
        self.lstm, self.layers, self.width = cell == "lstm", layers, width
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.rnn = LAYERS[cell](embedding, hidden, layers, bidirectional=True)
        self.bridge = nn.Linear(width, layers * (1 + self.lstm) * width)
        self.target_embedding = nn.Embedding(classes, embedding)
        self.cells = nn.ModuleList(
            CELLS[cell](embedding + width if layer == 0 else width, width)
            for layer in range(layers))
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.score = nn.Linear(width, 1, bias=False)
        self.combine = nn.Linear(2 * width, width, bias=False)
        self.decoder = nn.Linear(width, classes)

    def encode(self, ids, lengths):
        """Outputs and keys [B, S, W], and for each layer of the decoder its first state [B, W]."""
        packed = packing.pack_padded_sequence(self.embedding(ids), lengths)
        packed, last = self.rnn(packed)
        memory = packing.pad_packed_sequence(packed)[0].transpose(0, 1).contiguous()
        last = last[0] if self.lstm else last
        state = torch.tanh(self.bridge(torch.cat([last[-2], last[-1]], 1)))
        parts = state.chunk(self.layers * (1 + self.lstm), 1)
        state = list(zip(parts[::2], parts[1::2])) if self.lstm else list(parts)
        return memory, self.key(memory), state

    def step(self, vectors, fed, state, memory, keys, behind):
        """The output [B, W] behind the vectors of the last tokens, and the state after it."""
        x, after = torch.cat([vectors, fed], 1), []
        for cell, before in zip(self.cells, state):
            after.append(cell(x, before))
            x = after[-1][0] if self.lstm else after[-1]
        scores = self.score(torch.tanh(self.query(x).unsqueeze(1) + keys)).squeeze(2)
        scores = scores.masked_fill(behind, float("-inf"))
        context = torch.bmm(torch.softmax(scores, 1).unsqueeze(1), memory).squeeze(1)
        return torch.tanh(self.combine(torch.cat([x, context], 1))), after

    def forward(self, ids, lengths, behind, before, written):
        """ids [S, B]; behind [B, S], true behind a sequence's end; before [T, B], the token before
        each that is to be written; written [T, B], true where there is one; scores [N, V] of
        those: made of padding as well, they take a tenth more time in all"""
        memory, keys, state = self.encode(ids, lengths)
        fed, outputs = memory.new_zeros(len(memory), self.width), []
        for vectors in self.target_embedding(before):
            fed, state = self.step(vectors, fed, state, memory, keys, behind)
            outputs.append(fed)
        return self.decoder(torch.stack(outputs)[written])


    @torch.no_grad()
    def search(self, ids, lengths, behind, most):
        """The best sequences [B, most] of a beam, none of which ends before that; the hypotheses of
        all sequences are followed together."""
        memory, keys, state = self.encode(ids, lengths)
        count = len(memory)
        rows = torch.arange(count).repeat_interleave(BEAM)
        memory, keys, behind, state = memory[rows], keys[rows], behind[rows], at(state, rows)
        first = torch.arange(count).unsqueeze(1) * BEAM
        fed, last = memory.new_zeros(len(rows), self.width), torch.full((len(rows),), END)
        score = torch.full((count, BEAM), float("-inf"))
        score[:, 0] = 0  # all hypotheses are still the empty one
        tokens = last.new_zeros(len(rows), 0)
        for t in range(most + 1):
            vectors = self.target_embedding(last)
            fed, state = self.step(vectors, fed, state, memory, keys, behind)
            logs = torch.log_softmax(self.decoder(fed), 1).view(count, BEAM, -1)
            if t == most:
                best = first + (score + logs[:, :, END]).argmax(1, keepdim=True)
                return tokens[best.flatten()]
            logs[:, :, END] = float("-inf")
            score, best = (score.unsqueeze(2) + logs).flatten(1).topk(BEAM, 1)
            rows = (first + best // logs.shape[2]).flatten()
            last = (best % logs.shape[2]).flatten()
            tokens = torch.cat([tokens[rows], last.unsqueeze(1)], 1)
            fed, state = fed[rows], at(state, rows)


def at(state, rows):
    """Some rows of the state of every layer."""
    return [tuple(part[rows] for part in layer) if isinstance(layer, tuple) else layer[rows]
            for layer in state]


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
    """A function that makes a training step with each batch, of sequences of these lengths, or
    searches what to write about them."""
    cell, shape, embedding, vocabulary, answer, _, length, dropouts = case.split("=")[1].split(":")
    layers, hidden = map(int, shape.split("x"))
    vocabulary = int(vocabulary)
    task, classes = answer.split("-")
    classes = int(classes)
    torch.set_num_threads(int(threads))
    torch.manual_seed(int(seed))
    shape = cell, layers, hidden, int(embedding), vocabulary
    if task in ("translate", "search"):
        model = Translator(*shape, classes)
    else:
        model = Reader(*shape, task, classes, *map(float, dropouts.split("-")))
    optimizer = torch.optim.Adam(model.parameters(), lr=READER_RATE)
    batches = []
    for some in lengths.split(";"):
        ends = torch.tensor([[int(length) for length in row.split("/")] for row in some.split(",")])
        ids, behind = draw(vocabulary, ends[:, 0])
        if task == "classify":
            batches.append(((ids, behind), torch.randint(classes, ends[:, 0].shape)))
        elif task == "tag":
            targets = draw(classes, ends[:, 0])[0].masked_fill(behind, PADDING)
            batches.append(((ids, behind), targets.flatten()))
        else:
            targets, unwritten = draw(classes, ends[:, 1])
            before = torch.cat([torch.full_like(targets[:1], END), targets[:-1]])
            inputs = ids, ends[:, 0], behind.t(), before, ~unwritten
            batches.append((inputs, targets[~unwritten]))

    def searches():
        for (ids, ends, behind, *_), _ in batches:
            model.search(ids, ends, behind, int(length.split("-")[1]))

    def steps():
        for inputs, targets in batches:
            optimizer.zero_grad()
            scores = model(*inputs).flatten(0, -2)
            functional.cross_entropy(scores, targets, ignore_index=PADDING).backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
            optimizer.step()

    return searches if task == "search" else steps


def draw(vocabulary, ends):
    """Tokens [T, B] of sequences of these lengths, and what is true behind a sequence's end."""
    ids = torch.randint(vocabulary, (int(ends.max()), len(ends)))
    return ids, torch.arange(len(ids)).unsqueeze(1) >= ends


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
