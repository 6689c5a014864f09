// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.unroll.rnn.embed.AnalogyQuestions;
import org.unroll.rnn.io.InputException;

/** Reads analogy questions from any Hadoop file system. */
public final class QuestionFile {
  private QuestionFile() {}

  /**
   * Reads a file.
   *
   * @throws InputException if there is none or it is no such file, naming the line
   */
  public static AnalogyQuestions read(String path) {
    Configuration conf = HadoopFiles.configuration();
    Path file = HadoopFiles.resolve(path, conf);
    String name = HadoopFiles.show(file);
    try (InputStream in = HadoopFiles.fileSystem(file, conf).open(file)) {
      return AnalogyQuestions.read(in, name);
    } catch (FileNotFoundException e) {
      throw new InputException("There is no file of questions " + name + ".", e);
    } catch (IOException e) {
      throw new InputException(name + " cannot be read: " + HadoopFiles.reason(e) + ".", e);
    }
  }
}
