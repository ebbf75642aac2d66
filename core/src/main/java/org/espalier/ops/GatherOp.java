package org.espalier.ops;

import java.util.List;
import org.espalier.graph.TensorData;

/** Picks slices along one axis. With constant indices units go along with what was picked. */
final class GatherOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Gather");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long[] indices = c.shape(1);
        int axis = c.axis(c.node().getLong("axis", 0), x.length);
        long[] out = new long[x.length - 1 + indices.length];
        System.arraycopy(x, 0, out, 0, axis);
        System.arraycopy(indices, 0, out, axis, indices.length);
        System.arraycopy(x, axis + 1, out, axis + indices.length, x.length - axis - 1);
        TensorData data = c.constant(0);
        TensorData at = c.constant(1);
        if (data != null && at != null && c.folds(x) && c.foldsWeight(data.type(), out)) {
            c.output(0, data.take(axis, positions(c, at, x[axis])).reshape(out));
        } else {
            c.output(0, c.type(0), out);
        }
    }

    private static int[] positions(NodeInference c, TensorData at, long size) {
        long[] indices = at.toLongs();
        for (long i : indices) {
            if (i < -size || i >= size) {
                throw c.error("indices must lie in [" + -size + ", " + (size - 1) + "], found " + i);
            }
        }
        return wrap(indices, size);
    }

    private static int[] wrap(long[] indices, long size) {
        int[] p = new int[indices.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = (int) (indices[i] < 0 ? indices[i] + size : indices[i]);
        }
        return p;
    }

    private static int axis(org.espalier.graph.Node n, int rank) {
        return Axes.of(n.getLong("axis", 0), rank);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String out = r.node().output(0);
        long[] shape = r.shape(x);
        long[] indexShape = r.shape(r.node().input(1));
        int axis = axis(r.node(), shape.length);
        for (int a = 0; a < shape.length; a++) {
            if (a != axis) {
                r.same(x, a, out, a < axis ? a : a - 1 + indexShape.length);
            }
        }
        TensorData indices = r.constant(r.node().input(1));
        if (indices != null && indexShape.length == 1 && r.units(x, axis) != null) {
            r.select(x, axis, out, axis, wrap(indices.toLongs(), shape[axis]));
            if (r.isMerged(x, axis)) {
                r.markMerged(out, axis);
            }
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        String x = s.node().input(0);
        int axis = axis(s.node(), s.shape(x).length);
        int[] keptIn = s.kept(x, axis);
        TensorData indices = s.constant(s.node().input(1));
        if (keptIn == null || indices == null) {
            return;
        }
        int[] keptOut = s.kept(s.node().output(0), axis);
        int[] old = wrap(indices.toLongs(), s.shape(x)[axis]);
        int count = keptOut == null ? old.length : keptOut.length;
        long[] changed = new long[count];
        for (int i = 0; i < count; i++) {
            int at = java.util.Arrays.binarySearch(keptIn, old[keptOut == null ? i : keptOut[i]]);
            changed[i] = at;
        }
        s.setInput(1, TensorData.vector(changed));
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Either places within each example's rows, or rows of a table that is the same for all.
        boolean first = r.axis(0) == 0;
        return r.hasRows(0) ? !first && !r.hasRows(1) : first;
    }
}
