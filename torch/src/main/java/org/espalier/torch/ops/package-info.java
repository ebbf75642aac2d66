/** ONNX operators as libtorch calls, found by their ONNX names. */
@NullMarked
package org.espalier.torch.ops;

import org.jspecify.annotations.NullMarked;
