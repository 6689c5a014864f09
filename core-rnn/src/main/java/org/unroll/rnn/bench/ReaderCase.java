// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.unroll.rnn.data.BatchShape.Target;
import org.unroll.rnn.io.InputException;
import org.unroll.rnn.network.HeadSpec;
import org.unroll.rnn.network.InputSpec;
import org.unroll.rnn.network.PoolingType;
import org.unroll.rnn.network.ReaderSpec;
import org.unroll.rnn.nn.CellType;
import org.unroll.rnn.nn.Direction;
import org.unroll.rnn.nn.DropoutSpec;
import org.unroll.rnn.nn.EncoderSpec;

/**
 * A network that reads whole sequences and whose training steps are measured: an embedding,
 * bidirectional layers with biases, and a softmax.
 *
 * @param name what people call it
 * @param cell the recurrent cell
 * @param layers L, the number of recurrent layers
 * @param hidden H, the width of a layer in one direction
 * @param embedding E, the width of a token's vector
 * @param vocabulary V, the number of token ids
 * @param task what is asked about a sequence
 * @param classes of the softmax
 * @param batch B, sequences that are read together
 * @param lengths of the sequences
 * @param dropout before, between and behind the layers
 * @param wordDropout of tokens, each with all its occurrences in a batch
 */
public record ReaderCase(
    String name,
    CellType cell,
    int layers,
    int hidden,
    int embedding,
    int vocabulary,
    Task task,
    int classes,
    int batch,
    Lengths lengths,
    double dropout,
    double wordDropout)
    implements TrainingCase {

  /** How a case of one's own is written. */
  public static final String SYNTAX =
      "NAME=CELL:LAYERSxHIDDEN:EMBEDDING:VOCABULARY:TASK-CLASSES:BATCH:MEDIAN-MAXIMUM"
          + "[:DROPOUT-WORDDROPOUT]";

  /** How {@link #SYNTAX} looks when it is filled in. */
  public static final String EXAMPLE = "mine=gru:1x64:50:5000:tag-12:32:14-60:0.5-0.1";

  /** What is asked about a sequence. */
  public enum Task {
    /** One class of a document, from the largest of its steps' outputs. */
    CLASSIFY(Target.SEQUENCE, 0.65),
    /** A class of every step of a sentence. */
    TAG(Target.STEP, 0.6);

    private final Target target;

    /** Standard deviation of the logarithm of the lengths of such texts. */
    private final double spread;

    Task(Target target, double spread) {
      this.target = target;
      this.spread = spread;
    }

    double spread() {
      return spread;
    }

    /** The answers about some tokens of some sequences. */
    long answers(long tokens, long sequences) {
      return this == TAG ? tokens : sequences;
    }

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static Task parse(String word) {
      return Arrays.stream(values()).filter(t -> t.text().equals(word)).findFirst().orElseThrow();
    }
  }

  /**
   * Lengths as they are in text: log-normal.
   *
   * @param median in tokens
   * @param maximum where longer ones are cut
   */
  public record Lengths(int median, int maximum) {}

  private static final String NUMBER = "([1-9]\\d{0,8})";
  private static final String FRACTION = "(0(?:\\.\\d{1,3})?)";
  private static final Pattern FORM =
      Pattern.compile(
          "([\\w.-]+)=([\\w-]+):NxN:N:N:(classify|tag)-N:N:N-N(?::F-F)?"
              .replace("N", NUMBER)
              .replace("F", FRACTION));

  /**
   * The cases of which the project keeps figures: the presets imdb, and ud-ewt without spelling.
   */
  public static final List<ReaderCase> STANDARD =
      List.of(
          parse("imdb=lstm:1x128:128:20000:classify-2:64:174-400:0.5-0.2"),
          parse("tagger=lstm:1x128:100:10000:tag-17:32:14-200:0.4-0.15"));

  /**
   * Reads a case written as {@link #SYNTAX}.
   *
   * @throws InputException if it is none
   */
  public static ReaderCase parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new InputException(
          "'" + text + "' is no case: write " + SYNTAX + ", as in " + EXAMPLE + ".");
    }
    return new ReaderCase(
        form.group(1),
        CellWords.parse(form.group(2), text),
        number(form, 3),
        number(form, 4),
        number(form, 5),
        number(form, 6),
        Task.parse(form.group(7)),
        number(form, 8),
        number(form, 9),
        new Lengths(number(form, 10), number(form, 11)),
        fraction(form, 12),
        fraction(form, 13));
  }

  private static int number(Matcher form, int group) {
    return Integer.parseInt(form.group(group));
  }

  private static double fraction(Matcher form, int group) {
    return form.group(group) == null ? 0 : Double.parseDouble(form.group(group));
  }

  /** The case as {@link #parse} reads it. */
  public String text() {
    return "%s=%s:%dx%d:%d:%d:%s-%d:%d:%d-%d:%s-%s"
        .formatted(
            name,
            CellWords.text(cell),
            layers,
            hidden,
            embedding,
            vocabulary,
            task.text(),
            classes,
            batch,
            lengths.median(),
            lengths.maximum(),
            dropout,
            wordDropout);
  }

  @Override
  public ReaderCase half() {
    return new ReaderCase(
        name + "-half",
        cell,
        layers,
        hidden,
        embedding,
        vocabulary,
        task,
        classes,
        Math.max(1, batch / 2),
        lengths,
        dropout,
        wordDropout);
  }

  /** The network. */
  ReaderSpec model() {
    EncoderSpec encoder =
        EncoderSpec.of(cell, embedding, hidden, layers)
            .with(Direction.BOTH)
            .with(new DropoutSpec(wordDropout, dropout, dropout, dropout, 0, false));
    return new ReaderSpec(
        InputSpec.ofTokens(vocabulary, embedding),
        encoder,
        task == Task.CLASSIFY ? PoolingType.MAX : null,
        new HeadSpec.Softmax(classes, task.target));
  }

  /** The operations of {@link Work#flops} for some tokens of some sequences. */
  double flops(long tokens, long sequences) {
    int width = 2 * hidden;
    double perToken = 0;
    for (int layer = 0; layer < layers; layer++) {
      int read = layer == 0 ? embedding : width;
      perToken += (double) width * cell.gates() * (read + hidden);
    }
    double perAnswer = (double) classes * width;
    return 6 * (tokens * perToken + task.answers(tokens, sequences) * perAnswer);
  }

  /** A step with each of the batches of {@link BatchLengths}. */
  @Override
  public Work work(int threads, long seed) {
    BatchLengths drawn = BatchLengths.draw(this, seed);
    String request = "reader %s %d %d %s".formatted(text(), threads, seed, drawn.text());
    double flops = flops(drawn.tokens(), drawn.sequences());
    return new Work(name, drawn.batches().size(), drawn.tokens(), flops, request);
  }
}
