// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.unroll.spark.corpus.CorpusDescription.Source;
import org.unroll.spark.rows.ChunkTable;
import org.unroll.spark.rows.DocumentReader;
import org.unroll.spark.rows.InputFile;

/**
 * The files of a run, and what reads them.
 *
 * @param listed the files
 * @param reader opens their documents
 */
record InputChoice(List<InputFile> listed, DocumentReader reader) {

  /** Returns the files as the corpus remembers them. */
  List<Source> sources(List<ChunkCounts> chunks) {
    ChunkTable table = reader.table();
    List<Source> sources = new ArrayList<>();
    for (int f = 0; f < listed.size(); f++) {
      InputFile file = listed.get(f);
      var digest = ContentHash.digest();
      for (int c = table.firstChunk(f); c < table.firstChunk(f + 1); c++) {
        digest.update(chunks.get(c).digest());
      }
      String hash = HexFormat.of().formatHex(digest.digest());
      sources.add(new Source(file.path(), file.name(), file.bytes(), file.modified(), hash));
    }
    return sources;
  }
}
