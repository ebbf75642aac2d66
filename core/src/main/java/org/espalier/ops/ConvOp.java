package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Attribute;
import org.espalier.graph.TensorData;

/**
 * Convolution in any number of dimensions: x [N, I, …], weight [O, I/g, …], bias [O] → [N, O, …].
 *
 * <p>In a convolution of several groups the channels at the same place in each group live or die together, so that the groups stay of one
 * size; in a depthwise one (one input channel a group) whole groups go.
 */
final class ConvOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Conv");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long[] w = c.shape(1);
        long group = c.node().getLong("group", 1);
        if (x.length < 3
                || w.length != x.length
                || group < 1
                || Math.multiplyExact(w[1], group) != x[1]
                || w[0] % group != 0) {
            throw c.shapeError("input channels must equal weight channels times group (" + group + ")");
        }
        c.requireElements(1);
        SlidingWindow windows = SlidingWindow.of(c, x.length - 2, java.util.Arrays.copyOfRange(w, 2, w.length));
        long[] out = x.clone();
        out[1] = w[0];
        for (int d = 0; d < x.length - 2; d++) {
            out[d + 2] = windows.outputSize(c, d, x[d + 2]);
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
        int outputs = (int) r.shape(w)[0];
        int group = (int) r.node().getLong("group", 1);
        r.same(x, 0, y, 0);
        if (group > 1 && group == inputs) {
            int[] inputOf = new int[outputs];
            for (int o = 0; o < outputs; o++) {
                inputOf[o] = o / (outputs / group);
            }
            r.select(x, 1, w, 0, inputOf);
        } else {
            int[] inputUnit = new int[inputs];
            for (int i = 0; i < inputs; i++) {
                inputUnit[i] = i % (inputs / group);
            }
            r.select(w, 1, x, 1, inputUnit);
            tie(r, w, outputs, outputs / group);
            r.contract(x, 1, w, 1, false);
        }
        r.same(w, 0, y, 1);
        if (r.node().hasInput(2)) {
            r.same(r.node().input(2), 0, y, 1);
        }
    }

    /** Channels at the same place in each group, along the weight's first axis, share a unit. */
    static void tie(UnitRelations r, String w, int outputs, int perGroup) {
        int[] units = r.units(w, 0);
        for (int o = perGroup; units != null && o < outputs; o++) {
            r.unite(units[o], units[o - perGroup]);
        }
    }

    /** A depthwise convolution has as many groups as input channels, also when some are gone. */
    static void shrinkGroups(NodeShrink s) {
        long group = s.node().getLong("group", 1);
        if (group > 1 && group == s.shape(s.node().input(0))[1]) {
            s.setAttribute("group", Attribute.of(s.newShape(s.node().input(0))[1]));
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        shrinkGroups(s);
    }

    @Override
    public long macs(NodeInference c) {
        return Math.multiplyExact(
                TensorData.elements(c.outputShape(0)), c.info(1).elements() / Math.max(1, c.shape(1)[0]));
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.areOfFirstInput();
    }
}
