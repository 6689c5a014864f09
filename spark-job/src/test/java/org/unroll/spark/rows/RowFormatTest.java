// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowFormatTest {
  @ParameterizedTest
  @CsvSource({
    "train.tsv.gz,TSV",
    "TRAIN.CSV,CSV",
    "a.b.jsonl.zst,JSONL",
    "part-0.zstd.parquet,PARQUET",
    "x.conllu.bz2,CONLLU",
    "x.conll,CONLL",
    "A_TRAIN.ts,TS",
    "notes.txt,TEXT",
    "b.CSV.gz,CSV",
    "b.ndjson,JSONL",
    "csv/README,",
    "train.gz,",
    "README,"
  })
  void the_name_tells_the_format(String name, RowFormat expected) {
    assertThat(RowFormat.guess(name)).isEqualTo(expected);
  }
}
