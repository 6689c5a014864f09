// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.task;

import java.util.List;
import org.unroll.spark.rows.ColumnChoice;
import org.unroll.spark.rows.RowsInput;
import org.unroll.spark.rows.TextSplitter;

/**
 * Rows to learn from, and how they are read.
 *
 * @param input of the training rows
 * @param valid files of the validation rows; empty for none, or for a fraction of the input
 * @param validFraction of the input's rows that are held out; 0 for none
 * @param test files of the test rows; empty for none
 * @param choice the columns
 * @param splitter for text that is not yet tokens
 * @param vocabularySize most tokens of a column, 0 for no limit
 * @param minCount least occurrences of a token
 * @param onUnseenLabel what becomes of labels that only validation and test rows have
 * @param maxLength steps of a sequence that are read, its last ones; 0 for all
 */
public record ReadingData(
    RowsInput input,
    List<String> valid,
    double validFraction,
    List<String> test,
    ColumnChoice choice,
    TextSplitter splitter,
    int vocabularySize,
    long minCount,
    OnUnseenLabel onUnseenLabel,
    int maxLength) {}
