package org.espalier.ops;

import java.util.List;
import org.espalier.graph.TensorData;

/** Puts axes of size 1 in. */
final class UnsqueezeOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Unsqueeze");
    }

    @Override
    public void infer(NodeInference c) {
        long[] given = c.longs("axes", 1);
        if (given == null) {
            return;
        }
        long[] x = c.shape(0);
        int[] axes = Axes.checked(c, given, x.length + given.length);
        long[] out = new long[x.length + axes.length];
        int in = 0;
        for (int a = 0; a < out.length; a++) {
            if (!Axes.contains(axes, a) && in == x.length) {
                throw c.error("axes must not repeat");
            }
            out[a] = Axes.contains(axes, a) ? 1 : x[in++];
        }
        TensorData value = c.constant(0);
        if (value == null) {
            c.output(0, c.type(0), out);
        } else {
            c.output(0, value.reshape(out));
        }
    }

    @Override
    public void relate(UnitRelations r) {
        String y = r.node().output(0);
        long[] given = r.longs("axes", 1);
        int rank = r.shape(y).length;
        if (given == null) {
            return;
        }
        int[] axes = Axes.of(given, rank);
        int in = 0;
        for (int a = 0; a < rank; a++) {
            if (!Axes.contains(axes, a)) {
                r.same(r.node().input(0), in++, y, a);
            }
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Elements stay in their order.
        return true;
    }
}
