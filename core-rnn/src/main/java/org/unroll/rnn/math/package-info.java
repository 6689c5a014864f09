// SPDX-License-Identifier: Apache-2.0

/** Numeric kernels: a checked face, a scalar reference and a Vector API implementation. */
package org.unroll.rnn.math;
