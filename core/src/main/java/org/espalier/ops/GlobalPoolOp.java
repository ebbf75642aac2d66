package org.espalier.ops;

import java.util.Arrays;
import java.util.List;

/** Pooling over all spatial positions: [N, C, …] → [N, C, 1, …]. */
final class GlobalPoolOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool");
    }

    @Override
    public void infer(NodeInference c) {
        long[] out = c.shape(0);
        if (out.length < 2) {
            throw c.shapeError("input must have at least 2 axes");
        }
        Arrays.fill(out, 2, out.length, 1);
        c.output(0, c.type(0), out);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        r.same(x, 0, r.node().output(0), 0);
        r.same(x, 1, r.node().output(0), 1);
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput();
    }
}
