// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.rounds;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The messages between the processes of workers and their driver, and among those processes where
 * they share sums, little-endian. Each begins with an {@code int} that names its kind. A process
 * has one connection for all its workers, which are its members. The floats of a command or a
 * contribution follow as a stream, in the order of their heads: parameters or sums, then the states
 * of the members. Here are the short messages; the two long ones are {@link Command.Message} and
 * {@link Contribution.Message}.
 *
 * <pre>
 * HELLO         version, run (2 longs), member, worker,     a member joins, or another executor (member 0);
 *               where its process listens for others        answered by a refusal or nothing
 * FAILURE       member, input?, text                        its last words; answered by nothing
 * LEAVE         member                                      it is gone
 * COMMAND       kind, round, window, split, n members with workers and whether states come,
 *               who adds the sums, which parameters come (runs). Of an owner to another executor: the
 *               parameters of its span. To no member: the driver adds what owners were to add
 * BROKEN        round, text                                 another executor cannot be reached
 * SHARE         name, secret (2 longs), bytes of a slot     its memory may be used; answered by whether it is
 * PIECES        bytes, then a COMMAND or a CONTRIBUTION     whose floats come through shared memory
 * WAKE                                                      there is something to do in the memory
 * CONTRIBUTION  round, span, the slowest link, n members with workers, times and the losses of their
 *               nodes or shards, then m nodes with losses and runs
 * </pre>
 */
final class Messages {
  static final int HELLO = 0x554E5201;
  static final int FAILURE = 0x554E5202;
  static final int COMMAND = 0x554E5203;
  static final int CONTRIBUTION = 0x554E5204;
  static final int LEAVE = 0x554E5205;
  static final int SHARE = 0x554E5206;
  static final int PIECES = 0x554E5207;
  static final int WAKE = 0x554E5208;
  static final int BROKEN = 0x554E5209;

  /** The version of this format; both ends must have the same. */
  static final int VERSION = 7;

  private Messages() {}

  /** Makes a received message ready to be read; returns its kind. */
  static int kind(ByteBuffer message) {
    return message.order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** Returns a buffer for a message of this kind with so many bytes behind it. */
  static ByteBuffer allocate(int kind, int bytes) {
    return ByteBuffer.allocate(Integer.BYTES + bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(kind);
  }

  /**
   * Reads how many items of some bytes each come next.
   *
   * @throws IllegalStateException if they do not fit the message
   */
  static int count(ByteBuffer in, int bytes, String items) {
    int n = in.getInt();
    if (n < 0 || n > in.remaining() / bytes) {
      throw new IllegalStateException(n + " " + items + " do not fit their message");
    }
    return n;
  }

  /** Returns the bytes that {@link #putName} takes. */
  static int nameBytes(String name) {
    return 4 + name.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Writes a machine's name in the middle of a message, its length first. */
  static ByteBuffer putName(String name, ByteBuffer out) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return out.putInt(bytes.length).put(bytes);
  }

  /** Reads what {@link #putName} wrote. */
  static String readName(ByteBuffer in) {
    byte[] bytes = new byte[count(in, 1, "bytes of a machine's name")];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * A member's first message to the driver, or the first of an executor to another, which is of no
   * member.
   *
   * @param address where the process listens for others, or {@link Transport.Address#NOWHERE}
   */
  record Hello(int version, UUID run, int member, int worker, Transport.Address address) {
    ByteBuffer write() {
      ByteBuffer out = allocate(HELLO, 28 + address.bytes()).putInt(version);
      return address.write(putUuid(out, run).putInt(member).putInt(worker)).flip();
    }

    static Hello read(ByteBuffer in) {
      int version = in.getInt();
      UUID run = readUuid(in);
      int member = in.getInt();
      int worker = in.getInt();
      // Of another version it may end differently.
      Transport.Address address =
          version == VERSION ? Transport.Address.read(in) : Transport.Address.NOWHERE;
      return new Hello(version, run, member, worker, address);
    }

    /** Returns why a process of a run refuses who says this, or nothing if it takes it. */
    String refusal(UUID here) {
      if (version != VERSION) {
        return "its messages have version %d, but those here have version %d"
            .formatted(version, VERSION);
      }
      return run.equals(here) ? "" : "it belongs to run " + run + ", but this is " + here;
    }
  }

  /** The message that another executor cannot be reached, and why. */
  record Broken(long round, String text) {
    ByteBuffer write() {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return allocate(BROKEN, 8 + bytes.length).putLong(round).put(bytes).flip();
    }

    static Broken read(ByteBuffer in) {
      return new Broken(in.getLong(), readText(in));
    }
  }

  /**
   * A member's last message, if it fails.
   *
   * @param input whether the data are to blame
   */
  record Failure(int member, boolean input, String text) {
    ByteBuffer write() {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return allocate(FAILURE, 8 + bytes.length)
          .putInt(member)
          .putInt(input ? 1 : 0)
          .put(bytes)
          .flip();
    }

    static Failure read(ByteBuffer in) {
      return new Failure(in.getInt(), in.getInt() != 0, readText(in));
    }
  }

  /** Returns an answer of text alone; that of no text is the one of who agrees. */
  static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns what is said of a request that cannot be answered at this time. */
  static String notDue(int kind) {
    return "request " + Integer.toHexString(kind) + " is not due";
  }

  static String readText(ByteBuffer in) {
    return StandardCharsets.UTF_8.decode(in).toString();
  }

  private static ByteBuffer putUuid(ByteBuffer out, UUID id) {
    return out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  private static UUID readUuid(ByteBuffer in) {
    return new UUID(in.getLong(), in.getLong());
  }

  static ByteBuffer leave(int member) {
    return allocate(LEAVE, 4).putInt(member).flip();
  }

  static ByteBuffer share(SharedMemory.Key key) {
    byte[] name = key.name().getBytes(StandardCharsets.UTF_8);
    return putUuid(allocate(SHARE, 20 + name.length).putInt(key.slotBytes()), key.secret())
        .put(name)
        .flip();
  }

  /** Returns the answer to {@link #share}: whether the memory is used. */
  static ByteBuffer shared(boolean used) {
    return used ? wake() : text("");
  }

  static SharedMemory.Key readShare(ByteBuffer in) {
    int slotBytes = in.getInt();
    UUID secret = readUuid(in);
    return new SharedMemory.Key(readText(in), secret, slotBytes);
  }

  /** Wraps a message whose floats come through shared memory. */
  static ByteBuffer pieces(long bytes, ByteBuffer message) {
    return allocate(PIECES, 8 + message.remaining()).putLong(bytes).put(message).flip();
  }

  static ByteBuffer wake() {
    return allocate(WAKE, 0).flip();
  }
}
