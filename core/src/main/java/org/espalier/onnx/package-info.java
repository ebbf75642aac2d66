/**
 * ONNX files to graphs and back. A file that breaks a rule ends in one {@link org.espalier.onnx.OnnxException} that names it.
 */
@NullMarked
package org.espalier.onnx;

import org.jspecify.annotations.NullMarked;
