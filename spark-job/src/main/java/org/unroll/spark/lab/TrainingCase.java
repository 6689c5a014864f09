// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.RnnSpec;

/**
 * A network whose training steps are measured: an embedding, recurrent layers with biases, and a
 * softmax. A language model reads windows of a text in one direction and carries its state; the
 * other tasks read whole sequences in both directions. What translates has a decoder of as many
 * layers, as wide as both directions together, which starts from a linear layer, has additive
 * attention and reads what it made a step before.
 *
 * @param name what people call it
 * @param rnn the recurrent layers, which read vectors of tokens, with their direction and dropout
 * @param vocabulary V, the number of token ids
 * @param task what is asked about a sequence
 * @param classes of the softmax; of a translation, the tokens that it may have
 * @param batch B, sequences that are read together
 * @param median length of a sequence in tokens; of a language model, its window
 * @param maximum where longer sequences are cut
 */
public record TrainingCase(
    String name,
    RnnSpec rnn,
    int vocabulary,
    Task task,
    int classes,
    int batch,
    int median,
    int maximum) {
  /** The form in which a language model's case is written. */
  public static final String CELL_SYNTAX = "NAME=CELL:LAYERSxHIDDEN:VOCABULARY:BATCH:WINDOW";

  /** An example of {@link #CELL_SYNTAX}. */
  public static final String CELL_EXAMPLE = "mine=gru:1x256:5000:32:40";

  /** The form in which the case of a network that reads sequences is written. */
  public static final String READER_SYNTAX =
      "NAME=CELL:LAYERSxHIDDEN:EMBEDDING:VOCABULARY:TASK-CLASSES:BATCH:MEDIAN-MAXIMUM"
          + "[:DROPOUT-WORDDROPOUT]";

  /** An example of {@link #READER_SYNTAX}. */
  public static final String READER_EXAMPLE = "mine=gru:1x64:50:5000:tag-12:32:14-60:0.5-0.1";

  private static final String NUMBER = "([1-9]\\d{0,8})";
  private static final String FRACTION = "(0(?:\\.\\d{1,3})?)";

  private static final Map<String, CellType> CELLS = new LinkedHashMap<>();

  static {
    CELLS.put("lstm", CellType.LSTM);
    CELLS.put("gru", CellType.GRU);
    CELLS.put("rnn", CellType.RNN_TANH);
    CELLS.put("rnn-relu", CellType.RNN_RELU);
  }

  /** The task of a network, which decides how its answers count and how long its sequences are. */
  public enum Task {
    /** The next token at every step. */
    LANGUAGE_MODEL(0),
    /** One class of a document, from the largest of its steps' outputs. */
    CLASSIFY(0.65),
    /** A class of every step of a sentence. */
    TAG(0.6),
    /** A sequence of other tokens. */
    TRANSLATE(0.3),
    /** Such a sequence of the maximum's length, looked for without training. */
    SEARCH(0.3);

    private final double spread;

    Task(double spread) {
      this.spread = spread;
    }

    /** Returns the standard deviation of the logarithm of the lengths of such texts. */
    double spread() {
      return spread;
    }

    /** Returns the number of answers about some tokens of some sequences. */
    long answers(long tokens, long sequences) {
      return this == CLASSIFY ? sequences : tokens;
    }

    /** Returns whether sequences are written about those that are read. */
    boolean writes() {
      return this == TRANSLATE || this == SEARCH;
    }

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A family of cases that one command measures and one syntax describes. */
  public enum Family {
    /** Language models, with gradient descent. */
    CELLS(
        CELL_SYNTAX,
        CELL_EXAMPLE,
        ":NxN:N:N:N",
        "char128=lstm:2x128:65:50:50",
        "char512=lstm:2x512:65:100:50",
        "char512-gru=gru:2x512:65:100:50",
        "char512-elman=rnn:2x512:65:100:50",
        "ptb-small=lstm:2x200:10000:20:20",
        "ptb-medium=lstm:2x650:10000:20:35"),
    /**
     * Networks that read sequences, with Adam: the presets imdb, ud-ewt without spelling, and
     * multi30k with matrices of its own for what is read, written and chosen, without dropout.
     */
    READERS(
        READER_SYNTAX,
        READER_EXAMPLE,
        ":NxN:N:N:(classify|tag|translate|search)-N:N:N-N(?::F-F)?",
        "imdb=lstm:1x128:128:20000:classify-2:64:174-400:0.5-0.2",
        "tagger=lstm:1x128:100:10000:tag-17:32:14-200:0.4-0.15",
        "translate=gru:1x128:256:4000:translate-4000:64:13-20",
        "translate-beam=gru:1x128:256:4000:search-4000:64:13-20");

    private final String syntax;
    private final String example;
    private final Pattern form;
    private final List<String> standard;

    Family(String syntax, String example, String numbers, String... standard) {
      this.syntax = syntax;
      this.example = example;
      form =
          Pattern.compile(
              "([\\w.-]+)=([\\w-]+)" + numbers.replace("N", NUMBER).replace("F", FRACTION));
      this.standard = List.of(standard);
    }

    /** Returns the form in which a case is written. */
    public String syntax() {
      return syntax;
    }

    /** Returns the cases of which the project keeps figures. */
    public List<TrainingCase> standard() {
      return standard.stream().map(this::parse).toList();
    }

    /**
     * Reads a case of this family.
     *
     * @throws InputException if the text is none
     */
    public TrainingCase parse(String text) {
      Matcher matcher = form.matcher(text);
      if (!matcher.matches()) {
        throw new InputException(
            "'" + text + "' is no case: write " + syntax + ", as in " + example + ".");
      }
      return this == CELLS ? languageModel(matcher, text) : reader(matcher, text);
    }
  }

  private static TrainingCase languageModel(Matcher form, String text) {
    int vocabulary = number(form, 5);
    int window = number(form, 7);
    RnnSpec rnn = rnn(form, text, number(form, 4));
    return new TrainingCase(
        form.group(1),
        rnn,
        vocabulary,
        Task.LANGUAGE_MODEL,
        vocabulary,
        number(form, 6),
        window,
        window);
  }

  private static TrainingCase reader(Matcher form, String text) {
    double dropout = fraction(form, 12);
    DropoutSpec dropouts = new DropoutSpec(fraction(form, 13), dropout, dropout, dropout, 0, false);
    Task task = Task.valueOf(form.group(7).toUpperCase(Locale.ROOT));
    if (task.writes() && !dropouts.equals(DropoutSpec.NONE)) {
      throw new InputException(
          "Case '"
              + text
              + "' has dropout, without which translations are measured: leave it out.");
    }
    return new TrainingCase(
        form.group(1),
        rnn(form, text, number(form, 5)).with(Direction.BOTH).with(dropouts),
        number(form, 6),
        task,
        number(form, 8),
        number(form, 9),
        number(form, 10),
        number(form, 11));
  }

  private static RnnSpec rnn(Matcher form, String text, int embedding) {
    CellType cell = CELLS.get(form.group(2));
    if (cell == null) {
      throw new InputException(
          "Case '%s' has the cell '%s', which is none of %s."
              .formatted(text, form.group(2), String.join(", ", CELLS.keySet())));
    }
    return RnnSpec.of(cell, embedding, number(form, 4), number(form, 3));
  }

  private static int number(Matcher form, int group) {
    return Integer.parseInt(form.group(group));
  }

  private static double fraction(Matcher form, int group) {
    return form.group(group) == null ? 0 : Double.parseDouble(form.group(group));
  }

  /** Returns the case as its family reads it. */
  public String text() {
    String cell =
        CELLS.keySet().stream()
            .filter(word -> CELLS.get(word) == rnn.cell())
            .findFirst()
            .orElseThrow();
    String layers = "%s=%s:%dx%d".formatted(name, cell, rnn.layers(), rnn.hiddenSize());
    if (task == Task.LANGUAGE_MODEL) {
      return "%s:%d:%d:%d".formatted(layers, vocabulary, batch, median);
    }
    String data =
        "%d:%s-%d:%d:%d-%d".formatted(vocabulary, task.text(), classes, batch, median, maximum);
    DropoutSpec dropout = rnn.dropout();
    return "%s:%d:%s:%s-%s"
        .formatted(layers, rnn.inputSize(), data, dropout.input(), dropout.embedding());
  }

  /** Returns the same with half the batch, what one of two workers gets; at least one sequence. */
  public TrainingCase half() {
    int half = Math.max(1, batch / 2);
    return new TrainingCase(name + "-half", rnn, vocabulary, task, classes, half, median, maximum);
  }

  /**
   * Returns the floating-point operations that a training step takes for some tokens of some
   * sequences, counting the matrix products as a textbook makes them: one forward and two backward,
   * each 2 operations for every weight and place.
   */
  double flops(long tokens, long sequences) {
    double perAnswer = (double) classes * rnn.outputSize();
    return 6 * (tokens * layers(rnn) + task.answers(tokens, sequences) * perAnswer);
  }

  /** Returns the weights of some layers, each of which a token is multiplied with. */
  private static double layers(RnnSpec rnn) {
    int width = rnn.outputSize();
    double weights = 0;
    for (int layer = 0; layer < rnn.layers(); layer++) {
      int read = layer == 0 ? rnn.inputSize() : width;
      weights += (double) width * rnn.cell().gates() * (read + rnn.hiddenSize());
    }
    return weights;
  }

  /** Returns the floating-point operations of steps with some batches, counted likewise. */
  double flops(BatchLengths lengths) {
    if (!task.writes()) {
      return flops(lengths.tokens(), lengths.sequences());
    }
    double width = rnn.outputSize();
    RnnSpec written = decoder();
    double perTarget = layers(written) + (3 * width + classes) * width;
    boolean trains = task == Task.TRANSLATE;
    return (trains ? 6 : 2)
        * (lengths.tokens() * (layers(rnn) + width * width)
            + (trains ? 1 : SearchRuns.BEAM)
                * (lengths.counted() * perTarget + lengths.pairs() * 2 * width)
            + lengths.sequences() * width * written.stateSize(1));
  }

  /** Returns the layers that write a translation. */
  RnnSpec decoder() {
    int width = rnn.outputSize();
    return RnnSpec.of(rnn.cell(), rnn.inputSize() + width, width, rnn.layers());
  }

  /**
   * Returns what is to be run: a window of a language model, or a step with each of the batches of
   * {@link BatchLengths}.
   *
   * @param threads of a step
   * @param seed of all that is drawn
   */
  public Race.Work work(int threads, long seed) {
    if (task == Task.LANGUAGE_MODEL) {
      long tokens = Math.multiplyExact(batch, median);
      String request = "cell %s %d %d".formatted(text(), threads, seed);
      return new Race.Work(name, Map.of(), 1, tokens, flops(tokens, batch), request);
    }
    BatchLengths drawn = BatchLengths.draw(this, seed);
    String request = "reader %s %d %d %s".formatted(text(), threads, seed, drawn.text());
    int steps = drawn.batches().size();
    return new Race.Work(name, Map.of(), steps, drawn.counted(), flops(drawn), request);
  }
}
