package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.espalier.graph.ElementType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;

/** Operators that make numbers out of sizes: Shape, Size, ConstantOfShape, Range. */
final class SizeOp implements Operator {
    /** Operators that read the sizes of their input, not its elements. */
    private static final Set<String> READ_SIZES = Set.of("Shape", "Size");

    @Override
    public List<String> names() {
        return List.of("Shape", "Size", "ConstantOfShape", "Range");
    }

    @Override
    public void infer(NodeInference c) {
        switch (c.node().opType()) {
            case "Shape" -> {
                long[] x = c.shape(0);
                int from = clamp(c.node().getLong("start", 0), x.length);
                int to = clamp(c.node().getLong("end", x.length), x.length);
                c.output(0, TensorData.vector(Arrays.copyOfRange(x, from, Math.max(from, to))));
            }
            case "Size" -> c.output(0, TensorData.ofLongs(new long[] {c.info(0).elements()}));
            case "Range" -> range(c);
            default -> constantOfShape(c);
        }
    }

    /** Sizes are no signal: where only sizes of axes without units are taken out of a shape, nothing needs to be frozen. */
    @Override
    public void relate(UnitRelations r) {
        if (!r.node().opType().equals("Shape")) {
            return;
        }
        String x = r.node().input(0);
        String sizes = r.node().output(0);
        int rank = r.shape(x).length;
        int from = clamp(r.node().getLong("start", 0), rank);
        int entries = (int) TensorData.elements(r.shape(sizes));
        for (int a = 0; a < rank; a++) {
            int entry = a - from;
            if (entry < 0 || entry >= entries || !SizeTrace.isRead(r, sizes, entry)) {
                r.mention(x, a);
            }
        }
    }

    private static int clamp(long i, int rank) {
        return (int) Math.max(0, Math.min(rank, i < 0 ? i + rank : i));
    }

    private static void constantOfShape(NodeInference c) {
        TensorData shape = c.constant(0);
        TensorData value = c.node().getTensor("value");
        if (shape == null) {
            return;
        }
        long[] sizes = shape.toLongs();
        TensorData one = value == null ? TensorData.full(0, 1) : value.reshape(1);
        if (c.foldsWeight(one.type(), sizes)) {
            c.output(0, one.expand(sizes));
        } else {
            c.output(0, one.type(), sizes);
        }
    }

    private static void range(NodeInference c) {
        TensorData start = c.constant(0);
        TensorData limit = c.constant(1);
        TensorData delta = c.constant(2);
        if (start == null || limit == null || delta == null || delta.getDouble(0) == 0) {
            return;
        }
        double from = start.getDouble(0);
        double step = delta.getDouble(0);
        double count = Math.max(0, Math.ceil((limit.getDouble(0) - from) / step));
        if (!(count <= ConstantFolding.LARGEST_FOLDED) || !c.folds((long) count)) {
            if (!(count <= Integer.MAX_VALUE)) {
                throw c.error("is too long, expected at most " + Integer.MAX_VALUE + " numbers");
            }
            // Data rather than shape arithmetic: its length is enough.
            c.output(0, start.type(), (long) count);
            return;
        }
        double[] v = new double[(int) count];
        for (int i = 0; i < v.length; i++) {
            v[i] = from + i * step;
        }
        ElementType type = start.type();
        c.output(0, TensorData.ofDoubles(v, v.length).as(type));
    }

    @Override
    public boolean readsElements(ExampleRows r) {
        return !READ_SIZES.contains(r.node().opType());
    }

    @Override
    public boolean repeatsRows(Node n) {
        return n.opType().equals("ConstantOfShape");
    }

    @Override
    public boolean takesSizes(Node n, int input) {
        return input == 0 && !n.opType().equals("Range");
    }
}
