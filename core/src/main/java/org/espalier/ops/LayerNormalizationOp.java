package org.espalier.ops;

import java.util.List;
import java.util.Set;
import org.espalier.graph.TensorData;

/**
 * Operators that keep the shape and work along some axes as a whole: units there are frozen, all other axes stay as they are.
 *
 * <p>LayerNormalization and RMSNormalization normalise from {@code axis} on, LRN reads neighbouring channels, the others run along
 * {@code axis}.
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
        for (int a = 0; a < rank; a++) {
            if (!isWhole(r, a, rank)) {
                for (String out : r.node().outputs()) {
                    if (!out.isEmpty()) {
                        r.same(x, a, out, a);
                    }
                }
            }
        }
    }

    private static boolean isWhole(UnitRelations r, int axis, int rank) {
        String op = r.node().opType();
        int own = Axes.of(r.node().getLong("axis", -1), rank);
        return switch (op) {
            case "LRN" -> axis == 1;
            case "Trilu" -> axis >= rank - 2;
            case "MeanVarianceNormalization", "CumSum" -> true;
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
