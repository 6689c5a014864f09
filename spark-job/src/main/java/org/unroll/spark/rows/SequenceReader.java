// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rows;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.Map;

/**
 * All that tasks need to read sequences.
 *
 * @param table null for Parquet
 * @param files index by path, for Parquet alone
 */
@DefaultSerializer(JavaSerializer.class)
record SequenceReader(
    TableReader table,
    Map<String, Integer> files,
    RowAssembler assembler,
    OnBadRow onBadRow,
    Part part)
    implements Serializable {}
