package org.espalier.rewrite;

import java.util.List;
import org.espalier.graph.Node;

/** Operators of ONNX Runtime's own set that stand for several of ONNX's. What they compute is in ONNX Runtime's ContribOperators.md. */
interface FusedOperator {
    /** Names of the operators that it takes apart. */
    List<String> names();

    /**
     * Adds plain nodes that compute what a node does.
     *
     * @return whether it did; not where the node has a form that is not known, or needs a shape that is not known yet
     */
    boolean unfuse(Node n, GraphEdit g);
}
