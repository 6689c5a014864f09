// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;
import org.unroll.rnn.data.BpeLearner;
import org.unroll.rnn.data.BpeTokenizer;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.cluster.Slots;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.corpus.CorpusDescription.Shard;
import org.unroll.spark.corpus.CorpusDescription.Source;
import org.unroll.spark.report.Json;
import org.unroll.spark.report.Terminal;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.ColumnChoice.LabelKind;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.FileRows;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputFiles;
import org.unroll.spark.rows.RowFormat;
import org.unroll.spark.rows.RowHash;
import org.unroll.spark.rows.RowSet;
import org.unroll.spark.rows.TextSplitter;

/** A prepare job lists files, counts, chooses a vocabulary, encodes, and writes a corpus. */
public final class PrepareJob {
  /** Words that byte pairs are learnt from at most: the driver holds them. */
  static final int MOST_BPE_WORDS = 1 << 18;

  private static final TextSplitter WHOLE = new TextSplitter(TextSplitter.Unit.WHOLE, false);
  private static final TextSplitter PAIRS = new TextSplitter(TextSplitter.Unit.BYTE_PAIRS, false);

  private final SparkSession session;
  private final JavaSparkContext spark;
  private final Configuration conf;
  private final PrepareRequest request;
  private final Terminal terminal;
  private final long chunkBytes;

  public PrepareJob(SparkSession session, PrepareRequest request, Terminal terminal) {
    this(session, request, terminal, TextCorpus.CHUNK_BYTES);
  }

  PrepareJob(SparkSession session, PrepareRequest request, Terminal terminal, long chunkBytes) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.conf = spark.hadoopConfiguration();
    this.request = request;
    this.terminal = terminal;
    this.chunkBytes = chunkBytes;
  }

  /**
   * Prepares the corpus.
   *
   * @throws InputException if the input cannot be used or the output is taken; nothing is changed
   *     then
   */
  public Result run() {
    long start = System.nanoTime();
    InputFiles files = InputFiles.list(request.input(), conf);
    RowFormat format = request.format(files.files());
    try (CorpusFolder folder = CorpusFolder.take(request.out(), conf, request.overwrite())) {
      PreparedCorpus before = folder.before();
      FileRows rows = request.kind() == Kind.DOCUMENTS ? rows(format, files, request.unit()) : null;
      ColumnChoice columns = rows == null ? request.columns() : rows.columns();
      PreparedCorpus other =
          request.vocabulary() == null ? null : PreparedCorpus.open(request.vocabulary(), conf);
      Map<String, Object> options = request.options(format, columns, other);
      if (before != null) {
        requireSame(before, options, folder.show());
        files = folder.newFiles(files);
        if (files.all().isEmpty()) {
          terminal.note("There is nothing to add: " + folder.show() + " has all these files.");
          return Result.since(start, before, 0, 0);
        }
      }
      PreparedCorpus given = before == null ? other : before;
      Prepared prepared;
      try {
        prepared =
            rows == null
                ? stream(folder, format, files.files(), given)
                : documents(folder, format, files, given);
      } finally {
        Slots.awaitIdle(spark);
      }
      List<InputFile> read = files.all();
      CorpusDescription description = describe(before, options, read, prepared);
      folder.publish(description, prepared.vocabulary, prepared.target);
      PreparedCorpus corpus = PreparedCorpus.open(request.out(), conf);
      return Result.since(start, corpus, read.size(), prepared.statistics.bytes());
    }
  }

  /**
   * What a run made of its files.
   *
   * @param unit the full name of what cut the text
   * @param tokenizer the same for readers of other languages
   * @param chunks what was counted of each
   * @param table the chunks
   * @param shards that were written, without those that were there
   * @param target of what is written alone, or null
   */
  private record Prepared(
      String unit,
      Map<String, Object> tokenizer,
      Vocabulary vocabulary,
      CorpusStatistics statistics,
      List<ChunkCounts> chunks,
      ChunkTable table,
      List<Shard> shards,
      Vocabulary target) {}

  private FileRows rows(RowFormat format, InputFiles files, String unit) {
    ColumnChoice columns = request.columns().with(LabelKind.ANY, true);
    TextSplitter splitter = TextSplitter.ofNameOrNull(unit);
    if (splitter == null) {
      splitter = unit.equals(BpeTokenizer.NAME) ? PAIRS : WHOLE;
    }
    return FileRows.of(request.input(), format, files, columns, splitter, chunkBytes, conf);
  }

  private DocumentReader reader(RowFormat format, List<InputFile> files) {
    return DocumentReader.of(request.input(), format, files, request.columns(), chunkBytes, conf);
  }

  /** Cuts text, chooses a vocabulary, and writes ids. */
  private Prepared stream(
      CorpusFolder folder, RowFormat format, List<InputFile> files, PreparedCorpus given) {
    DocumentReader reader = reader(format, files);
    String unit = given == null ? request.unit() : given.description().unit();
    boolean pairs = unit.equals(BpeTokenizer.NAME);
    Tokenizer words = pairs ? BpeTokenizer.bytes() : Tokenizer.of(unit);
    terminal.status("counting");
    try (TextCorpus counted = new TextCorpus(spark, new TextPlan(reader, words, true), files)) {
      int most = request.vocabularySize() == 0 ? Integer.MAX_VALUE : request.vocabularySize();
      TopTokens top =
          pairs
              ? counted.top(given == null ? MOST_BPE_WORDS : 0, 1)
              : counted.top(given == null ? most : 0, request.minCount());
      if (!pairs) {
        Vocabulary vocabulary =
            given != null
                ? given.vocabulary()
                : new VocabularyChoice(unit, request.vocabularySize(), request.minCount(), false)
                    .among(top.toMap(), counted.tokens());
        return stream(folder, counted, top, words, vocabulary);
      }
      Tokenizer tokenizer = given == null ? learn(top) : given.tokenizer();
      terminal.status("counting tokens");
      try (TextCorpus cut = new TextCorpus(spark, new TextPlan(reader, tokenizer, false), files)) {
        BpeTokenizer learnt = (BpeTokenizer) tokenizer;
        Vocabulary vocabulary =
            given == null ? learnt.vocabulary(cut.countIds(learnt.size())) : given.vocabulary();
        return stream(folder, cut, top, tokenizer, vocabulary);
      }
    }
  }

  private Tokenizer learn(TopTokens words) {
    terminal.status("learning byte pairs");
    return BpeLearner.learn(words.toTable(), words.counts(), request.vocabularySize());
  }

  private Prepared stream(
      CorpusFolder folder,
      TextCorpus text,
      TopTokens top,
      Tokenizer tokenizer,
      Vocabulary vocabulary) {
    terminal.status("encoding");
    PreparedCorpus before = folder.before();
    ShardFolder.Written written =
        text.write(
            new ShardFolder(folder.work(), conf),
            vocabulary,
            before == null ? 0 : before.shards().size(),
            before == null ? 0 : before.tokens());
    CorpusStatistics all = ChunkCounts.sum(text.chunks());
    long notEmpty = text.chunks().stream().mapToLong(ChunkCounts::notEmpty).sum();
    CorpusStatistics statistics =
        new CorpusStatistics(
            all.documents(),
            all.tokens(),
            top.types(),
            written.unknown(),
            notEmpty - top.distinctDocuments(),
            all.invalidBytes(),
            all.emptyRows(),
            all.badRows(),
            all.bytes(),
            all.lengths());
    return new Prepared(
        tokenizer.name(),
        tokenizer.options(),
        vocabulary,
        statistics,
        text.chunks(),
        text.table(),
        written.shards(),
        null);
  }

  /** Reads rows, chooses a vocabulary, and writes the rows whole. */
  private Prepared documents(
      CorpusFolder folder, RowFormat format, InputFiles files, PreparedCorpus given) {
    CollectionAccumulator<ChunkCounts> results = ChunkCounts.results(spark);
    String unit = given == null ? request.unit() : given.description().unit();
    FileRows source =
        rows(format, files, unit)
            .watched(
                (chunk, bytes, invalid, digest) ->
                    results.add(ChunkCounts.ofRows(chunk, bytes, invalid, digest)));
    terminal.status("reading rows");
    try (RowSet whole = RowSet.open(session, source, request.input().onBadRow(), 0)) {
      BytePairs pairs = unit.equals(BpeTokenizer.NAME) ? pairs(whole, given) : null;
      Cut cut = cut(whole, unit, pairs);
      DocumentEncoding encoding = new DocumentEncoding(cut.rows);
      terminal.status("counting");
      Vocabulary vocabulary =
          given == null ? encoding.vocabulary(pairs, request) : given.vocabulary();
      terminal.status("encoding");
      DocumentEncoding.Written written =
          encoding.write(new ShardFolder(folder.work(), conf), vocabulary, folder.before());
      List<ChunkCounts> chunks = ChunkCounts.inOrder(results, source.chunks().chunks());
      CorpusStatistics read = ChunkCounts.sum(chunks);
      CorpusStatistics statistics =
          new CorpusStatistics(
              whole.count(),
              written.tokens(),
              encoding.types(),
              written.unknown(),
              encoding.duplicates(),
              read.invalidBytes(),
              0,
              whole.skipped(),
              read.bytes(),
              written.lengths());
      return new Prepared(
          unit,
          cut.options,
          vocabulary,
          statistics,
          chunks,
          source.chunks(),
          written.shards(),
          pairs == null ? null : pairs.ownTarget());
    }
  }

  /**
   * Rows whose texts are cut.
   *
   * @param options of what cut them
   */
  private record Cut(RowSet rows, Map<String, Object> options) {}

  private static Cut cut(RowSet rows, String unit, BytePairs pairs) {
    TextSplitter splitter = TextSplitter.ofNameOrNull(unit);
    if (splitter != null) {
      return new Cut(
          rows, Json.fields("name", splitter.unit().option(), "lowercase", splitter.lowerCase()));
    }
    if (pairs == null) {
      Tokenizer tokenizer = Tokenizer.of(unit);
      return new Cut(
          rows.cut(text -> DocumentEncoding.tokens(tokenizer, text)), tokenizer.options());
    }
    Map<String, Object> options = BpeTokenizer.bytes().options();
    return pairs.source() == null
        ? new Cut(rows, options)
        : new Cut(rows.cut(TextCodec.of(PAIRS, pairs.source())::tokens), options);
  }

  /** Returns the byte pairs of rows that are whole: those that were given, or else learnt. */
  private BytePairs pairs(RowSet rows, PreparedCorpus given) {
    if (given == null) {
      terminal.status("learning byte pairs");
      return BytePairs.of(rows, request.vocabularySize(), request.joint());
    }
    return given.requirePairs();
  }

  private CorpusDescription describe(
      PreparedCorpus before, Map<String, Object> options, List<InputFile> files, Prepared run) {
    List<Source> sources = new ArrayList<>();
    List<Shard> shards = new ArrayList<>();
    CorpusStatistics statistics = run.statistics;
    if (before != null) {
      sources.addAll(before.description().sources());
      shards.addAll(before.shards());
      statistics = before.description().statistics().plus(statistics);
    }
    shards.addAll(run.shards);
    for (int f = 0; f < files.size(); f++) {
      InputFile file = files.get(f);
      MessageDigest digest = RowHash.digest();
      for (int c = run.table.firstChunk(f); c < run.table.firstChunk(f + 1); c++) {
        digest.update(run.chunks.get(c).digest());
      }
      String hash = HexFormat.of().formatHex(digest.digest());
      sources.add(new Source(file.path(), file.name(), file.bytes(), file.modified(), hash));
    }
    return new CorpusDescription(
        request.kind(),
        run.unit,
        run.tokenizer,
        before != null ? before.description().options() : options,
        statistics,
        ContentHash.ofCorpus(sources, run.vocabulary, run.target, run.unit, request.kind()),
        sources,
        shards);
  }

  /**
   * Checks that a corpus was prepared in the way that is asked for now.
   *
   * @throws InputException if not, naming an option and both its values
   */
  private void requireSame(PreparedCorpus before, Map<String, Object> now, String folder) {
    require(
        folder,
        "kind",
        before.description().kind().name().toLowerCase(Locale.ROOT),
        request.kind().name().toLowerCase(Locale.ROOT));
    if (request.vocabulary() == null) {
      require(folder, "unit", before.description().unit(), request.unit());
    }
    Map<String, Object> then = before.description().options();
    now.forEach((option, value) -> require(folder, option, then.get(option), value));
    then.forEach(
        (option, value) -> {
          // Corpora of older versions tell whether quoted values could hold newlines.
          if (!option.equals("multiline")) {
            require(folder, option, value, now.get(option));
          }
        });
  }

  private static void require(String folder, String option, Object then, Object now) {
    String before = Objects.toString(then, "none");
    String asked = Objects.toString(now, "none");
    if (!before.equals(asked)) {
      throw new InputException(
          ("The corpus in %s was prepared with %s %s, but %s is asked for. Nothing was"
                  + " changed. Give the same options to add files, --overwrite to prepare all"
                  + " text again, or another folder.")
              .formatted(folder, option.replace('_', '-'), before, asked));
    }
  }

  /** Returns the classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {
      TextPlan.class,
      TokenIds.class,
      TopTokens.class,
      ShardFolder.Written.class,
      ShardFolder.Written[].class,
      DocumentEncoding.Written.class,
      DocumentEncoding.Written[].class,
      PreparedRows.class
    };
  }

  /**
   * A result is what a run made.
   *
   * @param corpus as it is now
   * @param addedFiles files that this run read
   * @param addedBytes text that this run read, unpacked
   * @param seconds that it took
   */
  public record Result(PreparedCorpus corpus, int addedFiles, long addedBytes, double seconds) {
    private static final double NANOS = 1e9;

    private static Result since(long startNanos, PreparedCorpus corpus, int files, long bytes) {
      return new Result(corpus, files, bytes, (System.nanoTime() - startNanos) / NANOS);
    }

    /** Returns its figures by their names in JSON. */
    public Map<String, Object> figures() {
      Map<String, Object> figures = new LinkedHashMap<>(corpus.description().statistics().fields());
      figures.put("vocabulary", corpus.vocabulary().size());
      figures.put("shards", corpus.shards().size());
      figures.put("files", corpus.description().sources().size());
      figures.put("added_files", addedFiles);
      figures.put("added_bytes", addedBytes);
      figures.put("seconds", seconds);
      figures.put("bytes_per_second", addedBytes / seconds);
      return figures;
    }
  }
}
