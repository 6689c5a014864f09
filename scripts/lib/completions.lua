-- SPDX-License-Identifier: Apache-2.0
-- What wrk asks a server of `unroll serve`.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"prompt": "", "max_tokens": 20, "seed": 1}'
