// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.Generator;
import org.unroll.rnn.network.Network;
import org.unroll.rnn.network.Pass;
import org.unroll.rnn.network.Prediction;
import org.unroll.rnn.network.Sampling;
import org.unroll.rnn.train.Split;
import org.unroll.spark.report.Measure;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rounds.Demand;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.store.SavedModel;

/**
 * The next token of a text, given all before it. It is learnt from streams, whose state is carried.
 * Asked for an answer to a row, the model tells how well it knows the row's text: the text is read
 * from a line's beginning to its end.
 */
public final class LanguageModel implements Task {
  static final String NAME = "lm";

  private static final long serialVersionUID = 1L;
  private static final String NEWLINE = "\n";

  private final String unit;

  /** Whether states are told instead of how well a text is known. */
  private final boolean states;

  private transient Tokenizer tokenizer;

  /** Makes the task for text in tokens of a unit; null before the data say which. */
  public LanguageModel(String unit) {
    this(unit, false);
  }

  private LanguageModel(String unit, boolean states) {
    this.unit = unit;
    this.states = states;
  }

  /**
   * Returns the same task that tells, of every row, the outputs of the last recurrent layer behind
   * each of its tokens.
   */
  LanguageModel tellingStates() {
    return new LanguageModel(unit, true);
  }

  /**
   * Returns the task of a model.
   *
   * @throws InputException if nothing cuts text into its tokens
   */
  static LanguageModel of(SavedModel saved, String source) {
    String unit = String.valueOf(saved.config().data().get("unit"));
    LanguageModel task = new LanguageModel(unit);
    try {
      task.tokenizer = Tokenizer.of(unit, saved.vocabularies().get(0));
    } catch (IllegalArgumentException e) {
      throw new InputException("%s: data.unit: %s".formatted(source, e.getMessage()), e);
    }
    return task;
  }

  /** Returns the full name of its tokenizer, in which capitals count: it may hold a pattern. */
  public String unit() {
    return unit;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String purpose() {
    return "write";
  }

  @Override
  public Measure measure() {
    return Measure.LANGUAGE_MODEL;
  }

  @Override
  public TrainingData open(SparkSession spark, TrainRequest request, Terminal terminal) {
    TrainRequest.Text data = (TrainRequest.Text) request.data();
    ModelStart growing = ModelStart.growingOrNull(request.start());
    TextSplits text = TextSplits.open(spark, data, request.train().window(), growing);
    Demand.requireStreams(request.train(), text.tokens(Split.TRAIN), terminal);
    return new TrainingText(request, text);
  }

  /**
   * Returns the tokens of a row's text behind what stands before a line, each with the one that
   * follows as its label; the last is followed by the end of the line, where the vocabulary has
   * one. A text with a character that the model has no name for, not even that of unknown ones, has
   * no probability: nothing is read of it.
   */
  @Override
  public Example toRead(SequenceRow row, RowEncoder encoder) {
    Vocabulary vocabulary = encoder.vocabularies().get(0);
    if (tokenizer == null) {
      tokenizer = Tokenizer.of(unit, vocabulary);
    }
    List<String> tokens = tokens(tokenizer, String.join(" ", row.tokens()[0]));
    if (!vocabulary.hasUnk() && !tokens.stream().allMatch(vocabulary::contains)) {
      return Example.ofTokens(RowEncoder.name(row), new int[0]);
    }
    String end = lineEnd(vocabulary);
    if (end != null && !tokens.isEmpty()) {
      tokens.add(0, end);
      tokens.add(end);
    }
    int[] ids = tokens.stream().mapToInt(vocabulary::id).toArray();
    int steps = Math.max(0, ids.length - 1);
    int[] next = Arrays.copyOfRange(ids, ids.length - steps, ids.length);
    return Example.ofTokens(RowEncoder.name(row), Arrays.copyOf(ids, steps), next);
  }

  @Override
  public UnknownTokens unknown(SequenceRow row, RowEncoder encoder) {
    Vocabulary vocabulary = encoder.vocabularies().get(0);
    int unknown = vocabulary.hasUnk() ? vocabulary.id(Vocabulary.UNK) : -1;
    int[] ids = toRead(row, encoder).labels();
    return new UnknownTokens(ids.length, IntStream.of(ids).filter(id -> id == unknown).count());
  }

  /** Returns the tokens of a text without the end of a line that a tokenizer puts behind it. */
  static List<String> tokens(Tokenizer tokenizer, String text) {
    List<String> tokens = new ArrayList<>();
    tokenizer.tokenize(text, tokens::add);
    int last = tokens.size() - 1;
    if (last >= 0 && tokens.get(last).equals(Vocabulary.EOS)) {
      tokens.remove(last);
    }
    return tokens;
  }

  /** Returns what ends a line, or null where the vocabulary has no such token. */
  static String lineEnd(Vocabulary vocabulary) {
    return vocabulary.contains(Vocabulary.EOS)
        ? Vocabulary.EOS
        : vocabulary.contains(NEWLINE) ? NEWLINE : null;
  }

  @Override
  public boolean readsStates() {
    return states;
  }

  /**
   * Returns {@code tokens}, and the mean {@code loss} and {@code perplexity} over them; or {@code
   * states}.
   */
  @Override
  public StructType columns() {
    if (states) {
      ArrayType vector = DataTypes.createArrayType(DataTypes.FloatType, false);
      return new StructType().add("states", DataTypes.createArrayType(vector, false));
    }
    return new StructType()
        .add("tokens", DataTypes.IntegerType)
        .add("loss", DataTypes.DoubleType)
        .add("perplexity", DataTypes.DoubleType);
  }

  /** Returns 0 tokens, and null for the figures, where nothing was read. */
  @Override
  public Object[] answer(SequenceRow row, Example example, Prediction said, RowEncoder encoder) {
    if (states) {
      return new Object[] {TaskReader.vectors(said.states(), example.steps())};
    }
    double sum = 0;
    for (float loss : said.values()) {
      sum += loss;
    }
    int tokens = said.values().length;
    Double mean = tokens == 0 ? null : sum / tokens;
    return new Object[] {tokens, mean, mean == null ? null : Math.exp(mean)};
  }

  /** Writes text with a language model: a {@link Generator} with the vocabulary around it. */
  public static final class Writer {
    private final Generator generator;
    private final PromptCodec text;

    /** Makes the generator of a network with these parameters, for text in tokens of a unit. */
    Writer(Network network, float[] params, Vocabulary vocabulary, String unit) {
      Pass pass = new Pass(network);
      pass.load(params);
      generator = new Generator(pass, network);
      text = PromptCodec.of(unit, vocabulary);
    }

    /** Makes the generator of a language model that was read. */
    public static Writer of(TaskModel model) {
      SavedModel saved = model.saved();
      String unit = ((LanguageModel) model.task()).unit;
      return new Writer(saved.network(), saved.params(), saved.vocabularies().get(0), unit);
    }

    /** Returns what of a prompt the model has never seen, each once. */
    public List<String> unknown(String prompt) {
      return text.unknown(prompt);
    }

    /**
     * Continues a prompt; without one, begins a line. What the model does not know it reads as
     * {@link Vocabulary#UNK}.
     *
     * @return the prompt with what follows
     * @throws IllegalArgumentException if the model does not know something of the prompt and has
     *     no such symbol
     */
    public String text(String prompt, int length, Sampling sampling) {
      List<String> tokens = text.tokens(prompt);
      generator.generate(
          text.ids(tokens), length, sampling, id -> tokens.add(text.vocabulary().token(id)));
      return text.tokenizer().join(tokens);
    }
  }

  /** Returns what makes tokens of text for a model that was read, and text of tokens. */
  public static PromptCodec codec(TaskModel model) {
    Vocabulary vocabulary = model.saved().vocabularies().get(0);
    return PromptCodec.of(((LanguageModel) model.task()).unit, vocabulary);
  }

  /**
   * A prompt codec makes tokens of the text that a language model is to continue, and text of
   * tokens.
   */
  public record PromptCodec(Tokenizer tokenizer, Vocabulary vocabulary) {
    private static PromptCodec of(String unit, Vocabulary vocabulary) {
      return new PromptCodec(Tokenizer.of(unit, vocabulary), vocabulary);
    }

    /** Returns what of a prompt the model has never seen, each once. */
    public List<String> unknown(String prompt) {
      Set<String> unknown = new LinkedHashSet<>(tokens(prompt));
      unknown.removeIf(vocabulary::contains);
      return List.copyOf(unknown);
    }

    /**
     * Returns the ids of a prompt's tokens; of none what stands before a line.
     *
     * @throws IllegalArgumentException if the model does not know one and has no symbol for those
     */
    public int[] ids(List<String> tokens) {
      return tokens.isEmpty()
          ? new int[] {lineStart()}
          : tokens.stream().mapToInt(vocabulary::id).toArray();
    }

    /**
     * Returns the tokens of a prompt, which goes on where it ends: no line ends behind it by
     * itself.
     */
    public List<String> tokens(String prompt) {
      if (!prompt.endsWith("\n")) {
        return LanguageModel.tokens(tokenizer, prompt);
      }
      List<String> tokens = new ArrayList<>();
      tokenizer.tokenize(prompt, tokens::add);
      return tokens;
    }

    /**
     * Returns what stands before a line: the end of another, where the vocabulary has such; else
     * its most frequent token.
     */
    private int lineStart() {
      String end = LanguageModel.lineEnd(vocabulary);
      if (end != null) {
        return vocabulary.id(end);
      }
      int best = 0;
      for (int id = 1; id < vocabulary.size(); id++) {
        best = vocabulary.count(id) > vocabulary.count(best) ? id : best;
      }
      return best;
    }
  }
}
