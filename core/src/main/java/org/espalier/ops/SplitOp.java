package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import org.espalier.graph.Attribute;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Cuts a tensor into pieces along one axis. */
final class SplitOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Split");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        int axis = c.axis(c.node().getLong("axis", 0), x.length);
        int pieces = c.node().outputs().size();
        long[] sizes = c.longs("split", 1);
        if (sizes == null && c.node().hasInput(1)) {
            return;
        }
        if (sizes == null) {
            sizes = new long[pieces];
            long each = Sizes.ceilDiv(x[axis], pieces);
            for (int i = 0; i < pieces; i++) {
                sizes[i] = Math.min(each, Math.max(0, x[axis] - i * each));
            }
        }
        boolean negative = Arrays.stream(sizes).anyMatch(s -> s < 0);
        if (sizes.length != pieces || negative || Arrays.stream(sizes).reduce(0, Math::addExact) != x[axis]) {
            throw c.shapeError("pieces " + Arrays.toString(sizes) + " must add up to the size of axis " + axis);
        }
        TensorData value = c.constant(0);
        int at = 0;
        for (int i = 0; i < pieces; i++) {
            long[] out = x.clone();
            out[axis] = sizes[i];
            if (value != null && !c.node().output(i).isEmpty() && c.foldsWeight(value.type(), out)) {
                c.output(i, value.take(axis, range(at, (int) sizes[i])));
            } else {
                c.output(i, c.type(0), out);
            }
            at += (int) sizes[i];
        }
    }

    private static int[] range(int from, int count) {
        int[] index = new int[count];
        Arrays.setAll(index, i -> from + i);
        return index;
    }

    private static int axis(Node n, int rank) {
        return Axes.of(n.getLong("axis", 0), rank);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        int rank = r.shape(x).length;
        int axis = axis(r.node(), rank);
        boolean units = r.units(x, axis) != null;
        int at = 0;
        for (String out : r.node().outputs()) {
            if (out.isEmpty()) {
                r.freeze(x, axis, r.node().label() + " drops a piece");
                return;
            }
            int size = (int) r.shape(out)[axis];
            for (int a = 0; a < rank; a++) {
                if (a != axis) {
                    r.same(x, a, out, a);
                }
            }
            if (units) {
                r.select(x, axis, out, axis, range(at, size));
            }
            if (r.isMerged(x, axis)) {
                r.markMerged(out, axis);
            }
            at += size;
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        int axis = axis(s.node(), s.shape(s.node().input(0)).length);
        if (s.kept(s.node().input(0), axis) == null) {
            return;
        }
        List<String> outputs = s.node().outputs();
        long[] sizes = outputs.stream().mapToLong(o -> s.newShape(o)[axis]).toArray();
        if (s.opset() < 13) {
            s.setAttribute("split", Attribute.of(sizes));
        } else {
            s.removeAttribute("num_outputs");
            s.setInput(1, TensorData.vector(sizes));
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.axis(0) != 0;
    }
}
