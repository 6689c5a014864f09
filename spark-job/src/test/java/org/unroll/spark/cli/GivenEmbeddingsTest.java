// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.unroll.rnn.embed.WordVectors;
import org.unroll.spark.cli.Shell.Outcome;
import org.unroll.spark.store.VectorStore;

/** Reading tasks that start from word vectors. */
class GivenEmbeddingsTest {
  @TempDir Path folder;
  private Path input;
  private Path vectors;

  @BeforeEach
  void write() throws IOException {
    input = Files.writeString(folder.resolve("a.tsv"), "a\tx y\nb\tz y\n".repeat(4));
    vectors = Files.writeString(folder.resolve("v.txt"), "x 1 2 3\ny -1 0.5 0\nq 7 7 7\n");
  }

  private Outcome train(String out, String more) {
    String words =
        "train --task classify --columns label,text --input %s --out %s --embeddings %s"
                .formatted(input, folder.resolve(out), vectors)
            + " --master local[1] --hidden 4 --layers 1 --epochs 2 --batch 4 --l2 0.01 --json "
            + more;
    return Shell.run(words.strip().split(" +"));
  }

  private WordVectors trained(String out) {
    return VectorStore.read(folder.resolve(out).toString());
  }

  private static float[] vector(WordVectors vectors, String word) {
    int at = vectors.vocabulary().id(word) * vectors.size();
    return Arrays.copyOfRange(vectors.values(), at, at + vectors.size());
  }

  @Test
  void the_first_column_starts_from_them_and_is_left_alone_if_asked_to() throws IOException {
    Outcome outcome = train("frozen", "--freeze-embeddings");
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("Vectors of " + vectors + " for 2 of 4 types");
    JsonNode figures = new ObjectMapper().readTree(outcome.lastLine());
    assertThat(figures.at("/embeddings/types").intValue()).isEqualTo(2);
    assertThat(figures.at("/embeddings/tokens_share").doubleValue()).isEqualTo(0.75);
    WordVectors kept = trained("frozen");
    assertThat(vector(kept, "x")).containsExactly(1, 2, 3);
    assertThat(vector(kept, "y")).containsExactly(-1, 0.5f, 0);

    assertThat(train("free", "").exitCode()).isZero();
    WordVectors learnt = trained("free");
    assertThat(vector(learnt, "y")).isNotEqualTo(vector(kept, "y"));
    assertThat(vector(learnt, "x")[2]).isBetween(2.5f, 3.5f);
  }

  @Test
  void vectors_of_another_width_are_refused() {
    Outcome outcome = train("x", "--embedding 5");
    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("--embedding is 5, but the vectors of " + vectors);
  }
}
