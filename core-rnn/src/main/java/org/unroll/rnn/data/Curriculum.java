// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.unroll.rnn.math.RandomBits;

/**
 * A curriculum says which sequences are read in which epoch (Bengio et al. 2009). Hard ones are
 * those of which more is to be read and written. An epoch always has as many sequences as there
 * are: in the place of those that are too hard, easy ones are read more than once.
 *
 * @param kind what comes when
 * @param epochs of the training, of which the last quarter has all sequences
 */
public record Curriculum(Kind kind, int epochs) implements Serializable {
  /** The curriculum in which every epoch has all sequences. */
  public static final Curriculum NONE = new Curriculum(Kind.NONE, 1);

  private static final double READY = 0.75;

  /** The kinds of curricula, as Zaremba and Sutskever 2014 call them. */
  public enum Kind {
    /** Every epoch has all sequences. */
    NONE,
    /** An epoch has the easiest ones, more from epoch to epoch. */
    NAIVE,
    /** Half of an epoch's sequences are those of the naive curriculum, half are any. */
    COMBINED
  }

  /** Returns for every place of an epoch the number of the sequence that is read there. */
  int[] choose(List<Example> examples, int epoch, long key) {
    int[] chosen = new int[examples.size()];
    Arrays.setAll(chosen, i -> i);
    if (kind == Kind.NONE) {
      return chosen;
    }
    Integer[] easiest = Arrays.stream(chosen).boxed().toArray(Integer[]::new);
    Arrays.sort(easiest, Comparator.comparingInt(i -> difficulty(examples.get(i))));
    double share = Math.min(1, (epoch + 1) / (READY * epochs));
    int easy = (int) Math.ceil(share * chosen.length);
    for (int i = 0; i < chosen.length; i++) {
      if (kind == Kind.NAIVE || RandomBits.bits(key, i) < 0) {
        chosen[i] = easiest[i % easy];
      }
    }
    return chosen;
  }

  private static int difficulty(Example example) {
    return example.steps() + (example.labels() == null ? 0 : example.labels().length);
  }
}
