package org.espalier.ops;

import java.util.List;

/** Softmax and its kin: normalises over an axis as a whole, so units there are frozen; all other axes stay as they are. */
final class SoftmaxOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Softmax", "LogSoftmax", "Hardmax");
    }

    @Override
    public void infer(NodeInference c) {
        c.axis(c.node().getLong("axis", c.opset() < 13 ? 1 : -1), c.rank(0));
        c.output(0, c.type(0), c.shape(0));
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        int rank = r.shape(x).length;
        int axis = Axes.of(r.node().getLong("axis", r.opset() < 13 ? 1 : -1), rank);
        for (int a = 0; a < rank; a++) {
            // Before operator set 13 all axes from `axis` on were normalised together.
            if (a < axis || (a > axis && r.opset() >= 13)) {
                r.same(x, a, r.node().output(0), a);
            }
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.axis(r.opset() < 13 ? 1 : -1) != 0;
    }
}
