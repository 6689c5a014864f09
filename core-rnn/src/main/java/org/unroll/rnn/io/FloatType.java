// SPDX-License-Identifier: Apache-2.0
package org.unroll.rnn.io;

import java.nio.ByteBuffer;

/** The number formats that can be read as floats, by their names in safetensors. */
enum FloatType {
  /** The format binary64 of IEEE 754, rounded to the nearest float. */
  F64(8) {
    @Override
    float decode(ByteBuffer data, int index) {
      return (float) data.getDouble(index * 8);
    }
  },
  /** The format binary32 of IEEE 754. */
  F32(4) {
    @Override
    float decode(ByteBuffer data, int index) {
      return data.getFloat(index * 4);
    }
  },
  /** The format binary16 of IEEE 754. */
  F16(2) {
    @Override
    float decode(ByteBuffer data, int index) {
      return halfToFloat(data.getShort(index * 2));
    }
  },
  /** The upper half of a binary32. */
  BF16(2) {
    @Override
    float decode(ByteBuffer data, int index) {
      return Float.intBitsToFloat(data.getShort(index * 2) << 16);
    }
  };

  private final int bytes;

  FloatType(int bytes) {
    this.bytes = bytes;
  }

  /** Returns the bytes of a number. */
  int bytes() {
    return bytes;
  }

  /** Returns the number of this index; byte order is the buffer's. */
  abstract float decode(ByteBuffer data, int index);

  /** Takes the first {@code count} numbers of the buffer. */
  void decode(ByteBuffer data, float[] into, int offset, int count) {
    for (int i = 0; i < count; i++) {
      into[offset + i] = decode(data, i);
    }
  }

  /** Converts exactly, also subnormal halves; {@code Float.float16ToFloat} came with Java 20. */
  private static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) {
      float subnormal = fraction * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    int wideExponent = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | wideExponent << 23 | fraction << 13);
  }
}
