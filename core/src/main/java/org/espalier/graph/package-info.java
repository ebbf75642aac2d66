/**
 * The network as immutable values: a {@link org.espalier.graph.Graph} of {@link org.espalier.graph.Node}s over named tensors, spelt as
 * ONNX spells it.
 */
@NullMarked
package org.espalier.graph;

import org.jspecify.annotations.NullMarked;
