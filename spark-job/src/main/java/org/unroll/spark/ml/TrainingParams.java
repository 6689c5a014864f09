// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The params of how a network is made and trained, which all estimators have.
 *
 * @param <S> who has them, which setters return
 */
public interface TrainingParams<S extends Params> extends SequenceParams<S> {
  /** The param of the maximum number of passes over the training data. */
  default IntParam maxIter() {
    return Declared.param(this, "maxIter");
  }

  /** Returns the maximum number of passes over the training data. */
  default int getMaxIter() {
    return Declared.<Integer>value(this, "maxIter");
  }

  /** Sets the maximum number of passes over the training data. */
  default S setMaxIter(int value) {
    return Declared.with(this, "maxIter", value);
  }

  /** The param of the random seed. */
  default LongParam seed() {
    return Declared.param(this, "seed");
  }

  /** Returns the random seed. */
  default long getSeed() {
    return Declared.<Long>value(this, "seed");
  }

  /** Sets the random seed. */
  default S setSeed(long value) {
    return Declared.with(this, "seed", value);
  }

  /** The param of the learning rate. */
  default DoubleParam stepSize() {
    return Declared.param(this, "stepSize");
  }

  /** Returns the learning rate. */
  default double getStepSize() {
    return Declared.<Double>value(this, "stepSize");
  }

  /** Sets the learning rate. */
  default S setStepSize(double value) {
    return Declared.with(this, "stepSize", value);
  }

  /** The param of the rule of updates, such as {@code adam}. */
  default Param<String> solver() {
    return Declared.param(this, "solver");
  }

  /** Returns the rule of updates, such as {@code adam}. */
  default String getSolver() {
    return Declared.<String>value(this, "solver");
  }

  /** Sets the rule of updates, such as {@code adam}. */
  default S setSolver(String value) {
    return Declared.with(this, "solver", value);
  }

  /** The param of the number of rows, or streams of text, that are read side by side. */
  default IntParam batchSize() {
    return Declared.param(this, "batchSize");
  }

  /** Returns the number of rows, or streams of text, that are read side by side. */
  default int getBatchSize() {
    return Declared.<Integer>value(this, "batchSize");
  }

  /** Sets the number of rows, or streams of text, that are read side by side. */
  default S setBatchSize(int value) {
    return Declared.with(this, "batchSize", value);
  }

  /** The param of the recurrent cell: {@code rnn}, {@code lstm} or {@code gru}. */
  default Param<String> cellType() {
    return Declared.param(this, "cellType");
  }

  /** Returns the recurrent cell: {@code rnn}, {@code lstm} or {@code gru}. */
  default String getCellType() {
    return Declared.<String>value(this, "cellType");
  }

  /** Sets the recurrent cell: {@code rnn}, {@code lstm} or {@code gru}. */
  default S setCellType(String value) {
    return Declared.with(this, "cellType", value);
  }

  /** The param of the width of each recurrent layer. */
  default IntParam hiddenSize() {
    return Declared.param(this, "hiddenSize");
  }

  /** Returns the width of each recurrent layer. */
  default int getHiddenSize() {
    return Declared.<Integer>value(this, "hiddenSize");
  }

  /** Sets the width of each recurrent layer. */
  default S setHiddenSize(int value) {
    return Declared.with(this, "hiddenSize", value);
  }

  /** The param of the number of recurrent layers. */
  default IntParam numLayers() {
    return Declared.param(this, "numLayers");
  }

  /** Returns the number of recurrent layers. */
  default int getNumLayers() {
    return Declared.<Integer>value(this, "numLayers");
  }

  /** Sets the number of recurrent layers. */
  default S setNumLayers(int value) {
    return Declared.with(this, "numLayers", value);
  }

  /** The param of the width of a token's vector. */
  default IntParam embeddingSize() {
    return Declared.param(this, "embeddingSize");
  }

  /** Returns the width of a token's vector. */
  default int getEmbeddingSize() {
    return Declared.<Integer>value(this, "embeddingSize");
  }

  /** Sets the width of a token's vector. */
  default S setEmbeddingSize(int value) {
    return Declared.with(this, "embeddingSize", value);
  }

  /** The param of the probability of zeroing an element between layers in training. */
  default DoubleParam dropout() {
    return Declared.param(this, "dropout");
  }

  /** Returns the probability of zeroing an element between layers in training. */
  default double getDropout() {
    return Declared.<Double>value(this, "dropout");
  }

  /** Sets the probability of zeroing an element between layers in training. */
  default S setDropout(double value) {
    return Declared.with(this, "dropout", value);
  }

  /** The param of how strings are cut into tokens. */
  default Param<String> tokenizer() {
    return Declared.param(this, "tokenizer");
  }

  /** Returns how strings are cut into tokens. */
  default String getTokenizer() {
    return Declared.<String>value(this, "tokenizer");
  }

  /** Sets how strings are cut into tokens. */
  default S setTokenizer(String value) {
    return Declared.with(this, "tokenizer", value);
  }

  /** The param of whether capitals become small letters. */
  default BooleanParam lowercase() {
    return Declared.param(this, "lowercase");
  }

  /** Returns whether capitals become small letters. */
  default boolean getLowercase() {
    return Declared.<Boolean>value(this, "lowercase");
  }

  /** Sets whether capitals become small letters. */
  default S setLowercase(boolean value) {
    return Declared.with(this, "lowercase", value);
  }

  /** The param of the least occurrences of a token of the vocabulary. */
  default IntParam minCount() {
    return Declared.param(this, "minCount");
  }

  /** Returns the least occurrences of a token of the vocabulary. */
  default int getMinCount() {
    return Declared.<Integer>value(this, "minCount");
  }

  /** Sets the least occurrences of a token of the vocabulary. */
  default S setMinCount(int value) {
    return Declared.with(this, "minCount", value);
  }

  /** The param of the most tokens of the vocabulary, 0 for all. */
  default IntParam vocabSize() {
    return Declared.param(this, "vocabSize");
  }

  /** Returns the most tokens of the vocabulary, 0 for all. */
  default int getVocabSize() {
    return Declared.<Integer>value(this, "vocabSize");
  }

  /** Sets the most tokens of the vocabulary, 0 for all. */
  default S setVocabSize(int value) {
    return Declared.with(this, "vocabSize", value);
  }

  /** The param of the share of the rows that is held out to choose the best pass. */
  default DoubleParam validationFraction() {
    return Declared.param(this, "validationFraction");
  }

  /** Returns the share of the rows that is held out to choose the best pass. */
  default double getValidationFraction() {
    return Declared.<Double>value(this, "validationFraction");
  }

  /** Sets the share of the rows that is held out to choose the best pass. */
  default S setValidationFraction(double value) {
    return Declared.with(this, "validationFraction", value);
  }

  /**
   * The param of the passes without a better validation before the training stops, 0 for no end.
   */
  default IntParam patience() {
    return Declared.param(this, "patience");
  }

  /** Returns the passes without a better validation before the training stops, 0 for no end. */
  default int getPatience() {
    return Declared.<Integer>value(this, "patience");
  }

  /** Sets the passes without a better validation before the training stops, 0 for no end. */
  default S setPatience(int value) {
    return Declared.with(this, "patience", value);
  }

  /** The param of the number of fixed slices of the data, on which the result depends. */
  default IntParam numShards() {
    return Declared.param(this, "numShards");
  }

  /** Returns the number of fixed slices of the data, on which the result depends. */
  default int getNumShards() {
    return Declared.<Integer>value(this, "numShards");
  }

  /** Sets the number of fixed slices of the data, on which the result depends. */
  default S setNumShards(int value) {
    return Declared.with(this, "numShards", value);
  }

  /** The param of the number of Spark tasks that train, on which the result does not depend. */
  default IntParam numWorkers() {
    return Declared.param(this, "numWorkers");
  }

  /** Returns the number of Spark tasks that train, on which the result does not depend. */
  default int getNumWorkers() {
    return Declared.<Integer>value(this, "numWorkers");
  }

  /** Sets the number of Spark tasks that train, on which the result does not depend. */
  default S setNumWorkers(int value) {
    return Declared.with(this, "numWorkers", value);
  }

  /** The param of further options of the command {@code train}, as they are typed. */
  default StringArrayParam options() {
    return Declared.param(this, "options");
  }

  /** Returns further options of the command {@code train}, as they are typed. */
  default String[] getOptions() {
    return Declared.<String[]>value(this, "options");
  }

  /** Sets further options of the command {@code train}, as they are typed. */
  default S setOptions(String[] value) {
    return Declared.with(this, "options", value);
  }

  /** The param of the folder, shared by all machines, for what a training writes on the way. */
  default Param<String> workDir() {
    return Declared.param(this, "workDir");
  }

  /** Returns the folder, shared by all machines, for what a training writes on the way. */
  default String getWorkDir() {
    return Declared.<String>value(this, "workDir");
  }

  /** Sets the folder, shared by all machines, for what a training writes on the way. */
  default S setWorkDir(String value) {
    return Declared.with(this, "workDir", value);
  }

  /** The param of whether the course of a training is told on standard error. */
  default BooleanParam verbose() {
    return Declared.param(this, "verbose");
  }

  /** Returns whether the course of a training is told on standard error. */
  default boolean getVerbose() {
    return Declared.<Boolean>value(this, "verbose");
  }

  /** Sets whether the course of a training is told on standard error. */
  default S setVerbose(boolean value) {
    return Declared.with(this, "verbose", value);
  }
}
