package org.espalier.ops;

import java.util.List;
import org.espalier.graph.TensorData;

/** Dense layer: alpha·A·B + beta·C with A [M, K] (or transposed), B [K, N] (or transposed), C broadcast to [M, N]. */
final class GemmOp implements Operator {
    private record Axes(int m, int k, int weightK, int weightN) {}

    private static Axes axes(org.espalier.graph.Node n) {
        boolean ta = n.getLong("transA", 0) != 0;
        boolean tb = n.getLong("transB", 0) != 0;
        return new Axes(ta ? 1 : 0, ta ? 0 : 1, tb ? 1 : 0, tb ? 0 : 1);
    }

    @Override
    public List<String> names() {
        return List.of("Gemm");
    }

    @Override
    public void infer(NodeInference c) {
        Axes x = axes(c.node());
        long[] a = c.shape(0);
        long[] b = c.shape(1);
        if (a.length != 2 || b.length != 2 || a[x.k] != b[x.weightK]) {
            throw c.shapeError("input features must equal weight rows");
        }
        long[] bias = c.node().hasInput(2) ? c.shape(2) : new long[0];
        long[] y = {a[x.m], b[x.weightN]};
        for (int i = 1; i <= bias.length; i++) {
            if (i > 2 || (bias[bias.length - i] != 1 && bias[bias.length - i] != y[2 - i])) {
                throw c.shapeError("the bias must be broadcast to the output");
            }
        }
        c.output(0, c.type(0), y);
    }

    @Override
    public void relate(UnitRelations r) {
        Axes x = axes(r.node());
        String a = r.node().input(0);
        String b = r.node().input(1);
        String y = r.node().output(0);
        r.same(a, x.m, y, 0);
        r.same(a, x.k, b, x.weightK);
        r.contract(a, x.k, b, x.weightK, x.k == 1);
        r.same(b, x.weightN, y, 1);
        String c = r.node().input(2);
        if (!c.isEmpty()) {
            long[] s = r.shape(c);
            int last = s.length - 1;
            if (last >= 0 && s[last] == r.shape(y)[1]) {
                r.same(c, last, y, 1);
            }
            if (last == 1 && s[0] > 1 && s[0] == r.shape(y)[0]) {
                r.same(c, 0, y, 0);
            }
        }
    }

    @Override
    public long macs(NodeInference c) {
        return Math.multiplyExact(TensorData.elements(c.outputShape(0)), c.shape(0)[axes(c.node()).k]);
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.hasRows(0) && !r.hasRows(1) && r.node().getLong("transA", 0) == 0;
    }
}
