package org.espalier.ops;

import java.util.List;
import org.espalier.graph.TensorData;

/** [d₀ … dₙ] → [d₀·…·d₍axis−1₎, d_axis·…·dₙ]: each channel becomes as many features as it has positions. */
final class FlattenOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Flatten");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long raw = c.node().getLong("axis", 1);
        int axis = raw == x.length ? x.length : c.axis(raw, x.length);
        long rows = 1;
        long columns = 1;
        for (int i = 0; i < x.length; i++) {
            if (i < axis) {
                rows = Math.multiplyExact(rows, x[i]);
            } else {
                columns = Math.multiplyExact(columns, x[i]);
            }
        }
        TensorData value = c.constant(0);
        if (value == null) {
            c.output(0, c.type(0), rows, columns);
        } else {
            c.output(0, value.reshape(rows, columns));
        }
    }

    @Override
    public void relate(UnitRelations r) {
        ReshapeOp.relateShapes(r, r.node().input(0), r.node().output(0));
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Elements stay in their order.
        return true;
    }
}
