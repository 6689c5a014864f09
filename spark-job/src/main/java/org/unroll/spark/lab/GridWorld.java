// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.IntStream;

/** A grid with walls on some cells, of which all others hang together. */
final class GridWorld {
  /** The steps to the north, east, south and west. */
  static final int[] DX = {0, 1, 0, -1};

  static final int[] DY = {-1, 0, 1, 0};

  static final String NAMES = "NESW";

  private final int width;
  private final int height;
  private final boolean[] wall;

  private GridWorld(int width, int height, boolean[] wall) {
    this.width = width;
    this.height = height;
    this.wall = wall;
  }

  /**
   * Builds walls on about this share of the cells, and on those that could not be reached.
   *
   * @param walls in [0, 1)
   */
  static GridWorld build(int width, int height, double walls, Draws draws) {
    GridWorld best = null;
    // Unlucky walls shut off most cells: of some tries the widest world is taken.
    for (int i = 0; i < 20; i++) {
      boolean[] wall = new boolean[width * height];
      for (int c = 0; c < wall.length; c++) {
        wall[c] = draws.chance(walls);
      }
      GridWorld world = new GridWorld(width, height, wall);
      world.fillUnreached();
      best = best == null || count(world.wall) < count(best.wall) ? world : best;
    }
    return best;
  }

  /** Keeps the largest room and fills all others. */
  private void fillUnreached() {
    boolean[] seen = new boolean[wall.length];
    boolean[] largest = new boolean[wall.length];
    for (int c = 0; c < wall.length; c++) {
      if (!wall[c] && !seen[c]) {
        boolean[] room = room(c, seen);
        largest = count(room) > count(largest) ? room : largest;
      }
    }
    for (int c = 0; c < wall.length; c++) {
      wall[c] = !largest[c];
    }
  }

  private boolean[] room(int from, boolean[] seen) {
    boolean[] room = new boolean[wall.length];
    Deque<Integer> edge = new ArrayDeque<>();
    edge.push(from);
    room[from] = true;
    seen[from] = true;
    while (!edge.isEmpty()) {
      int cell = edge.pop();
      for (int d = 0; d < NAMES.length(); d++) {
        int next = moved(cell, d);
        if (!room[next]) {
          room[next] = true;
          seen[next] = true;
          edge.push(next);
        }
      }
    }
    return room;
  }

  private static int count(boolean[] cells) {
    return (int) IntStream.range(0, cells.length).filter(c -> cells[c]).count();
  }

  /** Returns the cells without a wall, in their order. */
  int[] openCells() {
    return IntStream.range(0, wall.length).filter(c -> !wall[c]).toArray();
  }

  /** Returns whether a step in a direction ends at a wall or at the edge. */
  boolean isBlocked(int cell, int direction) {
    int x = cell % width + DX[direction];
    int y = cell / width + DY[direction];
    return x < 0 || y < 0 || x >= width || y >= height || wall[y * width + x];
  }

  /** Returns the cell after a step, which is the same one if the step is blocked. */
  int moved(int cell, int direction) {
    return isBlocked(cell, direction) ? cell : cell + DX[direction] + width * DY[direction];
  }

  /** Returns the directions that are blocked here, such as {@code NW}; {@code -} for none. */
  String view(int cell) {
    StringBuilder view = new StringBuilder();
    for (int d = 0; d < NAMES.length(); d++) {
      if (isBlocked(cell, d)) {
        view.append(NAMES.charAt(d));
      }
    }
    return view.isEmpty() ? "-" : view.toString();
  }

  boolean isWall(int x, int y) {
    return wall[y * width + x];
  }
}
