package org.espalier.ops;

import java.util.List;

/** Pooling over windows of the spatial axes: [N, C, …] → [N, C, …′]. Channels stay as they are. */
final class PoolOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("MaxPool", "AveragePool", "LpPool");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long[] kernel = c.node().getLongs("kernel_shape");
        if (kernel == null || kernel.length != x.length - 2) {
            throw c.shapeError("kernel_shape must have one size per spatial axis");
        }
        SlidingWindow windows = SlidingWindow.of(c, kernel.length, kernel);
        long[] out = x.clone();
        for (int d = 0; d < kernel.length; d++) {
            out[d + 2] = windows.outputSize(c, d, x[d + 2]);
        }
        c.output(0, c.type(0), out);
        c.output(1, org.espalier.graph.ElementType.INT64, out);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        if (!r.node().output(1).isEmpty()) {
            r.freeze(x, r.node().label() + " gives out positions, which count channels");
        }
        r.same(x, 0, r.node().output(0), 0);
        r.same(x, 1, r.node().output(0), 1);
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Positions that MaxPool gives out count from the first example on.
        return r.areOfFirstInput() && r.node().output(1).isEmpty();
    }
}
