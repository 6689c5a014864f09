// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.corpus.CorpusDescription.Source;
import org.unroll.spark.rows.InputFile;
import org.unroll.spark.rows.InputFormat;

/** What a second run into the same folder adds. */
final class Additions {
  private Additions() {}

  /**
   * Checks that a corpus was prepared in the way that is asked for now.
   *
   * @throws InputException if not, naming an option and both its values
   */
  static void requireSame(
      PreparedCorpus before, PrepareRequest request, InputFormat format, String folder) {
    require(
        folder,
        "kind",
        before.kind().name().toLowerCase(Locale.ROOT),
        request.kind().name().toLowerCase(Locale.ROOT));
    if (request.vocabulary() == null) {
      require(folder, "unit", before.description().unit(), request.unit());
    }
    Map<String, Object> now = request.options(format);
    Map<String, Object> then = before.description().options();
    now.forEach((option, value) -> require(folder, option, then.get(option), value));
    then.forEach((option, value) -> require(folder, option, value, now.get(option)));
  }

  private static void require(String folder, String option, Object then, Object now) {
    String before = Objects.toString(then, "none");
    String asked = Objects.toString(now, "none");
    if (!before.equals(asked)) {
      throw new InputException(
          "The corpus in "
              + folder
              + " was prepared with "
              + option.replace('_', '-')
              + " "
              + before
              + ", but "
              + asked
              + " is asked for. Nothing was changed. Give the same options to add files,"
              + " --overwrite to prepare all text again, or another folder.");
    }
  }

  /**
   * The files that the corpus has not.
   *
   * @throws InputException if one that it has was changed since
   */
  static List<InputFile> newFiles(PreparedCorpus before, List<InputFile> files) {
    Map<String, Source> known = new HashMap<>();
    before.description().sources().forEach(source -> known.put(source.path(), source));
    List<InputFile> added = new ArrayList<>();
    for (InputFile file : files) {
      Source source = known.get(file.path());
      if (source == null) {
        added.add(file);
      } else if (source.bytes() != file.bytes() || source.modified() != file.modified()) {
        throw new InputException(
            "The input file "
                + file.path().replaceFirst("^file:", "")
                + " was changed since it was prepared. Nothing was changed in the corpus. Prepare"
                + " all text again with --overwrite.");
      }
    }
    return added;
  }
}
