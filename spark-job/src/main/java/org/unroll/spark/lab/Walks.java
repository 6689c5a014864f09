// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.lab;

import java.awt.Graphics2D;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.report.Json;

/**
 * Walks of an agent through a grid with walls, always the same grid. The agent only feels which of
 * the four cells around it are blocked, so most places look like others; where it is can be told
 * from what it felt and did before. {@code actions[t]} is what it does having felt {@code
 * observations[t]} at {@code positions[t]}, which it is not told.
 */
public final class Walks implements SequenceKind {
  /** The number of a sequence that is never made, whose draws make the world. */
  private static final long WORLD = -1;

  private static final double STRAIGHT_ON = 0.5;

  private final int length;
  private final GridWorld world;
  private final int[] cells;

  /**
   * Builds the world.
   *
   * @param width cells
   * @param height cells
   * @param walls share of the cells that are walls
   * @param length steps of a walk
   * @param seed of the world
   */
  public Walks(int width, int height, double walls, int length, long seed) {
    this.length = length;
    this.world = GridWorld.build(width, height, walls, new Draws(seed, WORLD));
    this.cells = IntStream.range(0, width * height).filter(c -> !world.wall.get(c)).toArray();
    if (cells.length < 2) {
      throw new InputException(
          ("A world of %s by %s cells with --walls %s leaves nowhere to walk: make it larger,"
                  + " or the walls fewer.")
              .formatted(width, height, walls));
    }
  }

  @Override
  public Map<String, Object> sample(Draws draws) {
    List<String> observations = new ArrayList<>(length);
    List<String> actions = new ArrayList<>(length);
    List<String> positions = new ArrayList<>(length);
    int cell = cells[draws.below(cells.length)];
    int direction = draws.below(GridWorld.NAMES.length());
    for (int t = 0; t < length; t++) {
      boolean turns = world.isBlocked(cell, direction) || !draws.chance(STRAIGHT_ON);
      direction = turns ? draws.below(GridWorld.NAMES.length()) : direction;
      observations.add(world.view(cell));
      actions.add(GridWorld.NAMES.substring(direction, direction + 1));
      positions.add(cell % world.width + "," + cell / world.width);
      cell = world.moved(cell, direction);
    }
    return Json.fields("observations", observations, "actions", actions, "positions", positions);
  }

  @Override
  public Map<String, Object> facts() {
    return Map.of("open_cells", cells.length);
  }

  @Override
  public void draw(Map<String, Object> sample, Graphics2D into) {
    int size = Math.min(WIDTH / world.width, HEIGHT / world.height);
    for (int c = world.wall.nextSetBit(0); c >= 0; c = world.wall.nextSetBit(c + 1)) {
      into.fillRect(c % world.width * size, c / world.width * size, size, size);
    }
    into.drawRect(0, 0, world.width * size, world.height * size);
    int[] xs = new int[length];
    int[] ys = new int[length];
    List<?> positions = (List<?>) sample.get("positions");
    for (int t = 0; t < length; t++) {
      String[] place = ((String) positions.get(t)).split(",");
      xs[t] = Integer.parseInt(place[0]) * size + size / 2;
      ys[t] = Integer.parseInt(place[1]) * size + size / 2;
    }
    into.drawPolyline(xs, ys, length);
    into.fillOval(xs[length - 1] - size / 4, ys[length - 1] - size / 4, size / 2, size / 2);
  }

  /** A grid with walls on some cells, of which all others hang together. */
  record GridWorld(int width, int height, BitSet wall) {
    /** The steps to the north, east, south and west. */
    static final int[] DX = {0, 1, 0, -1};

    static final int[] DY = {-1, 0, 1, 0};

    static final String NAMES = "NESW";

    /**
     * Builds walls on about this share of the cells, and on those that could not be reached.
     *
     * @param walls in [0, 1)
     */
    static GridWorld build(int width, int height, double walls, Draws draws) {
      GridWorld best = null;
      // Unlucky walls shut off most cells: of some tries the widest world is taken.
      for (int i = 0; i < 20; i++) {
        GridWorld world = new GridWorld(width, height, new BitSet());
        for (int c = 0; c < width * height; c++) {
          world.wall.set(c, draws.chance(walls));
        }
        world.fillUnreached();
        best = best == null || world.wall.cardinality() < best.wall.cardinality() ? world : best;
      }
      return best;
    }

    /** Keeps the largest room and fills all others. */
    private void fillUnreached() {
      BitSet largest = new BitSet();
      for (int c = wall.nextClearBit(0); c < width * height; c = wall.nextClearBit(c)) {
        BitSet room = room(c);
        largest = room.cardinality() > largest.cardinality() ? room : largest;
        wall.or(room);
      }
      wall.andNot(largest);
    }

    private BitSet room(int from) {
      BitSet room = new BitSet();
      Deque<Integer> edge = new ArrayDeque<>(List.of(from));
      while (!edge.isEmpty()) {
        int cell = edge.pop();
        if (!room.get(cell)) {
          room.set(cell);
          IntStream.range(0, NAMES.length()).forEach(d -> edge.push(moved(cell, d)));
        }
      }
      return room;
    }

    /** Returns whether a step in a direction ends at a wall or at the edge. */
    boolean isBlocked(int cell, int direction) {
      int x = cell % width + DX[direction];
      int y = cell / width + DY[direction];
      return x < 0 || y < 0 || x >= width || y >= height || wall.get(y * width + x);
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
  }
}
