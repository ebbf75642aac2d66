package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Attribute;
import org.espalier.graph.TensorData;

/** A constant that stands in a node. */
final class ConstantOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Constant");
    }

    @Override
    public void infer(NodeInference c) {
        for (Attribute a : c.node().attributes().values()) {
            TensorData value = a.tensor();
            if (value != null) {
                c.output(0, value);
            }
        }
    }
}
