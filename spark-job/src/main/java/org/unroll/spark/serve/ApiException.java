// SPDX-License-Identifier: Apache-2.0
package org.unroll.spark.serve;

import java.util.Map;
import org.unroll.spark.report.Json;

/** A request that is refused, in the form of OpenAI's errors. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String INVALID = "invalid_request_error";

  private final int status;
  private final String type;
  private final String param;
  private final String code;

  /**
   * Makes an exception without a stack trace.
   *
   * @param status of HTTP
   * @param type what kind of error it is, for programs
   * @param param the field of the request that is wrong, or null
   * @param code what is wrong, for programs, or null
   */
  private ApiException(int status, String type, String param, String code, String message) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
  }

  /** A request whose field is wrong; null for the whole of it. */
  static ApiException invalid(String param, String message) {
    return new ApiException(400, INVALID, param, "invalid_value", message);
  }

  /** A request that is wrong before anything of it is looked at. */
  static ApiException refused(int status, String code, String message) {
    return new ApiException(status, INVALID, null, code, message);
  }

  /** A model that is not there. */
  static ApiException noModel(String message) {
    return new ApiException(404, INVALID, "model", "model_not_found", message);
  }

  /** A client without the key. */
  static ApiException unknownClient(String message) {
    return new ApiException(401, "authentication_error", null, "invalid_api_key", message);
  }

  /** A client that asks too often. */
  static ApiException tooOften(String message) {
    return new ApiException(429, "rate_limit_error", null, "rate_limit_exceeded", message);
  }

  /** A server that cannot do it now. */
  static ApiException busy(String message) {
    return new ApiException(503, "server_error", null, "overloaded", message);
  }

  /** A fault of the server's own. */
  static ApiException fault(String message) {
    return new ApiException(500, "server_error", null, null, message);
  }

  int status() {
    return status;
  }

  /** Returns the object that clients get. */
  Map<String, Object> body() {
    return Map.of(
        "error", Json.fields("message", getMessage(), "type", type, "param", param, "code", code));
  }
}
