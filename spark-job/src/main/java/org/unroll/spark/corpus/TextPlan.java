// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.spark.corpus.CorpusDescription.Kind;
import org.unroll.spark.rows.DocumentReader;

/**
 * What all tasks need to read an input.
 *
 * @param reader opens documents
 * @param tokenizer finds tokens in them
 * @param kind of corpus that they become
 */
@DefaultSerializer(JavaSerializer.class)
record TextPlan(DocumentReader reader, Tokenizer tokenizer, Kind kind) implements Serializable {}
