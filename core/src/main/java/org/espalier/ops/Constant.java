package org.espalier.ops;

import org.espalier.graph.Attribute;
import org.espalier.graph.Tensor;

/** A constant that stands in a node. */
final class Constant implements Operator {
    @Override
    public void infer(Inference c) {
        for (Attribute a : c.node().attributes().values()) {
            Tensor value = a.tensor();
            if (value != null) {
                c.output(0, value);
            }
        }
    }
}
