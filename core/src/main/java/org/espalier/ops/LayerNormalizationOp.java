package org.espalier.ops;

import java.util.List;
import java.util.Set;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * Operators that keep the shape and work along some axes as a whole.
 *
 * <p>LayerNormalization and RMSNormalization normalise from {@code axis} on, MeanVarianceNormalization over {@code axes}: their
 * statistics count the units that are left. LRN reads neighbouring channels, the others run along {@code axis}: units there are frozen.
 * All other axes stay as they are.
 */
final class LayerNormalizationOp implements Operator {
    private static final List<String> NAMES = List.of(
            "LayerNormalization",
            "RMSNormalization",
            "SimplifiedLayerNormalization",
            "LRN",
            "LpNormalization",
            "MeanVarianceNormalization",
            "CumSum",
            "Trilu");
    private static final Set<String> FROM_AXIS_ON =
            Set.of("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization");
    private static final Set<String> TAKE_STATISTICS = Set.of(
            "LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", "MeanVarianceNormalization");

    @Override
    public List<String> names() {
        return NAMES;
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        c.output(0, c.type(0), x);
        if (FROM_AXIS_ON.contains(c.node().opType())) {
            long[] statistics = x.clone();
            for (int a = c.axis(c.node().getLong("axis", -1), x.length); a < x.length; a++) {
                statistics[a] = 1;
            }
            c.output(1, c.type(0), statistics);
            c.output(2, c.type(0), statistics);
        }
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        int rank = r.shape(x).length;
        boolean statistics = TAKE_STATISTICS.contains(r.node().opType());
        for (int a = 0; a < rank; a++) {
            boolean whole = isWhole(r, a, rank);
            if (whole && statistics) {
                r.normalize(x, a);
                r.same(x, a, r.node().output(0), a);
                scales(r, a);
            } else if (!whole) {
                for (String out : r.node().outputs()) {
                    if (!out.isEmpty()) {
                        r.same(x, a, out, a);
                    }
                }
            }
        }
    }

    /** Scale and shift lie along the last axes. */
    private static void scales(UnitRelations r, int axis) {
        String y = r.node().output(0);
        long[] shape = r.shape(y);
        for (int i = 1; i < r.node().inputs().size(); i++) {
            String scale = r.node().input(i);
            long[] own = scale.isEmpty() ? new long[0] : r.shape(scale);
            int at = axis - shape.length + own.length;
            if (at >= 0 && own[at] == shape[axis]) {
                r.same(scale, at, y, axis);
            }
        }
    }

    private static int[] overAxes(long @Nullable [] axes, int rank) {
        return Axes.of(axes == null ? new long[] {0, 2, 3} : axes, rank);
    }

    private static boolean isWhole(UnitRelations r, int axis, int rank) {
        String op = r.node().opType();
        int own = Axes.of(r.node().getLong("axis", -1), rank);
        return switch (op) {
            case "LRN" -> axis == 1;
            case "Trilu" -> axis >= rank - 2;
            case "MeanVarianceNormalization" -> Axes.contains(overAxes(r.node().getLongs("axes"), rank), axis);
            case "CumSum" -> true;
            default -> FROM_AXIS_ON.contains(op) ? axis >= own : axis == own;
        };
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return switch (r.node().opType()) {
            case "LRN" -> r.areOfFirstInput();
            case "Trilu" -> r.areOfFirstInput() && r.rank(0) > 2;
            case "CumSum" -> {
                TensorData axis = r.constant(1);
                yield axis != null && Axes.of(axis.getLong(0), r.rank(0)) != 0;
            }
            case "MeanVarianceNormalization" -> {
                long[] axes = r.node().getLongs("axes");
                yield axes != null && !Axes.contains(Axes.of(axes, r.rank(0)), 0);
            }
            default -> r.axis(-1) != 0;
        };
    }
}
