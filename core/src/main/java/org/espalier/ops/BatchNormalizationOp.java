package org.espalier.ops;

import java.util.List;

/** Batch normalisation over axis 1: x [N, C, …], and scale, shift, mean, variance [C] each. */
final class BatchNormalizationOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("BatchNormalization");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        for (int i = 1; i < 5; i++) {
            if (x.length < 2 || c.rank(i) != 1 || c.shape(i)[0] != x[1]) {
                throw c.shapeError("statistics must have one value per channel");
            }
        }
        c.output(0, c.type(0), x);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        // By the statistics of the batch, all indices of the other axes belong together.
        boolean training = r.node().getLong("training_mode", 0) != 0;
        for (int axis = 0; axis < r.shape(x).length; axis++) {
            if (axis == 1 || !training) {
                r.same(x, axis, y, axis);
            }
        }
        for (int i = 1; i < 5; i++) {
            r.same(r.node().input(i), 0, y, 1);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput() && r.node().getLong("training_mode", 0) == 0;
    }
}
