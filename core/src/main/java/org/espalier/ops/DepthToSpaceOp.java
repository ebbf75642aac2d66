package org.espalier.ops;

import java.util.List;

/**
 * Pixel shuffle: channels in blocks become positions, and back (SpaceToDepth). All channels of the deep side that belong to one channel of
 * the flat side live or die together.
 */
final class DepthToSpaceOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("DepthToSpace", "SpaceToDepth");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long b = c.node().getLong("blocksize", 0);
        boolean deep = c.node().opType().equals("DepthToSpace");
        if (x.length != 4 || b < 1 || (deep ? x[1] % Math.multiplyExact(b, b) != 0 : x[2] % b != 0 || x[3] % b != 0)) {
            throw c.shapeError("sizes must be multiples of blocksize (" + b + ")");
        }
        if (deep) {
            c.output(0, c.type(0), x[0], x[1] / (b * b), Math.multiplyExact(x[2], b), Math.multiplyExact(x[3], b));
        } else {
            c.output(0, c.type(0), x[0], Math.multiplyExact(x[1], Math.multiplyExact(b, b)), x[2] / b, x[3] / b);
        }
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        r.same(x, 0, y, 0);
        boolean deep = r.node().opType().equals("DepthToSpace");
        int[] units = r.units(x, 1);
        if (units == null) {
            return;
        }
        if (r.shape(y)[1] > UnitRelations.LONGEST) {
            r.freezeTooLong(x, 1);
            return;
        }
        int inputs = (int) r.shape(x)[1];
        int outputs = (int) r.shape(y)[1];
        if (!deep) {
            int[] index = new int[outputs];
            for (int o = 0; o < outputs; o++) {
                index[o] = o % inputs;
            }
            r.select(x, 1, y, 1, index);
            return;
        }
        boolean columns = r.node().getString("mode", "DCR").equals("CRD");
        int[] of = new int[outputs];
        java.util.Arrays.fill(of, -1);
        for (int i = 0; i < inputs; i++) {
            int o = columns ? i / (inputs / outputs) : i % outputs;
            of[o] = of[o] < 0 ? units[i] : of[o];
            r.unite(of[o], units[i]);
        }
        r.assign(y, 1, of);
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput();
    }
}
