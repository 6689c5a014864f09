// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which tokens go into which file, for texts of several files. */
class LayoutTest {
  private static ChunkCounts chunk(long tokens, LengthHistogram.Sparse lengths, long documents) {
    return new ChunkCounts(
        tokens, documents, tokens, 0, 0, 0, 0, documents, lengths, new byte[0], null);
  }

  @Test
  void runs_of_a_stream_cover_all_chunks_and_files() {
    Random random = new Random(2);
    long[] sizes = {0, 0, 5, 40_000_000L, 0, 3};
    for (int round = 0; round < 20; round++) {
      List<ChunkCounts> chunks = new ArrayList<>();
      long tokens = 0;
      for (int c = 0; c < 30; c++) {
        long size = c < sizes.length ? sizes[c] : random.nextInt(9_000_000);
        chunks.add(chunk(size, new LengthHistogram.Sparse(), 0));
        tokens += size;
      }
      int file = 7;
      long position = 1000;
      int next = 0;
      for (StreamEncoding.Run run : StreamEncoding.Run.cut(chunks, file, position)) {
        assertThat(run.firstFile()).isEqualTo(file);
        assertThat(run.firstToken()).isEqualTo(position);
        assertThat(run.fromChunk()).isEqualTo(next);
        assertThat(run.fileTokens()).isLessThanOrEqualTo(TokenShardWriter.FILE_TOKENS);
        long sum =
            chunks.subList(run.fromChunk(), run.toChunk()).stream()
                .mapToLong(ChunkCounts::tokens)
                .sum();
        assertThat(run.tokens()).isEqualTo(sum).isPositive();
        next = run.toChunk();
        file += run.files();
        position += sum;
      }
      assertThat(next).isEqualTo(chunks.size());
      assertThat(position).isEqualTo(1000 + tokens);
    }
    assertThat(StreamEncoding.Run.cut(List.of(chunk(0, new LengthHistogram.Sparse(), 0)), 0, 0))
        .isEmpty();
  }

  /** A document with the place that it should have. */
  private record Doc(int bin, int order, int length, long place) {}

  @Test
  void documents_are_placed_by_length_and_order_and_files_by_tokens() {
    Random random = new Random(4);
    List<List<Integer>> lengths = new ArrayList<>();
    List<ChunkCounts> chunks = new ArrayList<>();
    for (int c = 0; c < 6; c++) {
      List<Integer> inChunk = new ArrayList<>();
      LengthHistogram.Sparse counts = new LengthHistogram.Sparse();
      for (int d = 0; d < 300; d++) {
        int length = (int) Math.exp(random.nextDouble() * 10) - 1;
        inChunk.add(length);
        counts.add(length);
      }
      lengths.add(inChunk);
      long tokens = inChunk.stream().mapToLong(Integer::longValue).sum();
      chunks.add(chunk(tokens, counts, inChunk.size()));
    }
    DocumentLayout layout = DocumentLayout.of(chunks.stream().map(ChunkCounts::lengths).toList());
    List<Doc> placed = new ArrayList<>();
    for (int c = 0; c < lengths.size(); c++) {
      DocumentLayout.Places places = layout.places(c);
      for (int length : lengths.get(c)) {
        int bin = LengthHistogram.bin(length);
        placed.add(new Doc(bin, placed.size(), length, places.next(length)));
      }
      assertThat(places.next(1 << 30)).isEqualTo(-1);
    }
    placed.sort(Comparator.comparingInt(Doc::bin).thenComparingInt(Doc::order));
    long fileTokens = ShardFolder.fileTokens(placed.stream().mapToLong(Doc::length).sum());
    long before = 0;
    long last = -1;
    for (Doc doc : placed) {
      assertThat(doc.place).isGreaterThan(last);
      long first = doc.length == 0 ? Math.max(0, before - 1) : before;
      assertThat(DocumentLayout.Places.file(doc.place)).isEqualTo((int) (first / fileTokens));
      last = doc.place;
      before += doc.length;
    }
    assertThat(layout.files()).isEqualTo((int) ((before + fileTokens - 1) / fileTokens));
    assertThat(layout.documentsBefore(1, 3)).isEqualTo(600);
  }
}
