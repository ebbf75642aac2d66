/**
 * Networks in forms that tools leave behind, in ONNX's plain operators in float32: branches that are decided, quantised numbers, operators
 * that ONNX Runtime fused.
 */
@NullMarked
package org.espalier.rewrite;

import org.jspecify.annotations.NullMarked;
