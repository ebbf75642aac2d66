package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Reorders axes. */
final class TransposeOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Transpose");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        int[] perm = perm(c.node(), x.length);
        boolean[] seen = new boolean[x.length];
        long[] out = new long[x.length];
        if (perm.length != x.length) {
            throw c.shapeError("perm must name each axis once");
        }
        for (int i = 0; i < perm.length; i++) {
            int from = c.axis(perm[i], x.length);
            if (seen[from]) {
                throw c.shapeError("perm must name each axis once");
            }
            seen[from] = true;
            out[i] = x[from];
        }
        TensorData value = c.constant(0);
        if (value == null || !c.foldsWeight(value.type(), out)) {
            c.output(0, c.type(0), out);
        } else {
            c.output(0, value.transpose(perm));
        }
    }

    private static int[] perm(Node n, int rank) {
        long[] given = n.getLongs("perm");
        int[] perm = new int[given == null ? rank : given.length];
        for (int i = 0; i < perm.length; i++) {
            perm[i] = given == null ? rank - 1 - i : Axes.of(given[i], rank);
        }
        return perm;
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        int[] perm = perm(r.node(), r.shape(x).length);
        for (int i = 0; i < perm.length; i++) {
            r.same(x, perm[i], r.node().output(0), i);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // A first axis that went elsewhere would show in the shape.
        return true;
    }
}
