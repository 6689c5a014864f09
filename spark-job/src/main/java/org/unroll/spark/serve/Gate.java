// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The gate lets requests in: those that a page of another site has sent a browser with, by a name
 * that it has for this machine, those without the key, and those of a client that asks too often
 * stay out.
 */
final class Gate {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final String BEARER = "Bearer ";

  /** The longest header lines together, as characters. */
  private static final int MOST_HEADERS = 1 << 14;

  /** The clients that are counted; the one that was longest not seen is forgotten first. */
  private static final int MOST_CLIENTS = 10_000;

  /** The seconds over which the rate is counted: so many requests may come at once. */
  private static final int BURST_SECONDS = 10;

  private final boolean loopback;
  private final byte[] key;
  private final int rate;
  private final Map<String, Bucket> clients =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MOST_CLIENTS;
        }
      };

  /** The requests that a client may make before it has to wait. */
  private static final class Bucket {
    private double left;
    private long filled;
  }

  /**
   * Makes a gate.
   *
   * @param address that is listened to
   * @param key that every request must have; null for none
   * @param rate requests a second and client; 0 for any number
   */
  Gate(InetAddress address, String key, int rate) {
    this.loopback = address.isLoopbackAddress();
    this.key = key == null ? null : digest(key);
    this.rate = rate;
  }

  /**
   * Lets a request in.
   *
   * @param keyed whether it needs the key where there is one
   * @throws ApiException if it has to stay out
   */
  void admit(Call call, boolean keyed) {
    requireHeaders(call);
    requireHost(call);
    if (keyed && key != null) {
      requireKey(call);
    }
    if (rate > 0 && !take(call.client(), System.nanoTime())) {
      throw ApiException.tooOften(
          "More than %s requests a second came from here: wait a moment.".formatted(rate));
    }
  }

  private static void requireHeaders(Call call) {
    long length = 0;
    for (Map.Entry<String, List<String>> header : call.headers().entrySet()) {
      for (String value : header.getValue()) {
        length += header.getKey().length() + (value == null ? 0 : value.length());
      }
    }
    if (length > MOST_HEADERS) {
      throw ApiException.refused(
          431,
          "headers_too_large",
          "The headers are longer than %s characters together.".formatted(MOST_HEADERS));
    }
  }

  /** Refuses other names of this machine, which whoever owns a name can make for it. */
  private void requireHost(Call call) {
    List<String> hosts = call.headers().get("Host");
    if (hosts == null || hosts.size() != 1 || hosts.get(0) == null) {
      throw ApiException.refused(400, "no_host", "The request must have one header Host.");
    }
    String name = hosts.get(0).replaceFirst(":[0-9]{0,5}$", "");
    if (loopback && !LOOPBACK.contains(name.toLowerCase(Locale.ROOT))) {
      throw ApiException.refused(
          421,
          "wrong_host",
          "This server is asked as localhost or 127.0.0.1, and by no other name.");
    }
  }

  private void requireKey(Call call) {
    String given = call.headers().getFirst("Authorization");
    boolean right =
        given != null
            && given.regionMatches(true, 0, BEARER, 0, BEARER.length())
            // Digests, so that neither the time nor the length tells anything of the key.
            && MessageDigest.isEqual(digest(given.substring(BEARER.length()).strip()), key);
    if (!right) {
      throw ApiException.unknownClient(
          given == null
              ? "The request has no API key: send the header Authorization: Bearer KEY."
              : "The API key is not that of this server.");
    }
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JVM has it
    }
  }

  private synchronized boolean take(String client, long now) {
    double most = (double) rate * BURST_SECONDS;
    Bucket bucket = clients.computeIfAbsent(client, name -> full(most, now));
    bucket.left = Math.min(most, bucket.left + (now - bucket.filled) / 1e9 * rate);
    bucket.filled = now;
    if (bucket.left < 1) {
      return false;
    }
    bucket.left--;
    return true;
  }

  private static Bucket full(double most, long now) {
    Bucket bucket = new Bucket();
    bucket.left = most;
    bucket.filled = now;
    return bucket;
  }
}
