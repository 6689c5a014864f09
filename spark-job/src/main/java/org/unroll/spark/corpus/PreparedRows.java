// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.FileRows;
import org.unroll.spark.rows.FrameRows;
import org.unroll.spark.rows.RowAssembler;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.RowSource;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.rows.TextSplitter;

/**
 * The documents that {@code prepare} kept, as a source of rows: every task reads them as it reads
 * the files that they were prepared from.
 */
@DefaultSerializer(JavaSerializer.class)
public final class PreparedRows implements RowSource.InParts {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final String[] shards;
  private final String[] sources;
  private final SerializableConfiguration conf;
  private final List<Vocabulary> vocabularies;
  private final ColumnChoice columns;
  private final int[] texts;
  private final TextSplitter splitter;

  /** Puts texts together again that byte pairs are to be made of; null where tokens are read. */
  private final TextCodec pieces;

  private PreparedRows(
      PreparedCorpus corpus,
      Configuration conf,
      Columns kept,
      ColumnChoice columns,
      TextSplitter splitter) {
    this.name = corpus.name();
    this.shards =
        corpus.shards().stream().map(shard -> corpus.file(shard).toString()).toArray(String[]::new);
    this.sources =
        corpus.description().sources().stream()
            .map(CorpusDescription.Source::name)
            .toArray(String[]::new);
    this.conf = new SerializableConfiguration(conf);
    this.vocabularies = Collections.nCopies(kept.text.size(), corpus.vocabulary());
    this.columns = columns;
    this.texts = columns.text().stream().mapToInt(kept.text::indexOf).toArray();
    this.splitter = splitter;
    boolean whole = splitter != null && splitter.unit() == TextSplitter.Unit.BYTE_PAIRS;
    this.pieces = whole && texts.length > 0 ? TextCodec.of(splitter, corpus.vocabulary()) : null;
  }

  /**
   * Reads and checks rows, wherever they are: in files of any format, in a folder that {@code
   * prepare} wrote, or in a data frame.
   *
   * @param input where they are, and how files are written
   * @param choice the columns
   * @param splitter for text that is not yet tokens; null for any
   * @param channels how many every row must have; 0 for as many as the first row has
   * @throws InputException if the input cannot be used, or was prepared in a way that does not go
   *     with what is asked for
   */
  public static RowSet open(
      SparkSession session,
      RowsInput input,
      ColumnChoice choice,
      TextSplitter splitter,
      int channels) {
    Configuration conf = session.sparkContext().hadoopConfiguration();
    Dataset<Row> frame = input.frameOrNull();
    PreparedCorpus corpus = frame == null ? PreparedCorpus.findOrNull(input.paths(), conf) : null;
    TextSplitter usual =
        splitter != null ? splitter : new TextSplitter(TextSplitter.Unit.WORDS, true);
    RowSource source =
        frame != null
            ? FrameRows.of(frame, choice, usual)
            : corpus == null
                ? FileRows.of(input, choice, usual, conf)
                : of(corpus, input, choice, splitter, conf);
    return RowSet.open(session, source, input.onBadRow(), channels);
  }

  private static PreparedRows of(
      PreparedCorpus corpus,
      RowsInput input,
      ColumnChoice choice,
      TextSplitter asked,
      Configuration conf) {
    if (corpus.description().kind() != Kind.DOCUMENTS) {
      throw new InputException(
          "The prepared corpus %s is one stream of text; rows are prepared with --kind documents."
              .formatted(corpus.name()));
    }
    if (!input.targets().isEmpty()) {
      throw new InputException(
          "--target names lines that go with those of files, but %s is a prepared corpus: leave it out and name the column with --label."
              .formatted(corpus.name()));
    }
    if (!choice.slices().isEmpty()) {
      throw new InputException(
          "--slice parts rows by columns of files, but the prepared corpus %s keeps none but those to learn: name the files."
              .formatted(corpus.name()));
    }
    if (input.format() != null || input.header() != null || !input.columns().isEmpty()) {
      throw new InputException(
          "--format, --header and --columns say how files are written; the prepared corpus %s knows"
                  .formatted(corpus.name())
              + " its columns: leave them out.");
    }
    Columns kept = Columns.of(corpus);
    ColumnChoice columns = kept.choose(choice);
    TextSplitter splitter = asked;
    if (!columns.text().isEmpty()) {
      splitter = kept.requireSame(asked);
    }
    return new PreparedRows(corpus, conf, kept, columns, splitter);
  }

  /**
   * The columns that a corpus keeps.
   *
   * @param corpus whose they are
   * @param text columns of tokens
   * @param features columns of numbers
   * @param label column of labels, or null
   * @param id column of names, or null
   */
  private record Columns(
      PreparedCorpus corpus, List<String> text, List<String> features, String label, String id) {

    static Columns of(PreparedCorpus corpus) {
      return new Columns(
          corpus,
          corpus.columns("text"),
          corpus.columns("features"),
          (String) corpus.description().options().get("label"),
          (String) corpus.description().options().get("id"));
    }

    /** Returns the columns that are read, all if none are named. */
    ColumnChoice choose(ColumnChoice asked) {
      boolean all = asked.text().isEmpty() && asked.features().isEmpty();
      List<String> texts = all ? text : asked.text();
      texts.forEach(column -> require("--text", column, text.contains(column)));
      List<String> numbers = all ? features : asked.features();
      require("--features", numbers, numbers.isEmpty() || numbers.equals(features));
      String labels = null;
      LabelKind kind = asked.labelKind();
      if (kind == LabelKind.USUAL) {
        kind = asked.label() == null && label == null ? LabelKind.NONE : LabelKind.CLASS;
      }
      if (kind != LabelKind.NONE) {
        labels = asked.label() == null ? label : asked.label();
        require("--label or --probe", asked.label(), labels != null && labels.equals(label));
      }
      require("--id", asked.id(), asked.id() == null || asked.id().equals(id));
      return new ColumnChoice(texts, numbers, labels, id, kind, asked.missing());
    }

    private void require(String option, Object asked, boolean there) {
      if (!there) {
        throw new InputException(
            ("The prepared corpus %s does not have %s %s: it keeps --text %s, --features %s, --label"
                    + " %s, --id %s. Prepare the rows again with the columns that you need.")
                .formatted(
                    corpus.name(),
                    option,
                    asked instanceof List<?> names
                        ? String.join(",", names.stream().map(Object::toString).toList())
                        : Objects.requireNonNullElse(asked, "column"),
                    shown(String.join(",", text)),
                    shown(String.join(",", features)),
                    shown(label),
                    shown(id)));
      }
    }

    private static String shown(String names) {
      return names == null || names.isEmpty() ? "(none)" : names;
    }

    /** Returns how tokens are put in lower case, if text was cut as it is to be now. */
    TextSplitter requireSame(TextSplitter asked) {
      String unit = corpus.description().unit();
      TextSplitter then = TextSplitter.ofNameOrNull(unit);
      if (asked == null) {
        return then == null ? new TextSplitter(TextSplitter.Unit.WHOLE, false) : then;
      }
      if (asked.unit() == TextSplitter.Unit.BYTE_PAIRS && unit.equals(BpeTokenizer.NAME)) {
        corpus.requirePairs();
        return asked;
      }
      boolean same =
          then != null && then.unit() == asked.unit() && (asked.lowerCase() || !then.lowerCase());
      if (!same) {
        throw new InputException(
            ("The prepared corpus %s was prepared with --unit %s, but its rows are to be read with"
                    + " --unit %s: say the same, or prepare the rows again.")
                .formatted(corpus.name(), option(unit), option(asked.name())));
      }
      return asked;
    }

    private static String option(String unit) {
      return unit.replace("+lowercase", " --lowercase");
    }
  }

  @Override
  public String format() {
    return "prepared";
  }

  @Override
  public ColumnChoice columns() {
    return columns;
  }

  @Override
  public int parts() {
    return shards.length;
  }

  @Override
  public RowStream open(int part) throws IOException {
    RowShardReader reader =
        new RowShardReader(new Path(shards[part]), conf.value(), vocabularies.size());
    return new RowStream() {
      @Override
      public Parsed next() throws IOException {
        SequenceRow row = reader.next(vocabularies);
        if (row == null) {
          return null;
        }
        return RowAssembler.of(pieces == null ? row : whole(row), columns, texts, splitter);
      }

      @Override
      public void close() throws IOException {
        reader.close();
      }
    };
  }

  /** Returns a row with the texts that byte pairs were made of; they give them back exactly. */
  private SequenceRow whole(SequenceRow row) {
    String[][] whole = new String[row.tokens().length][];
    Arrays.setAll(
        whole, c -> splitter.split(pieces.text(List.of(row.tokens()[c]))).toArray(String[]::new));
    return row.withTokens(whole);
  }

  @Override
  public String where(RowKey key) {
    return "place %d of %s in the prepared corpus %s"
        .formatted(key.position(), sources[key.file()], name);
  }
}
