/** Networks in ONNX Runtime: what they compute, whether two compute the same, and how fast. */
@NullMarked
package org.espalier.runtime;

import org.jspecify.annotations.NullMarked;
