// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabelPlacesTest {
  @Test
  void a_word_alone_stands_above_its_point() {
    double[][] places =
        WordMap.LabelPlaces.choose(List.of("lake"), new double[][] {{100, 200}}, true);
    assertThat(places[0][0]).isEqualTo(100);
    assertThat(places[0][1]).isLessThan(195);
  }

  @Test
  void words_of_near_points_go_different_ways() {
    double[][] points = {{100, 200}, {104, 201}, {101, 204}};
    double[][] places = WordMap.LabelPlaces.choose(List.of("lake", "pond", "sea"), points, true);
    assertThat(places[1][1]).as("below").isGreaterThan(205);
    assertThat(places[2][1]).as("beside").isEqualTo(204);
    assertThat(Math.abs(places[2][0] - 101)).isGreaterThan(12);
  }

  @Test
  void the_second_of_two_that_stand_one_above_the_other_evades_the_first() {
    double[][] points = {{100, 200}, {100, 190}};
    double[][] places = WordMap.LabelPlaces.choose(List.of("lake", "pond"), points, true);
    assertThat(places[0][1]).as("the point above is in the way").isGreaterThan(200);
    assertThat(places[1][1]).isLessThan(190);
  }
}
