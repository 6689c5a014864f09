// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.unroll.rnn.data.Example;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.spark.corpus.TextCodec;
import org.unroll.spark.rows.ChannelStatistics;
import org.unroll.spark.rows.RowKey;
import org.unroll.spark.rows.SequenceRow;
import org.unroll.spark.rows.TextSplitter;
import org.unroll.spark.rows.TextSplitter.Unit;
import org.unroll.spark.task.RowTask.UnusableRowException;

class WritingTest {
  private static final Vocabulary WORDS =
      Vocabulary.of(
          Stream.of("<unk>", "<eos>", "red", "blue", "it", "is")
              .map(token -> new Vocabulary.Entry(token, 1))
              .toList());

  private static final RowEncoder ENCODER =
      new RowEncoder(
          List.of(),
          null,
          TextCodec.of(new TextSplitter(Unit.WORDS, false), WORDS),
          List.of(),
          Map.of(),
          new ChannelStatistics(new long[] {9}, new double[] {0}, new double[] {1}),
          0);

  private static final SequenceRow PICTURE =
      new SequenceRow(
          new RowKey(0, 0),
          "p",
          new String[0][],
          new float[] {1, 2},
          1,
          null,
          new String[] {"it is red", "red", "it is blue"},
          null);

  @Test
  void all_texts_are_learnt_and_validated_and_the_first_is_scored() throws UnusableRowException {
    Caption caption = new Caption(Writing.Form.USUAL);
    for (List<Example> all :
        List.of(caption.toLearn(PICTURE, ENCODER), caption.toValidate(PICTURE, ENCODER))) {
      assertThat(all)
          .extracting(Example::labels)
          .containsExactly(new int[] {4, 5, 2, 1}, new int[] {2, 1}, new int[] {4, 5, 3, 1});
      assertThat(all).allSatisfy(one -> assertThat(one.features()).containsExactly(1, 2));
    }
    Example scored = caption.toScore(PICTURE, ENCODER);
    assertThat(scored.labels()).containsExactly(4, 5, 2, 1);
    assertThat(scored.texts()).containsExactly(PICTURE.stepLabels());
  }

  @Test
  void limits_of_length_are_for_what_is_learnt_alone() {
    Caption caption = new Caption(new Writing.Form(0, 2, 1, false));
    assertThatThrownBy(() -> caption.toLearn(PICTURE, ENCODER))
        .isInstanceOf(UnusableRowException.class)
        .hasMessage("it has 3 tokens to be written, but --max-target-length is 2");
    assertThat(caption.toValidate(PICTURE, ENCODER)).hasSize(3);
    Caption narrow = new Caption(new Writing.Form(1, 0, 1, false));
    assertThatThrownBy(() -> narrow.toLearn(PICTURE, ENCODER))
        .hasMessage("it has 2 steps, but --max-source-length is 1");
    assertThat(narrow.toValidate(PICTURE, ENCODER)).hasSize(3);
  }
}
