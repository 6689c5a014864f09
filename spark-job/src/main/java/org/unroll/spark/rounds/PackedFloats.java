// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Segments as bytes that any serializer writes fast, the same as those of {@link OutgoingFloats}.
 * They are kept in chunks, so that no limit of an array bounds a model.
 */
public final class PackedFloats implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Bytes of a chunk, fewer than what a garbage collector treats as a large array. */
  private static final int CHUNK = 256 << 10;

  private final byte[][] chunks;

  private PackedFloats(byte[][] chunks) {
    this.chunks = chunks;
  }

  /** Copies segments, rounded as they say. */
  public static PackedFloats of(List<Segment> segments) {
    int bufferBytes = (int) Math.min(CHUNK, FloatEncoder.bytes(segments));
    OutgoingFloats floats = new OutgoingFloats(segments, bufferBytes);
    byte[][] chunks = new byte[Math.toIntExact((floats.size() + CHUNK - 1) / CHUNK)][];
    try (InputStream bytes = floats.createInputStream()) {
      for (int i = 0; i < chunks.length; i++) {
        chunks[i] = new byte[(int) Math.min(CHUNK, floats.size() - (long) i * CHUNK)];
        bytes.readNBytes(chunks[i], 0, chunks[i].length);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new PackedFloats(chunks);
  }

  /**
   * Fills segments of the sizes that were packed.
   *
   * @throws IllegalStateException if they are of other sizes
   */
  public void unpack(List<Segment> segments) {
    FloatDecoder decoder = new FloatDecoder(List.of(segments.iterator()));
    for (byte[] chunk : chunks) {
      decoder.read(ByteBuffer.wrap(chunk));
    }
    if (!decoder.isComplete()) {
      throw new IllegalStateException("fewer numbers were packed than expected");
    }
  }

  /** Classes to register with Kryo where it insists on that. */
  public static Class<?>[] kryoClasses() {
    return new Class<?>[] {PackedFloats.class, byte[][].class};
  }
}
