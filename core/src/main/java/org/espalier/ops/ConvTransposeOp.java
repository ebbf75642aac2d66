package org.espalier.ops;

import java.util.List;
import org.espalier.graph.TensorData;

/**
 * Transposed convolution in any number of dimensions: x [N, I, …], weight [I, O/g, …], bias [O] → [N, O, …].
 *
 * <p>Several groups are treated as in {@link ConvOp}.
 */
final class ConvTransposeOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("ConvTranspose");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long[] w = c.shape(1);
        long group = c.node().getLong("group", 1);
        if (x.length < 3 || w.length != x.length || group < 1 || w[0] != x[1] || w[0] % group != 0) {
            throw c.shapeError(
                    "input channels must equal the weight's first size, a multiple of group (" + group + ")");
        }
        c.requireElements(1);
        int axes = x.length - 2;
        SlidingWindow windows = SlidingWindow.of(c, axes, java.util.Arrays.copyOfRange(w, 2, w.length));
        long[] extra = c.node().getLongs("output_padding");
        long[] given = c.node().getLongs("output_shape");
        long[] out = x.clone();
        out[1] = Math.multiplyExact(w[1], group);
        for (int d = 0; d < axes; d++) {
            if (given != null && given.length >= axes) {
                out[d + 2] = given[given.length - axes + d];
            } else {
                long padding = extra == null || extra.length != axes ? 0 : extra[d];
                out[d + 2] = windows.transposedSize(d, x[d + 2], padding);
            }
        }
        c.requireVector(2, out[1]);
        c.output(0, c.type(0), out);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String w = r.node().input(1);
        String y = r.node().output(0);
        int inputs = (int) r.shape(x)[1];
        int perGroup = (int) r.shape(w)[1];
        int group = (int) r.node().getLong("group", 1);
        int[] index = new int[perGroup * group];
        r.same(x, 0, y, 0);
        r.same(x, 1, w, 0);
        if (group > 1 && group == inputs) {
            for (int o = 0; o < index.length; o++) {
                index[o] = o / perGroup;
            }
            r.select(w, 0, y, 1, index);
        } else {
            for (int o = 0; o < index.length; o++) {
                index[o] = o % perGroup;
            }
            ConvOp.tie(r, w, inputs, inputs / group);
            r.contract(x, 1, w, 0, false);
            r.select(w, 1, y, 1, index);
        }
        if (r.node().hasInput(2)) {
            r.same(r.node().input(2), 0, y, 1);
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        ConvOp.shrinkGroups(s);
    }

    @Override
    public long macs(NodeInference c) {
        return Math.multiplyExact(TensorData.elements(c.shape(0)), c.info(1).elements() / Math.max(1, c.shape(1)[0]));
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput();
    }
}
