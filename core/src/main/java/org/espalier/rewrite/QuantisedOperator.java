package org.espalier.rewrite;

import java.util.List;
import org.espalier.graph.Node;

/** Operators on quantised numbers, and what they compute in floats. */
interface QuantisedOperator {
    /** Names of the operators, of ONNX's own set or ONNX Runtime's. */
    List<String> names();

    /**
     * Adds nodes that compute in floats what a node computes in integers.
     *
     * @throws NotInFloats if the node has a form that is not known
     */
    void dequantise(Node n, FloatForm f);
}
