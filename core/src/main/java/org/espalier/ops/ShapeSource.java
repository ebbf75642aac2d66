package org.espalier.ops;

import java.util.Arrays;
import org.espalier.graph.ElementType;
import org.espalier.graph.Tensor;

/** Operators that make numbers out of sizes: Shape, Size, ConstantOfShape, Range. */
final class ShapeSource implements Operator {
    static final String[] NAMES = {"Shape", "Size", "ConstantOfShape", "Range"};

    @Override
    public void infer(Inference c) {
        switch (c.node().opType()) {
            case "Shape" -> {
                long[] x = c.shape(0);
                int from = clamp(c.node().getLong("start", 0), x.length);
                int to = clamp(c.node().getLong("end", x.length), x.length);
                c.output(0, Tensor.vector(Arrays.copyOfRange(x, from, Math.max(from, to))));
            }
            case "Size" -> c.output(0, Tensor.ofLongs(new long[] {c.info(0).elements()}));
            case "Range" -> range(c);
            default -> constantOfShape(c);
        }
    }

    private static int clamp(long i, int rank) {
        return (int) Math.max(0, Math.min(rank, i < 0 ? i + rank : i));
    }

    private static void constantOfShape(Inference c) {
        Tensor shape = c.constant(0);
        Tensor value = c.node().getTensor("value");
        if (shape == null) {
            return;
        }
        long[] sizes = shape.toLongs();
        Tensor one = value == null ? Tensor.full(0, 1) : value.reshape(1);
        if (Tensor.elements(sizes) <= Shapes.LARGEST_WEIGHT) {
            c.output(0, one.expand(sizes));
        } else {
            c.output(0, one.type(), sizes);
        }
    }

    private static void range(Inference c) {
        Tensor start = c.constant(0);
        Tensor limit = c.constant(1);
        Tensor delta = c.constant(2);
        if (start == null || limit == null || delta == null || delta.getDouble(0) == 0) {
            return;
        }
        double from = start.getDouble(0);
        double step = delta.getDouble(0);
        double count = Math.max(0, Math.ceil((limit.getDouble(0) - from) / step));
        if (count > Shapes.LARGEST_FOLDED) {
            throw c.error("is too long, expected at most " + Shapes.LARGEST_FOLDED + " numbers");
        }
        double[] v = new double[(int) count];
        for (int i = 0; i < v.length; i++) {
            v[i] = from + i * step;
        }
        ElementType type = start.type();
        c.output(0, Tensor.ofDoubles(v, v.length).as(type));
    }
}
