package org.espalier.ops;

import java.util.List;

/**
 * Leaky activation with a learned slope, which is broadcast to x; a slope [C] that does not fit the last axis runs along axis 1, as before
 * operator set 7.
 */
final class PReluOp implements Operator {
    private static boolean isPerChannel(long[] x, long[] slope, long opset) {
        boolean fitsLast = slope.length == 1 && slope[0] == x[x.length - 1];
        return x.length > 2 && slope.length == 1 && slope[0] == x[1] && slope[0] > 1 && (opset < 7 || !fitsLast);
    }

    @Override
    public List<String> names() {
        return List.of("PRelu");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        if (!isPerChannel(x, c.shape(1), c.opset())) {
            BroadcastOp.broadcast(c, x, c.shape(1));
        }
        c.output(0, c.type(0), x);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String slope = r.node().input(1);
        String y = r.node().output(0);
        long[] shape = r.shape(x);
        long[] slopes = r.shape(slope);
        for (int a = 0; a < shape.length; a++) {
            r.same(x, a, y, a);
        }
        if (isPerChannel(shape, slopes, r.opset())) {
            r.same(slope, 0, y, 1);
            return;
        }
        int shift = shape.length - slopes.length;
        for (int a = 0; a < slopes.length; a++) {
            if (slopes[a] == shape[a + shift]) {
                r.same(slope, a, y, a + shift);
            }
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Under broadcasting a first axis that grows lies over others that grow, or over none.
        return true;
    }
}
