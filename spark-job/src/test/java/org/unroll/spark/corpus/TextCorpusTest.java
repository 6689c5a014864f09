// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.DeniedFileSystem;

/** A corpus read by Spark jobs is its naive twin. */
class TextCorpusTest {
  private static final Tokenizer CHARACTERS = Tokenizer.of("char");
  private static final Tokenizer WORDS = Tokenizer.of("word");
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark = CorpusSpark.start();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Path writeGzip(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  private List<Path> writeFiles() throws IOException {
    return List.of(
        write("1.txt", Twin.TEXT),
        writeGzip("2.txt.gz", Twin.TEXT + "\nin a gzip\n"),
        write("3-empty", ""),
        write("4.txt", "\uFEFF" + Twin.TEXT.repeat(3) + "\r\n"));
  }

  private TextCorpus open(Tokenizer tokenizer, long chunkBytes) {
    return CorpusSpark.open(spark, List.of(folder.toString()), tokenizer, chunkBytes);
  }

  @ParameterizedTest
  @CsvSource({"char,7", "char,64", "char,1000000", "word,5", "word,50", "word,1000000"})
  void a_corpus_is_its_twin_for_every_size_of_chunks(String unit, long chunkBytes)
      throws IOException {
    Tokenizer tokenizer = Tokenizer.of(unit);
    List<String> tokens = Twin.tokens(writeFiles(), tokenizer);
    Vocabulary vocabulary = Vocabulary.build(Twin.counts(tokens), unit, 0, 1, false);
    int[] ids = Twin.ids(tokens, vocabulary);

    TextCorpus corpus = open(tokenizer, chunkBytes);

    assertThat(corpus.tokens()).isEqualTo(tokens.size());
    assertThat(corpus.table().files()).isEqualTo(4);
    assertThat(corpus.vocabulary(0, 1, false).entries()).isEqualTo(vocabulary.entries());
    TokenSource all = corpus.source(vocabulary, 0, corpus.tokens());
    assertThat(all.read(0, ids.length)).isEqualTo(ids);
    Random random = new Random(7);
    for (int i = 0; i < 50; i++) {
      int from = random.nextInt(ids.length + 1);
      int to = from + random.nextInt(ids.length + 1 - from);
      assertThat(all.read(from, to)).isEqualTo(Arrays.copyOfRange(ids, from, to));
      TokenSource part = corpus.source(vocabulary, from, to);
      assertThat(part.tokens()).isEqualTo(to - from);
      assertThat(part.read(0, to - from)).isEqualTo(Arrays.copyOfRange(ids, from, to));
    }
  }

  @Test
  void workers_read_their_parts_of_a_source() throws IOException {
    List<String> tokens = Twin.tokens(writeFiles(), CHARACTERS);
    TextCorpus corpus = open(CHARACTERS, 20);
    Vocabulary vocabulary = corpus.vocabulary(0, 1, false);
    long n = corpus.tokens();
    TokenSource source = corpus.source(vocabulary, 0, n);
    List<int[]> parts =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0L, 1L, 2L), 3)
            .map(w -> source.read(w * n / 3, (w + 1) * n / 3))
            .collect();
    assertThat(parts.stream().flatMapToInt(Arrays::stream).toArray())
        .isEqualTo(Twin.ids(tokens, vocabulary));
  }

  @ParameterizedTest
  @CsvSource({
    "char,0,1,true",
    "char,5,1,false",
    "char,1000,1,false",
    "char,0,3,false",
    "char,8,2,true",
    "word,3,1,false",
    "word,9,1,false",
    "word,0,2,false",
    "word,1000,1,false"
  })
  void a_vocabulary_is_chosen_as_from_all_counts(
      String unit, int maxSize, long minCount, boolean forceUnk) throws IOException {
    List<String> tokens = Twin.tokens(writeFiles(), Tokenizer.of(unit));
    assertThat(open(Tokenizer.of(unit), 64).vocabulary(maxSize, minCount, forceUnk).entries())
        .isEqualTo(
            Vocabulary.build(Twin.counts(tokens), unit, maxSize, minCount, forceUnk).entries());
  }

  @Test
  void as_many_characters_as_there_are_need_no_unknown_one() throws IOException {
    write("text", "abcab");
    assertThat(open(CHARACTERS, 2).vocabulary(3, 1, false).hasUnk()).isFalse();
    assertThat(open(CHARACTERS, 2).vocabulary(2, 1, false).entries())
        .containsExactly(new Vocabulary.Entry("<unk>", 3), new Vocabulary.Entry("a", 2));
  }

  @Test
  void an_impossible_vocabulary_is_a_problem_of_the_input() throws IOException {
    write("text", "a b c a\n");
    assertProblem(() -> open(WORDS, 10).vocabulary(0, 3, false))
        .contains("at least 3 times")
        .contains("--min-count");
    assertProblem(() -> open(CHARACTERS, 10).vocabulary(0, 9, false)).contains("at least 9 times");
    assertProblem(() -> open(WORDS, 10).vocabulary(2, 1, false)).contains("at least 3");
    assertThatIllegalArgumentException().isThrownBy(() -> open(WORDS, 10).vocabulary(-1, 1, false));
  }

  @Test
  void bzip2_and_zstandard_are_unpacked() throws IOException {
    byte[] text = Twin.TEXT.repeat(2000).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = Files.newOutputStream(folder.resolve("a.bz2"));
        OutputStream packed = new BZip2CompressorOutputStream(out)) {
      packed.write(text);
    }
    try (OutputStream out =
        new ZstdOutputStreamNoFinalizer(Files.newOutputStream(folder.resolve("b.zst")))) {
      out.write(text);
    }
    Path twin = Files.write(folder.resolve("_twin"), text);
    List<String> tokens = Twin.tokens(List.of(twin, twin), WORDS);
    TextCorpus corpus = open(WORDS, 1000);
    Vocabulary vocabulary = corpus.vocabulary(0, 1, false);
    assertThat(corpus.source(vocabulary, 0, corpus.tokens()).read(0, corpus.tokens()))
        .isEqualTo(Twin.ids(tokens, vocabulary));
  }

  @Test
  void a_line_of_ten_megabytes_and_nul_bytes_are_text() throws IOException {
    String line = "ab\u0000c ".repeat(2_000_000);
    write("text", "first\n" + line + "\nlast");
    TextCorpus characters = open(CHARACTERS, 1 << 16);
    assertThat(characters.tokens()).isEqualTo(6 + line.length() + 5);
    assertThat(characters.vocabulary(0, 1, false).count(0)).isEqualTo(2_000_001);
    TextCorpus words = open(WORDS, 1 << 16);
    assertThat(words.tokens()).isEqualTo(2 + 2_000_001 + 2);
    assertThat(words.vocabulary(0, 1, false).entries())
        .contains(new Vocabulary.Entry("ab\u0000c", 2_000_000));
  }

  @Test
  void the_hash_is_that_of_the_text_and_its_names_but_not_of_its_place() throws IOException {
    Files.createDirectories(folder.resolve("x"));
    Files.createDirectories(folder.resolve("y"));
    write("x/a", "one\ntwo\n");
    write("y/a", "one\ntwo\n");
    String hash = hash("x");
    assertThat(hash).hasSize(64).isEqualTo(hash("y"));
    write("y/a", "one\ntwO\n");
    assertThat(hash("y")).isNotEqualTo(hash);
    Files.move(folder.resolve("x/a"), folder.resolve("x/b"));
    assertThat(hash("x")).isNotEqualTo(hash);
  }

  private String hash(String name) {
    return CorpusSpark.open(spark, List.of(folder.resolve(name).toString()), WORDS).hash();
  }

  @Test
  void unknown_tokens_are_counted_or_refused_with_their_place() throws IOException {
    Path file = write("text", "aba\ncab\né\n");
    TextCorpus corpus = open(CHARACTERS, 3);
    List<Vocabulary.Entry> entries = new ArrayList<>();
    for (String token : List.of("\n", "a", "b", "c")) {
      entries.add(new Vocabulary.Entry(token, 1));
    }
    String problem = file + " has in line 3 what the vocabulary does not know: U+00E9 'é'";
    Vocabulary closed = Vocabulary.of(entries);
    assertThat(corpus.unknown(closed)).isEqualTo(1);
    long all = corpus.tokens();
    TokenSource source = corpus.source(closed, 0, all);
    assertProblem(() -> source.read(7, 9)).contains(problem).contains("<unk>");
    assertThat(source.read(0, 8)).containsExactly(1, 2, 1, 0, 3, 1, 2, 0);
    entries.add(new Vocabulary.Entry("<unk>", 0));
    assertThat(corpus.unknown(Vocabulary.of(entries))).isEqualTo(1);
    assertThat(corpus.source(Vocabulary.of(entries), 0, all).read(8, 10)).containsExactly(4, 0);
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 1000})
  void the_first_of_several_problems_is_told(long chunkBytes) throws IOException {
    write("a", "fine\n");
    Path second = folder.resolve("b");
    Files.write(second, "ok\nok\nb\u00e9d\n".getBytes(StandardCharsets.ISO_8859_1));
    Files.write(folder.resolve("c"), "\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertProblem(() -> open(WORDS, chunkBytes))
        .contains(second + " is not valid UTF-8 in line 3, at byte 7")
        .contains("iconv");
  }

  @Test
  void damaged_archives_are_named() throws IOException {
    Random random = new Random(3);
    StringBuilder text = new StringBuilder();
    random.ints(200_000, 'a', 'z').forEach(c -> text.append((char) c));
    Path whole = writeGzip("_whole.gz", text.toString());
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = Files.write(folder.resolve("cut.gz"), Arrays.copyOf(bytes, bytes.length / 2));
    assertProblem(() -> open(CHARACTERS, 1000)).contains(cut + " cannot be unpacked");
    bytes[bytes.length / 2] ^= 0x55;
    Files.write(cut, bytes);
    assertProblem(() -> open(CHARACTERS, 1000)).contains(cut + " cannot be unpacked");
    Files.writeString(cut, "no gzip at all, although its name says so");
    assertProblem(() -> open(CHARACTERS, 1000)).contains(cut + " cannot be unpacked");
    Files.delete(cut);
    for (String name : List.of("a.zst", "a.bz2", "a.deflate")) {
      Path file = write(name, "nothing of the kind");
      assertProblem(() -> open(CHARACTERS, 1000)).contains(file + " cannot be unpacked");
      Files.delete(file);
    }
  }

  @Test
  void invalid_text_in_an_archive_is_named_by_its_unpacked_place() throws IOException {
    Path file = folder.resolve("a.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("ok\nb\u00e9d\n".getBytes(StandardCharsets.ISO_8859_1));
    }
    assertProblem(() -> open(CHARACTERS, 1000))
        .contains(file + " is not valid UTF-8 in line 2, at byte 4 of its unpacked text");
  }

  @Test
  void files_that_nobody_may_read_are_named() throws IOException {
    write("secret", "text\n");
    spark
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.denied.impl", DeniedFileSystem.class.getName());
    assertProblem(
            () -> CorpusSpark.open(spark, List.of("denied:" + folder.resolve("secret")), WORDS))
        .contains("denied:" + folder.resolve("secret"))
        .contains("Permission denied");
  }

  @Test
  void files_without_text_are_a_problem() throws IOException {
    write("a", "");
    assertProblem(() -> open(WORDS, 10)).contains(folder + "/a has nothing");
    write("b", "\uFEFF");
    assertProblem(() -> open(WORDS, 10)).contains("no text").contains("other 1 files");
    writeGzip("c.gz", "");
    assertProblem(() -> open(CHARACTERS, 10)).contains("other 2 files");
  }

  @Test
  void a_range_outside_the_corpus_is_refused() throws IOException {
    write("a", "abc");
    TextCorpus corpus = open(CHARACTERS, 10);
    Vocabulary vocabulary = corpus.vocabulary(0, 1, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> corpus.source(vocabulary, 0, 4))
        .withMessageContaining("[0, 4)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> corpus.source(vocabulary, 1, 3).read(1, 3))
        .withMessageContaining("within the 2");
  }

  private static AbstractStringAssert<?> assertProblem(Runnable work) {
    return assertThat(catchThrowableOfType(InputException.class, work::run).getMessage());
  }
}
