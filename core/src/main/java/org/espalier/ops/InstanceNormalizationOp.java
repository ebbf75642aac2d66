package org.espalier.ops;

import java.util.List;

/**
 * Normalises each channel of each example by itself: x [N, C, …], scale and shift [C]. Units on the axes after the channels come from a
 * Reshape, as exporters write a normalisation over all channels: the statistics count those that are left.
 */
final class InstanceNormalizationOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("InstanceNormalization");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        if (x.length < 3 || c.rank(1) != 1 || c.rank(2) != 1 || c.shape(1)[0] != x[1] || c.shape(2)[0] != x[1]) {
            throw c.shapeError("scale and shift must have one value per channel");
        }
        c.output(0, c.type(0), x);
    }

    @Override
    public void relate(UnitRelations r) {
        String y = r.node().output(0);
        r.same(r.node().input(0), 0, y, 0);
        r.same(r.node().input(0), 1, y, 1);
        r.same(r.node().input(1), 0, y, 1);
        r.same(r.node().input(2), 0, y, 1);
        String x = r.node().input(0);
        for (int a = 2; a < r.shape(x).length; a++) {
            r.normalize(x, a);
            r.same(x, a, y, a);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput();
    }
}
