package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import org.espalier.graph.ElementType;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * Sums, means, maxima … over some axes. Units on those are frozen, but for the means of a normalisation, which count the units that are
 * left; the other axes stay as they are.
 */
final class ReductionOp implements Operator {
    private static final List<String> NAMES = List.of(
            "ReduceMean",
            "ReduceSum",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceSumSquare",
            "ArgMax",
            "ArgMin");

    @Override
    public List<String> names() {
        return NAMES;
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        boolean arg = isArg(c.node());
        long[] given = arg ? new long[] {c.node().getLong("axis", 0)} : c.longs("axes", 1);
        if (given == null && !arg && c.node().hasInput(1)) {
            return;
        }
        int[] axes = reduced(c.node(), given == null ? null : Axes.checked(c, given, x.length), x.length);
        long[] out = outputShape(x, axes, keepsAxes(c.node()));
        TensorData value = c.constant(0);
        TensorData folded = value == null || axes.length != x.length || !c.folds(x)
                ? null
                : fold(c.node().opType(), value, out);
        if (folded == null) {
            c.output(0, arg ? ElementType.INT64 : c.type(0), out);
        } else {
            c.output(0, folded);
        }
    }

    private static boolean keepsAxes(Node n) {
        return n.getLong("keepdims", 1) != 0;
    }

    private static int[] reduced(Node n, int @Nullable [] given, int rank) {
        if (given != null && given.length > 0) {
            return given;
        }
        return n.getLong("noop_with_empty_axes", 0) != 0 ? new int[0] : Axes.all(rank);
    }

    private static long[] outputShape(long[] x, int[] axes, boolean keep) {
        long[] out = new long[x.length];
        int rank = 0;
        for (int a = 0; a < x.length; a++) {
            boolean gone = Axes.contains(axes, a);
            if (!gone || keep) {
                out[rank++] = gone ? 1 : x[a];
            }
        }
        return Arrays.copyOf(out, rank);
    }

    /** Shape arithmetic: the product or sum of all sizes. */
    private static @Nullable TensorData fold(String op, TensorData x, long[] shape) {
        if (x.elements() == 0 || x.type() == ElementType.BOOL) {
            return null;
        }
        double[] v = x.toDoubles();
        double result =
                switch (op) {
                    case "ReduceProd" -> Arrays.stream(v).reduce(1, (a, b) -> a * b);
                    case "ReduceSum" -> Arrays.stream(v).sum();
                    case "ReduceMax" -> Arrays.stream(v).max().orElse(Double.NaN);
                    case "ReduceMin" -> Arrays.stream(v).min().orElse(Double.NaN);
                    default -> Double.NaN;
                };
        return Double.isNaN(result) ? null : ConstantFolding.ofDoubles(x.type(), new double[] {result}, shape);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        int rank = r.shape(x).length;
        boolean arg = isArg(r.node());
        long[] given = arg ? new long[] {r.node().getLong("axis", 0)} : r.longs("axes", 1);
        if (given == null && !arg && r.node().hasInput(1)) {
            return;
        }
        int[] axes = reduced(r.node(), given == null ? null : Axes.of(given, rank), rank);
        boolean statistic = SpelledNormalization.isStatistic(r);
        int out = 0;
        for (int a = 0; a < rank; a++) {
            boolean gone = Axes.contains(axes, a);
            if (!gone) {
                r.same(x, a, y, out);
            } else if (statistic) {
                r.normalize(x, a);
            }
            out += gone && !keepsAxes(r.node()) ? 0 : 1;
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        if (isArg(r.node())) {
            return r.axis(0) != 0;
        }
        long[] axes = r.longs("axes", 1);
        if (axes == null && r.node().hasInput(1)) {
            return false;
        }
        if (axes == null || axes.length == 0) {
            return r.node().getLong("noop_with_empty_axes", 0) != 0;
        }
        return !Axes.contains(Axes.of(axes, r.rank(0)), 0);
    }

    /** Whether a node gives out the place of an extremum, along a single axis that is an attribute. */
    private static boolean isArg(Node n) {
        return n.opType().startsWith("Arg");
    }
}
