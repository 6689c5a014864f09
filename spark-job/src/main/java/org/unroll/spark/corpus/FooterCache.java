// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.SeekableInputStream;

/** The footers that a process used last: rows that are near each other share a file. */
final class FooterCache {
  private static final int CAPACITY = 64;

  private record Key(String path, long bytes, long modified) {}

  private final Map<Key, ParquetMetadata> footers =
      new LinkedHashMap<>(CAPACITY, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, ParquetMetadata> eldest) {
          return size() > CAPACITY;
        }
      };

  /** The footer of a file that was last changed then, read if it is not here. */
  ParquetMetadata get(HadoopInputFile file, long modified, ParquetReadOptions options)
      throws IOException {
    Key key = new Key(file.toString(), file.getLength(), modified);
    ParquetMetadata footer;
    synchronized (footers) {
      footer = footers.get(key);
    }
    if (footer == null) {
      try (SeekableInputStream in = file.newStream()) {
        footer = ParquetFileReader.readFooter(file, options, in);
      }
      synchronized (footers) {
        footers.put(key, footer);
      }
    }
    return footer;
  }
}
