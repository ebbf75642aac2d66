package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Puts something before and after along each axis. Constant channels that it puts there may go like others. */
final class PadOp implements Operator {
    /** Padding per axis, before then after; null where it is not constant. */
    private static long @Nullable [] pads(long @Nullable [] given, long @Nullable [] axes, int rank) {
        if (given == null || axes == null) {
            return given;
        }
        long[] all = new long[2 * rank];
        for (int i = 0; i < axes.length; i++) {
            int a = Axes.of(axes[i], rank);
            all[a] = given[i];
            all[a + rank] = given[i + axes.length];
        }
        return all;
    }

    @Override
    public List<String> names() {
        return List.of("Pad");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long[] given = c.longs("pads", 1);
        TensorData axes = c.node().hasInput(3) ? c.constant(3) : null;
        if (given == null || (c.node().hasInput(3) && axes == null)) {
            return;
        }
        if (given.length != 2 * (axes == null ? x.length : axes.elements())) {
            throw c.shapeError("pads must have two numbers per axis");
        }
        long[] pads = pads(given, axes == null ? null : axes.toLongs(), x.length);
        for (int a = 0; a < x.length && pads != null; a++) {
            x[a] = Sizes.sum(x[a], pads[a], pads[a + x.length]);
        }
        c.output(0, c.type(0), x);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        int rank = r.shape(x).length;
        long[] axes = r.node().hasInput(3) ? r.longs("", 3) : null;
        long[] pads = r.node().hasInput(3) && axes == null ? null : pads(r.longs("pads", 1), axes, rank);
        if (pads == null) {
            r.freeze(x, r.node().label() + " has padding that is computed from other values");
            return;
        }
        boolean constant = r.node().getString("mode", "constant").equals("constant");
        for (int a = 0; a < rank; a++) {
            if (pads[a] == 0 && pads[a + rank] == 0) {
                r.same(x, a, y, a);
            } else if (constant && pads[a] >= 0 && pads[a + rank] >= 0) {
                if (r.shape(y)[a] > UnitRelations.LONGEST) {
                    r.freezeTooLong(x, a);
                } else {
                    pad(r, a, (int) pads[a]);
                }
            }
        }
    }

    private static void pad(UnitRelations r, int axis, int before) {
        int[] units = r.units(r.node().input(0), axis);
        if (units != null) {
            int[] padded = new int[(int) r.shape(r.node().output(0))[axis]];
            for (int i = 0; i < padded.length; i++) {
                int from = i - before;
                padded[i] = from >= 0 && from < units.length ? units[from] : r.freshUnit();
            }
            r.assign(r.node().output(0), axis, padded);
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        String x = s.node().input(0);
        String y = s.node().output(0);
        int rank = s.shape(x).length;
        long[] given = s.longs("pads", 1);
        long[] axes = s.node().hasInput(3) ? s.longs("", 3) : null;
        if (given == null) {
            return;
        }
        boolean changed = false;
        int listed = given.length / 2;
        for (int i = 0; i < listed; i++) {
            int a = axes == null ? i : Axes.of(axes[i], rank);
            int[] kept = s.kept(y, a);
            if (kept != null && (given[i] != 0 || given[i + listed] != 0)) {
                long before = given[i];
                long after = before + s.shape(x)[a];
                given[i] = Arrays.stream(kept).filter(k -> k < before).count();
                given[i + listed] = Arrays.stream(kept).filter(k -> k >= after).count();
                changed = true;
            }
        }
        if (changed) {
            s.setLongs("pads", 1, given);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        long[] pads = r.longs("pads", 1);
        long[] axes = r.longs("", 3);
        if (pads == null || (r.node().hasInput(3) && axes == null)) {
            return false;
        }
        int listed = pads.length / 2;
        for (int i = 0; i < listed; i++) {
            boolean first = axes == null ? i == 0 : Axes.of(axes[i], r.rank(0)) == 0;
            if (first && (pads[i] != 0 || pads[i + listed] != 0)) {
                return false;
            }
        }
        return true;
    }
}
