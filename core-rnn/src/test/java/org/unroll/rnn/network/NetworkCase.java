// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.unroll.rnn.TestNetworks;
import org.unroll.rnn.data.Batch;
import org.unroll.rnn.data.Batch.Target;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.math.RandomBits;
import org.unroll.rnn.network.InputSpec.TokenColumn;
import org.unroll.rnn.nn.Attention;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A network with random numbers and random sequences, of awkward sizes.
 *
 * @param steps of the longest sequence
 * @param rows sequences
 * @param ragged whether sequences end early, some at once, and some targets are masked
 * @param carried whether the sequences go on from a state instead of zeros
 * @param seed of all numbers
 */
record NetworkCase(
    NetworkSpec spec, int steps, int rows, boolean ragged, boolean carried, long seed) {
  private static final int[] HIDDEN = {1, 3, 17, 33};
  private static final int[] ROWS = {1, 2, 5};
  private static final int[] STEPS = {1, 4, 7};
  private static final int[] EMBEDDING = {5, 1, 18};
  private static final int[] VOCABULARY = {11, 2, 37};
  private static final DropoutSpec PLAIN = TestNetworks.around(0.3, false);
  private static final DropoutSpec EVERYTHING = new DropoutSpec(0.2, 0.3, 0.2, 0.3, 0.3, true);

  /** Each token is read once for all its occurrences. */
  private static final DropoutSpec BY_TOKEN = new DropoutSpec(0.3, 0, 0.2, 0.3, 0.4, false);

  private static final List<DropoutSpec> LANGUAGE_DROPOUTS =
      List.of(DropoutSpec.NONE, PLAIN, BY_TOKEN, EVERYTHING);
  private static final List<DropoutSpec> DROPOUTS =
      List.of(
          DropoutSpec.NONE,
          new DropoutSpec(0.3, 0, 0.3, 0.3, 0.3, true),
          new DropoutSpec(0, 0.3, 0.3, 0.3, 0, false),
          new DropoutSpec(0.2, 0.2, 0.2, 0.2, 0.2, true));
  private static final List<InputSpec> INPUTS =
      List.of(
          InputSpec.ofTokens(5, 3),
          new InputSpec(List.of(), 3, null),
          new InputSpec(
              List.of(new TokenColumn(5, 3), new TokenColumn(3, 1)),
              2,
              new InputSpec.WordSpec(7, 2, CellType.LSTM, 3, Pooling.Type.LAST)),
          new InputSpec(
              List.of(new TokenColumn(4, 2, false)),
              0,
              new InputSpec.WordSpec(7, 3, CellType.GRU, 2, Pooling.Type.MAX)));
  private static final List<HeadSpec> HEADS =
      List.of(
          new HeadSpec.Softmax(3, Target.SEQUENCE),
          new HeadSpec.Softmax(4, Target.STEP, 0.1, List.of(1.0, 0.5, 2.0, 0.0)),
          new HeadSpec.LinearCrf(3),
          new HeadSpec.Alignment(2),
          new HeadSpec.Regression(2, Target.SEQUENCE),
          new HeadSpec.Regression(1, Target.STEP),
          new HeadSpec.Softmax(2, Target.SEQUENCE, 0.2, null));

  /** Returns language models and networks with every other head. */
  static List<NetworkCase> all() {
    List<NetworkCase> cases = new ArrayList<>(languages());
    cases.addAll(tasks());
    cases.addAll(writers());
    cases.addAll(adaptives());
    return cases;
  }

  /**
   * Returns language models and networks that write, with their rare tokens in clusters. Those with
   * rectifiers write nothing: their states may grow beyond all numbers in a long text.
   */
  static List<NetworkCase> adaptives() {
    List<NetworkCase> cases = new ArrayList<>(languages());
    writers().stream()
        .filter(c -> c.spec.decoder().layers().cell() != CellType.RNN_RELU)
        .forEach(cases::add);
    return cases.stream()
        .filter(c -> c.spec.head().scores() > 2 && !((HeadSpec.Vocabulary) c.spec.head()).tied())
        .map(c -> c.with(s -> adaptive(s, c.seed % 3 == 0 ? List.of(4) : List.of(1, 5, 6))))
        .toList();
  }

  /** Returns a network with clusters, of narrower vectors where these are wide enough. */
  static NetworkSpec adaptive(NetworkSpec s, List<Integer> cutoffs) {
    HeadSpec.Vocabulary words = (HeadSpec.Vocabulary) s.head();
    int divisor = s.headInput() >> cutoffs.size() > 0 ? 2 : 1;
    HeadSpec head =
        new HeadSpec.Vocabulary(words.tokens(), false, words.bias(), 0, cutoffs, divisor);
    return new NetworkSpec(
        s.inputs(), s.encoder(), s.decoder(), s.learnedState(), s.pooling(), head);
  }

  /**
   * Returns language models: every cell with 1 to 3 layers of every width, each twice, once with a
   * random choice of options and once with the opposite of each.
   */
  static List<NetworkCase> languages() {
    List<NetworkCase> cases = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      for (int layers = 1; layers <= 3; layers++) {
        for (int hidden : HIDDEN) {
          int i = cases.size() / 2;
          int options = (int) (RandomBits.bits(1, i) & 0x7ff);
          cases.add(language(cell, layers, hidden, options, i));
          cases.add(language(cell, layers, hidden, ~options, i + 1));
        }
      }
    }
    return cases;
  }

  private static NetworkCase language(
      CellType cell, int layers, int hidden, int options, int seed) {
    boolean bias = (options & 1) != 0;
    boolean tied = (options & 2) != 0;
    boolean learned = (options & 4) != 0;
    boolean residual = (options & 8) != 0;
    // Layers that are added to each other are equally wide.
    int last = (options & 16) != 0 && !(residual && layers > 1) ? hidden + 2 : hidden;
    int vocabulary = VOCABULARY[(seed + layers) % 3];
    List<TokenColumn> columns = new ArrayList<>();
    columns.add(new TokenColumn(vocabulary, tied ? last : EMBEDDING[seed % 3]));
    boolean more = (options & 32) != 0;
    if (more) {
      columns.add(new TokenColumn(3, 2));
    }
    InputSpec inputs = new InputSpec(columns, more ? 2 : 0, null);
    RnnSpec encoder =
        new RnnSpec(
            cell,
            inputs.width(),
            hidden,
            layers,
            last,
            bias,
            Direction.FORWARD,
            residual,
            (options & 64) != 0,
            LANGUAGE_DROPOUTS.get(options >> 7 & 3));
    double smoothing = (options & 1024) != 0 ? 0.2 : 0;
    HeadSpec head = new HeadSpec.Vocabulary(vocabulary, tied, bias, smoothing);
    NetworkSpec spec = new NetworkSpec(inputs, encoder, null, learned, null, head);
    return new NetworkCase(
        spec, STEPS[seed % 3], ROWS[seed / 3 % 3], (options & 512) != 0, true, seed);
  }

  /** Returns windows of more rows than the layers work on at a time. */
  static List<NetworkCase> severalChunks() {
    List<NetworkCase> cases = new ArrayList<>();
    for (CellType cell : CellType.values()) {
      RnnSpec plain = RnnSpec.of(cell, 4, 6, 2);
      RnnSpec full = TestNetworks.with(RnnSpec.of(cell, 5, 5, 2), true, true);
      NetworkSpec words = NetworkSpec.languageModel(11, plain, false, false, false);
      cases.add(large(words, false, 2));
      cases.add(large(adaptive(words, List.of(3, 7)), true, 3));
      cases.add(large(NetworkSpec.languageModel(11, full.with(PLAIN), true, true, true), true, 1));
      cases.add(
          large(NetworkSpec.languageModel(11, full.with(EVERYTHING), true, true, true), true, 4));
      cases.add(
          large(NetworkSpec.languageModel(11, full.with(BY_TOKEN), true, true, false), true, 5));
    }
    // One step of these rows is more than that already.
    RnnSpec wide = RnnSpec.of(CellType.LSTM, 3, 3, 1);
    NetworkSpec learned = NetworkSpec.languageModel(7, wide, false, true, true);
    cases.add(new NetworkCase(learned, 3, 600, true, true, 3));
    return cases;
  }

  private static NetworkCase large(NetworkSpec spec, boolean ragged, int seed) {
    return new NetworkCase(spec, 30, 40, ragged, true, seed);
  }

  /** Returns every cell in every direction with every other head; further options go round. */
  static List<NetworkCase> tasks() {
    List<NetworkCase> cases = new ArrayList<>();
    for (HeadSpec head : HEADS) {
      for (CellType cell : CellType.values()) {
        for (Direction direction : Direction.values()) {
          int i = cases.size();
          cases.add(task(head, cell, direction, (int) (RandomBits.bits(3, i) & 0x3ff), i));
        }
      }
    }
    return cases;
  }

  private static NetworkCase task(
      HeadSpec head, CellType cell, Direction direction, int options, int seed) {
    InputSpec inputs = INPUTS.get(options & 3);
    int hidden = 3 + 2 * (options >> 2 & 1);
    boolean residual = (options & 16) != 0;
    RnnSpec encoder =
        new RnnSpec(
            cell,
            inputs.width(),
            hidden,
            1 + seed % 3,
            residual ? hidden : 4,
            (options & 8) == 0,
            direction,
            residual,
            (options & 32) != 0,
            DROPOUTS.get(options >> 6 & 3));
    Pooling.Type pooling =
        head.target() == Target.SEQUENCE ? Pooling.Type.values()[seed / 2 % 4] : null;
    boolean learned = (options & 256) != 0;
    NetworkSpec spec = new NetworkSpec(inputs, encoder, null, learned, pooling, head);
    return new NetworkCase(spec, 4, 6, true, (options & 512) != 0, seed);
  }

  /**
   * Returns networks that write: every cell and way to attend, with and without input feeding; the
   * rest goes round.
   */
  static List<NetworkCase> writers() {
    List<NetworkCase> cases = new ArrayList<>();
    List<Attention.Type> ways = new ArrayList<>(List.of(Attention.Type.values()));
    ways.add(null);
    for (CellType cell : CellType.values()) {
      for (Attention.Type way : ways) {
        for (boolean feeds : new boolean[] {true, false}) {
          cases.add(writer(cell, way, feeds, cases.size()));
        }
      }
    }
    for (Attention.Type way : ways) {
      cases.add(looker(way, cases.size()));
    }
    return cases;
  }

  /** Returns a network that writes about its inputs, without an encoder. */
  private static NetworkCase looker(Attention.Type way, int seed) {
    InputSpec inputs = INPUTS.get(seed % 3);
    int written = way == Attention.Type.DOT ? inputs.width() : 5;
    RnnSpec layers =
        RnnSpec.of(CellType.LSTM, 4 + written, written, 1).with(LANGUAGE_DROPOUTS.get(seed % 4));
    DecoderSpec.Bridge bridge =
        way == Attention.Type.GENERAL ? DecoderSpec.Bridge.ZERO : DecoderSpec.Bridge.LINEAR;
    DecoderSpec decoder = new DecoderSpec(7, 1, 4, false, layers, bridge, way, true);
    HeadSpec head = new HeadSpec.Vocabulary(7, false, true);
    NetworkSpec spec = new NetworkSpec(inputs, null, decoder, false, null, head);
    return new NetworkCase(spec, 4, 6, true, false, seed);
  }

  private static NetworkCase writer(CellType cell, Attention.Type way, boolean feeds, int seed) {
    int options = (int) (RandomBits.bits(5, seed) & 0x1fff);
    DecoderSpec.Bridge bridge = DecoderSpec.Bridge.values()[seed % 3];
    boolean shared = (options & 1) != 0;
    boolean tied = (options & 2) != 0;
    boolean both = (options & 4) != 0;
    boolean copied = bridge == DecoderSpec.Bridge.COPY;
    int layers = 1 + (options >> 3 & 1);
    int hidden = both ? 6 : 3;
    // What is looked at by dot products is as wide as what looks.
    boolean wide = !copied && way != Attention.Type.DOT;
    int written = wide ? 7 : hidden;
    int embedding = tied ? written : 5;
    InputSpec inputs =
        shared
            ? new InputSpec(List.of(new TokenColumn(9, embedding)), 0, null)
            : INPUTS.get(options >> 4 & 3);
    RnnSpec encoder =
        new RnnSpec(
            cell,
            inputs.width(),
            3,
            layers,
            3,
            true,
            both ? Direction.BOTH : Direction.REVERSE,
            false,
            (options & 64) != 0,
            DROPOUTS.get(options >> 7 & 3));
    RnnSpec own =
        new RnnSpec(
            cell,
            embedding + (feeds ? written : 0),
            copied ? hidden : written,
            copied ? layers : 1 + (options >> 9 & 1),
            written,
            true,
            Direction.FORWARD,
            (options & 1024) != 0,
            (options & 2048) != 0,
            LANGUAGE_DROPOUTS.get(options >> 7 & 3));
    DecoderSpec decoder = new DecoderSpec(9, 2, embedding, shared, own, bridge, way, feeds);
    double smoothing = (options & 4096) != 0 ? 0.1 : 0;
    HeadSpec head = new HeadSpec.Vocabulary(9, tied, true, smoothing);
    NetworkSpec spec = new NetworkSpec(inputs, encoder, decoder, false, null, head);
    return new NetworkCase(spec, 4, 6, true, false, seed);
  }

  /** Returns the same numbers for another network. */
  NetworkCase with(UnaryOperator<NetworkSpec> change) {
    return new NetworkCase(change.apply(spec), steps, rows, ragged, carried, seed);
  }

  /** Returns the case without dropout. */
  NetworkCase withoutDropout() {
    return with(
        s ->
            new NetworkSpec(
                s.inputs(),
                s.encoder() == null ? null : s.encoder().with(DropoutSpec.NONE),
                s.decoder() == null ? null : s.decoder().with(DropoutSpec.NONE),
                s.learnedState(),
                s.pooling(),
                s.head()));
  }

  /** Returns parameters large enough for gates to leave their linear range. */
  float[] params(Network network) {
    RnnSpec layers = spec.encoder() == null ? spec.decoder().layers() : spec.encoder();
    float scale = Math.min(0.8f, 2 / (float) Math.sqrt(layers.hiddenSize()));
    return uniform(network.layout().size(), scale, 1);
  }

  /** Returns the state before the sequences. */
  float[] state(Network network) {
    return carried ? uniform(network.stateSize(rows), 0.9f, 2) : new float[network.stateSize(rows)];
  }

  /** Returns numbers in +-scale. */
  float[] uniform(int n, float scale, long use) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = scale * (2 * RandomBits.uniform(RandomBits.key(seed, use), i) - 1);
    }
    return values;
  }

  Batch batch() {
    return batch(examples());
  }

  Batch batch(List<Example> examples) {
    Batch batch = new Batch(spec.batchShape());
    batch.fill(examples);
    return batch;
  }

  List<Example> examples() {
    List<Example> examples = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      boolean whole = !ragged || row == rows / 3;
      examples.add(example(row, whole ? steps : random(10, row, steps + 1)));
    }
    return examples;
  }

  private Example example(int row, int steps) {
    InputSpec inputs = spec.inputs();
    int[][] tokens = new int[inputs.columns().size()][];
    Arrays.setAll(tokens, c -> tokens(c, row, steps));
    int[][] words = null;
    if (inputs.words() != null) {
      words = new int[steps][];
      for (int t = 0; t < steps; t++) {
        int at = at(row, t);
        words[t] = new int[random(30, at, 4)];
        Arrays.setAll(words[t], i -> random(31, at * 9 + i, inputs.words().vocabulary()));
      }
    }
    float[] features =
        inputs.features() == 0 ? null : uniform(steps * inputs.features(), 1, 40 + row);
    Batch.Shape shape = spec.batchShape();
    int places = shape.target() == Target.STEP ? steps : 1;
    int[] labels = null;
    float[] values = null;
    if (shape.values() > 0) {
      values = uniform(places * shape.values(), 1, 60 + row);
      if (row == rows / 3) {
        values[0] = Float.NaN;
      }
    } else {
      labels = labels(row, places);
    }
    return new Example("s" + row, steps, tokens, words, features, labels, values);
  }

  /** Returns random tokens of a column for a row. */
  int[] tokens(int column, int row, int steps) {
    int[] tokens = new int[steps];
    int vocabulary = spec.inputs().columns().get(column).vocabulary();
    Arrays.setAll(tokens, t -> random(20 + column, at(row, t), vocabulary));
    return tokens;
  }

  private int at(int row, int t) {
    return row * (steps + 5) + t;
  }

  private int[] labels(int row, int places) {
    if (spec.decoder() != null) {
      int[] tokens = new int[random(50, row, 6)];
      Arrays.setAll(tokens, i -> random(51, at(row, i), spec.decoder().vocabulary()));
      return tokens;
    }
    boolean aligned = spec.head().target() != Target.UNALIGNED;
    int[] labels = new int[aligned ? places : random(50, row, 3)];
    int count = spec.head().scores() - (aligned ? 0 : 1);
    Arrays.setAll(labels, i -> random(51, at(row, i), count) + (aligned ? 0 : 1));
    boolean words = spec.head() instanceof HeadSpec.Vocabulary;
    for (int i = 0; ragged && aligned && i < labels.length; i++) {
      boolean masked = words ? random(52, at(row, i), 4) == 0 : row == 3 && i == 0;
      labels[i] = masked ? Batch.MASKED : labels[i];
    }
    return labels;
  }

  private int random(long use, int i, int bound) {
    return (int) Long.remainderUnsigned(RandomBits.bits(RandomBits.key(seed, use), i), bound);
  }

  @Override
  public String toString() {
    String rest = (ragged ? " ragged" : "") + (carried ? " carried" : "");
    return seed + " T=" + steps + " B=" + rows + rest + " " + spec;
  }
}
