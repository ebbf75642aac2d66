package org.espalier.ops;

import java.util.Arrays;
import org.espalier.graph.ElementType;
import org.espalier.graph.Tensor;

/** Operators of which only shapes are known: whatever units reach them are frozen. */
final class Whole implements Operator {
    static final String[] NAMES = {
        "GatherElements", "GatherND", "ScatterElements", "ScatterND", "OneHot", "TopK", "Einsum"
    };

    @Override
    public void infer(Inference c) {
        switch (c.node().opType()) {
            case "GatherElements" -> c.output(0, c.type(0), c.shape(1));
            case "GatherND" -> gatherNd(c);
            case "TopK" -> {
                Tensor k = c.constant(1);
                long[] x = c.shape(0);
                if (k != null) {
                    x[c.axis(c.node().getLong("axis", -1), x.length)] = k.getLong(0);
                    c.output(0, c.type(0), x);
                    c.output(1, ElementType.INT64, x);
                }
            }
            case "OneHot" -> oneHot(c);
            case "Einsum" -> EinsumShape.infer(c);
            default -> c.output(0, c.type(0), c.shape(0));
        }
    }

    private static void gatherNd(Inference c) {
        long[] x = c.shape(0);
        long[] at = c.shape(1);
        int batch = (int) c.node().getLong("batch_dims", 0);
        if (at.length == 0 || batch < 0 || batch + at[at.length - 1] > x.length) {
            throw c.shapeError("indices must not name more axes than there are");
        }
        int first = batch + (int) at[at.length - 1];
        long[] out = Arrays.copyOf(at, at.length - 1 + x.length - first);
        System.arraycopy(x, first, out, at.length - 1, x.length - first);
        c.output(0, c.type(0), out);
    }

    private static void oneHot(Inference c) {
        Tensor depth = c.constant(1);
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
}
