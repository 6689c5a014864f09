// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockResult;
import org.apache.spark.storage.RDDBlockId;
import org.unroll.rnn.data.SliceTable;
import org.unroll.rnn.data.Tokenizer;
import org.unroll.rnn.data.Vocabulary;
import org.unroll.rnn.io.InputException;
import org.unroll.spark.rows.InputProblems;
import scala.Option;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Token blocks are a text that was cut into tokens once. Each block numbers the different tokens
 * that it has in the order in which they come, so that it needs no vocabulary to be made: counts,
 * vocabularies and ids are all made of blocks. Spark keeps them on the disks of the executors, as
 * the partitions of an RDD; a worker takes them from there, wherever they are, and cuts the text
 * again if they are gone.
 *
 * @param plan how the text is read
 * @param rdd the number of the RDD that keeps the blocks
 * @param starts the first chunk of each of its partitions, and the number of all chunks
 * @param firstToken the position of each chunk's first token, and the number of all tokens
 */
@DefaultSerializer(JavaSerializer.class)
record TokenBlocks(TextPlan plan, int rdd, int[] starts, long[] firstToken)
    implements Serializable {
  private static final ClassTag<Block> BLOCK = ClassTag$.MODULE$.apply(Block.class);

  /**
   * A block of tokens that follow one another in a chunk.
   *
   * @param chunk that they are in
   * @param slices bytes of the different slices of text, one behind the other; null where the
   *     numbers are ids of the tokenizer's own vocabulary, as those of byte pairs are
   * @param ends where each slice ends
   * @param counts how often each occurs
   * @param numbers of each token's slice, packed
   * @param width bytes of a number, the low one first
   * @param documents hashes of the documents that end here, two numbers each; none if the text is
   *     not counted
   */
  @DefaultSerializer(JavaSerializer.class)
  record Block(
      int chunk,
      byte[] slices,
      int[] ends,
      int[] counts,
      byte[] numbers,
      int width,
      long[] documents)
      implements Serializable {

    int tokens() {
      return numbers.length / width;
    }

    private int start(int slice) {
      return slice == 0 ? 0 : ends[slice - 1];
    }

    /** Returns the number of a token. */
    private int number(int token) {
      int at = token * width;
      return switch (width) {
        case 1 -> numbers[at] & 0xff;
        case 2 -> numbers[at] & 0xff | (numbers[at + 1] & 0xff) << 8;
        default ->
            numbers[at] & 0xff | (numbers[at + 1] & 0xff) << 8 | (numbers[at + 2] & 0xff) << 16;
      };
    }

    /** Counts the tokens that have no id of their own. */
    long unknown(TokenIds ids) {
      long unknown = 0;
      for (int s = 0; slices != null && s < ends.length; s++) {
        unknown += ids.has(slices, start(s), ends[s]) ? 0 : counts[s];
      }
      return unknown;
    }

    /** Adds how often each id occurs. */
    long[] count(TokenIds ids, long... counts) {
      int[] idOf = ids(ids.encoder());
      for (int s = 0; idOf != null && s < idOf.length; s++) {
        if (idOf[s] != TokenIds.NONE) {
          counts[idOf[s]] += this.counts[s];
        }
      }
      return counts;
    }

    /** Returns the id of each slice; null where the numbers are ids themselves. */
    private int[] ids(TokenIds.Encoder encoder) {
      if (slices == null) {
        return null;
      }
      int[] ids = new int[ends.length];
      int[] one = new int[1];
      for (int s = 0; s < ids.length; s++) {
        encoder.encode(slices, start(s), ends[s], one);
        ids[s] = one[0];
      }
      return ids;
    }

    static Block of(int chunk, SliceTable table, int[] numbers, int count, long[] documents) {
      int[] ends = new int[table.size()];
      Arrays.setAll(ends, s -> table.start(s + 1));
      int[] counts = new int[table.size()];
      for (int i = 0; i < count; i++) {
        counts[numbers[i]]++;
      }
      byte[] slices = Arrays.copyOf(table.array(), table.bytes());
      int width = width(ends.length);
      return new Block(chunk, slices, ends, counts, pack(numbers, count, width), width, documents);
    }

    static int width(int different) {
      return different <= 1 << 8 ? 1 : different <= 1 << 16 ? 2 : 3;
    }

    static byte[] pack(int[] numbers, int count, int width) {
      byte[] packed = new byte[count * width];
      for (int i = 0; i < count; i++) {
        for (int b = 0; b < width; b++) {
          packed[i * width + b] = (byte) (numbers[i] >>> 8 * b);
        }
      }
      return packed;
    }
  }

  /**
   * Counts the tokens of a partition's blocks, and brings the hashes of its documents, as blocks
   * for the partitions that add them up.
   */
  static Iterator<Tuple2<Integer, byte[]>> counts(
      Iterator<Block> blocks, Tokenizer tokenizer, int partitions) {
    return new Iterator<>() {
      private final CountBlocks.Table table = new CountBlocks.Table();
      private final Deque<Tuple2<Integer, byte[]>> ready = new ArrayDeque<>();

      @Override
      public boolean hasNext() {
        while (ready.isEmpty() && blocks.hasNext()) {
          while (!table.isFull() && blocks.hasNext()) {
            Block block = blocks.next();
            for (int s = 0; s < block.ends.length; s++) {
              table.add(block.slices, block.start(s), block.ends[s], block.counts[s]);
            }
            CountBlocks.documents(block.documents, partitions, ready);
          }
          table.drain(tokenizer, partitions, ready);
        }
        return !ready.isEmpty();
      }

      @Override
      public Tuple2<Integer, byte[]> next() {
        return ready.remove();
      }
    };
  }

  /** Adds how often each id occurs where blocks have ids. */
  static long[] countIds(long[] counts, Block block) {
    for (int i = 0; i < block.tokens(); i++) {
      counts[block.number(i)]++;
    }
    return counts;
  }

  /** Takes the ids of tokens, in order. */
  interface IdSink {
    void add(int id) throws IOException;
  }

  /**
   * Hands over the ids of a partition's tokens.
   *
   * @throws InputException if a token has no id
   */
  void encode(Iterator<Block> own, TokenIds ids, IdSink out) throws IOException {
    TokenIds.Encoder encoder = ids.encoder();
    long before = 0;
    int chunk = -1;
    while (own.hasNext()) {
      Block block = own.next();
      before = block.chunk == chunk ? before : 0;
      chunk = block.chunk;
      int[] idOf = block.ids(encoder);
      for (int i = 0; i < block.tokens(); i++) {
        out.add(id(block, i, idOf, before, ids));
      }
      before += block.tokens();
    }
  }

  /**
   * Returns the id of a block's token.
   *
   * @param before tokens of the chunk before the block
   */
  private int id(Block block, int token, int[] idOf, long before, TokenIds ids) throws IOException {
    int number = block.number(token);
    int id = idOf == null ? number : idOf[number];
    if (id == TokenIds.NONE) {
      throw unknown(block, number, before + token, ids);
    }
    return id;
  }

  /** Says which token has no id, and where it is. */
  private InputException unknown(Block block, int number, long inChunk, TokenIds ids)
      throws IOException {
    String token = plan.tokenizer().token(block.slices, block.start(number), block.ends[number]);
    return new InputException(
        ("The input file %s has in %s what the vocabulary does not know: %s is not among its %s"
                + " tokens, and it has no <unk>. Remove it from the text, or take a vocabulary that"
                + " has <unk>, which --vocab-size and --min-count 2 give it.")
            .formatted(
                InputProblems.name(plan.table().chunk(block.chunk)),
                placeOf(block.chunk, inChunk),
                Vocabulary.describe(token),
                ids.size()));
  }

  /**
   * Returns the ids of the tokens {@code [from, to)}.
   *
   * @throws InputException if a token has no id, or the text had to be cut again and is not what it
   *     was when it was counted
   */
  int[] read(TokenIds ids, long from, long to) {
    int[] into = new int[Math.toIntExact(to - from)];
    try {
      for (int filled = 0; filled < into.length; ) {
        int chunk = TokenCorpus.partOf(firstToken, from + filled);
        int partition = Arrays.binarySearch(starts, chunk);
        partition = partition < 0 ? -partition - 2 : partition;
        filled = new Filling(ids, from, into).fill(filled, partition);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return into;
  }

  /** Fills an array with ids of the tokens from a position on. */
  private final class Filling {
    private final TokenIds ids;
    private final TokenIds.Encoder encoder;
    private final long from;
    private final int[] into;

    Filling(TokenIds ids, long from, int[] into) {
      this.ids = ids;
      this.encoder = ids.encoder();
      this.from = from;
      this.into = into;
    }

    /** Goes on with the blocks of a partition and returns how much is filled then. */
    int fill(int alreadyFilled, int partition) throws IOException {
      int filled = alreadyFilled;
      long end = Math.min(from + into.length, firstToken[starts[partition + 1]]);
      int chunk = -1;
      long position = 0;
      try (Kept kept = new Kept(partition)) {
        while (from + filled < end && kept.blocks.hasNext()) {
          Block block = kept.blocks.next();
          position = block.chunk == chunk ? position : firstToken[block.chunk];
          chunk = block.chunk;
          if (position <= from + filled && position + block.tokens() > from + filled) {
            int first = (int) (from + filled - position);
            int count = (int) Math.min(block.tokens() - first, end - from - filled);
            copy(block, position, first, count, filled);
            filled += count;
          }
          position += block.tokens();
          if (position > firstToken[chunk + 1]) {
            throw changed(chunk);
          }
        }
      }
      if (from + filled < end) {
        throw changed(TokenCorpus.partOf(firstToken, from + filled));
      }
      return filled;
    }

    private void copy(Block block, long position, int first, int count, int offset)
        throws IOException {
      int[] idOf = block.ids(encoder);
      long before = position - firstToken[block.chunk];
      for (int i = 0; i < count; i++) {
        into[offset + i] = id(block, first + i, idOf, before, ids);
      }
    }
  }

  private InputException changed(int chunk) {
    return InputProblems.changed(
        plan.table().chunk(chunk), "has other text than when the run began");
  }

  /** Returns the line of a chunk's token, for messages: it reads the chunk again. */
  private String placeOf(int chunk, long token) throws IOException {
    ChunkCounts.Counter counter = new ChunkCounts.Counter();
    try (TextPlan.Cursor cursor = new TextPlan.Cursor(plan, chunk, counter)) {
      boolean more = true;
      while (more && counter.tokens() <= token) {
        more = cursor.advance();
      }
      return cursor.documents().place();
    }
  }

  /** The blocks of a partition where Spark keeps them, or made again of the text. */
  private final class Kept implements AutoCloseable {
    private final Iterator<Block> blocks;
    private BlockTask again;
    private RDDBlockId local;

    Kept(int partition) {
      RDDBlockId id = new RDDBlockId(rdd, partition);
      BlockManager manager = SparkEnv.get().blockManager();
      Option<BlockResult> found = manager.get(id, BLOCK);
      if (found.isEmpty()) {
        again = new BlockTask(plan, null, starts[partition], starts[partition + 1]);
        blocks = again;
        return;
      }
      blocks = CollectionConverters.asJava(found.get().data().map(Block.class::cast));
      local = manager.getStatus(id).isDefined() ? id : null;
    }

    /** Ends the reading, which may not have come to the end. */
    @Override
    public void close() {
      if (again != null) {
        again.close();
      } else if (local != null && blocks.hasNext()) {
        SparkEnv.get().blockManager().releaseLock(local, Option.empty());
      }
    }
  }
}
