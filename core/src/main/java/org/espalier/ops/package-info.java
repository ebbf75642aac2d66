/**
 * What Espalier knows of each ONNX operator apart from executing it: shapes, how the units of its outputs relate to those of its
 * inputs, what it costs, and how a node changes when units are removed. One class per operator or family; {@link
 * org.espalier.ops.OperatorTable} lists them.
 */
@NullMarked
package org.espalier.ops;

import org.jspecify.annotations.NullMarked;
