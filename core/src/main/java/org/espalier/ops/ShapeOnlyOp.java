package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;

/** Operators of which only shapes are known: whatever units reach them are frozen. */
final class ShapeOnlyOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("GatherElements", "GatherND", "ScatterElements", "ScatterND", "OneHot", "TopK");
    }

    @Override
    public void infer(NodeInference c) {
        switch (c.node().opType()) {
            case "GatherElements" -> c.output(0, c.type(0), c.shape(1));
            case "GatherND" -> gatherNd(c);
            case "TopK" -> {
                TensorData k = c.constant(1);
                long[] x = c.shape(0);
                if (k != null) {
                    int axis = c.axis(c.node().getLong("axis", -1), x.length);
                    if (k.getLong(0) < 0 || k.getLong(0) > x[axis]) {
                        throw c.shapeError("k must lie in [0, " + x[axis] + "], is " + k.getLong(0));
                    }
                    x[axis] = k.getLong(0);
                    c.output(0, c.type(0), x);
                    c.output(1, ElementType.INT64, x);
                }
            }
            case "OneHot" -> oneHot(c);
            case "ScatterND" -> scatterNd(c);
            default -> c.output(0, c.type(0), c.shape(0));
        }
    }

    private static void gatherNd(NodeInference c) {
        long[] x = c.shape(0);
        long[] at = c.shape(1);
        int batch = Math.toIntExact(c.node().getLong("batch_dims", 0));
        if (at.length == 0 || batch < 0 || batch + at[at.length - 1] > x.length) {
            throw c.shapeError("indices must not name more axes than there are");
        }
        int first = batch + (int) at[at.length - 1];
        long[] out = Arrays.copyOf(at, at.length - 1 + x.length - first);
        System.arraycopy(x, first, out, at.length - 1, x.length - first);
        c.output(0, c.type(0), out);
    }

    /** Computed where all is constant: so exporters write the masks of shifted windows. */
    private static void scatterNd(NodeInference c) {
        TensorData x = c.constant(0);
        TensorData at = c.constant(1);
        TensorData updates = c.constant(2);
        boolean plain = c.node().getString("reduction", "none").equals("none");
        if (!plain || x == null || at == null || updates == null || at.rank() == 0 || !c.folds(x.shape())) {
            c.output(0, c.type(0), c.shape(0));
            return;
        }
        int named = (int) at.size(at.rank() - 1);
        if (named > x.rank()) {
            throw c.shapeError("indices must not name more axes than there are");
        }
        int length = (int) TensorData.elements(Arrays.copyOfRange(x.shape(), named, x.rank()));
        long[] indices = at.toLongs();
        double[] values = x.toDoubles();
        double[] put = updates.toDoubles();
        for (int i = 0; i * named < indices.length; i++) {
            long position = 0;
            for (int a = 0; a < named; a++) {
                long index = indices[i * named + a];
                if (index < -x.size(a) || index >= x.size(a)) {
                    throw c.error("indices must lie in [" + -x.size(a) + ", " + (x.size(a) - 1) + "], found " + index);
                }
                position = position * x.size(a) + (index < 0 ? index + x.size(a) : index);
            }
            System.arraycopy(put, i * length, values, (int) position * length, length);
        }
        c.output(0, ConstantFolding.ofDoubles(x.type(), values, x.shape()));
    }

    private static void oneHot(NodeInference c) {
        TensorData depth = c.constant(1);
        long[] x = c.shape(0);
        if (depth != null) {
            int axis = c.axis(c.node().getLong("axis", -1), x.length + 1);
            long[] out = new long[x.length + 1];
            System.arraycopy(x, 0, out, 0, axis);
            out[axis] = depth.getLong(0);
            System.arraycopy(x, axis, out, axis + 1, x.length - axis);
            c.output(0, c.type(2), out);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return switch (r.node().opType()) {
            case "TopK" -> r.axis(-1) != 0;
            case "GatherElements" -> r.hasRows(0) == (r.axis(0) != 0);
            case "GatherND" -> r.node().getLong("batch_dims", 0) > 0 ? r.hasRows(0) : !r.hasRows(0);
            default -> false;
        };
    }
}
