// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.Test;

/** Python's module and Java's package of the same name say the same. */
class PythonNamesTest {
  private static final Path MODULE = Path.of("src/main/python/org/unroll/spark/ml.py");
  private static final Pattern GROUP = Pattern.compile("(?s)(\\b_[A-Z]+) = \\{(.*?)}");
  private static final Pattern NAME = Pattern.compile("\"(\\w+)\":");
  private static final Pattern CLASS =
      Pattern.compile("(?s)@_with_params\\((.*?)\\)\\nclass (\\w+)\\(");

  @Test
  void classes_of_python_have_the_params_of_java() throws Exception {
    String module = Files.readString(MODULE);
    Map<String, List<String>> groups = new HashMap<>();
    GROUP
        .matcher(module)
        .results()
        .forEach(group -> groups.put(group.group(1), names(group.group(2))));
    List<MatchResult> classes = CLASS.matcher(module).results().toList();
    assertThat(classes).hasSize(10);
    for (MatchResult found : classes) {
      Stream<String> shared =
          Pattern.compile("_[A-Z]{4,}")
              .matcher(found.group(1).replaceAll("\\{.*?}", ""))
              .results()
              .flatMap(group -> groups.get(group.group()).stream());
      List<String> params = Stream.concat(shared, names(found.group(1)).stream()).toList();
      PipelineStage stage =
          (PipelineStage)
              Class.forName("org.unroll.spark.ml." + found.group(2)).getConstructor().newInstance();
      assertThat(params)
          .as(found.group(2))
          .containsExactlyInAnyOrderElementsOf(
              Arrays.stream(stage.params()).map(Param::name).toList());
    }
  }

  private static List<String> names(String text) {
    return NAME.matcher(text).results().map(name -> name.group(1)).toList();
  }
}
