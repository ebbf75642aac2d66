package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Takes every {@code step}-th index from {@code start} to {@code end} along some axes. */
final class SliceOp implements Operator {
    /** Start, step and number of indices taken along each axis. */
    private record Ranges(long[] start, long[] step, long[] count) {
        int[] index(int axis) {
            int[] index = new int[Math.toIntExact(count[axis])];
            Arrays.setAll(index, i -> Math.toIntExact(start[axis] + i * step[axis]));
            return index;
        }

        boolean isWhole(int axis, long size) {
            return count[axis] == size && step[axis] == 1;
        }
    }

    private static Ranges ranges(
            long[] x, long[] starts, long[] ends, long @Nullable [] axes, long @Nullable [] steps) {
        Ranges r = new Ranges(new long[x.length], new long[x.length], new long[x.length]);
        for (int a = 0; a < x.length; a++) {
            r.step[a] = 1;
            r.count[a] = x[a];
        }
        for (int i = 0; i < starts.length; i++) {
            int a = axes == null ? i : Axes.of(axes[i], x.length);
            long size = x[a];
            long step = steps == null ? 1 : Math.max(Math.min(steps[i], Integer.MAX_VALUE), -Integer.MAX_VALUE);
            long start = starts[i] < 0 ? starts[i] + size : starts[i];
            long end = ends[i] < 0 ? ends[i] + size : ends[i];
            start = Math.max(0, Math.min(start, step > 0 ? size : size - 1));
            end = Math.max(step > 0 ? 0 : -1, Math.min(end, size));
            r.start[a] = start;
            r.step[a] = step;
            r.count[a] = Math.max(0, step > 0 ? -Math.floorDiv(start - end, step) : -Math.floorDiv(end - start, -step));
        }
        return r;
    }

    @Override
    public List<String> names() {
        return List.of("Slice");
    }

    @Override
    public void infer(NodeInference c) {
        long[] x = c.shape(0);
        long[] starts = c.longs("starts", 1);
        long[] ends = c.longs("ends", 2);
        long[] axes = c.longs("axes", 3);
        long[] steps = c.node().hasInput(4) ? c.longs("steps", 4) : null;
        boolean unknown = (c.node().hasInput(3) && axes == null) || (c.node().hasInput(4) && steps == null);
        if (starts == null || ends == null || unknown) {
            return;
        }
        if (ends.length != starts.length
                || (axes == null ? starts.length > x.length : axes.length != starts.length)
                || (steps != null
                        && (steps.length != starts.length
                                || Arrays.stream(steps).anyMatch(v -> v == 0)))) {
            throw c.error("starts, ends, axes and steps must have equal lengths, and steps not be 0");
        }
        if (axes != null) {
            Axes.checked(c, axes, x.length);
        }
        Ranges r = ranges(x, starts, ends, axes, steps);
        TensorData value = c.constant(0);
        if (value == null || !c.foldsWeight(value.type(), x)) {
            c.output(0, c.type(0), r.count);
            return;
        }
        for (int a = 0; a < x.length; a++) {
            value = r.isWhole(a, x[a]) ? value : value.take(a, r.index(a));
        }
        c.output(0, value);
    }

    @Override
    public void relate(UnitRelations r) {
        String x = r.node().input(0);
        String y = r.node().output(0);
        long[] shape = r.shape(x);
        long[] starts = r.longs("starts", 1);
        long[] ends = r.longs("ends", 2);
        long[] axes = r.longs("axes", 3);
        long[] steps = r.node().hasInput(4) ? r.longs("steps", 4) : null;
        boolean unknown = (r.node().hasInput(3) && axes == null) || (r.node().hasInput(4) && steps == null);
        if (starts == null || ends == null || unknown) {
            r.freeze(x, r.node().label() + " has bounds that are computed from other values");
            return;
        }
        Ranges ranges = ranges(shape, starts, ends, axes, steps);
        for (int a = 0; a < shape.length; a++) {
            if (ranges.isWhole(a, shape[a])) {
                r.same(x, a, y, a);
            } else if (ranges.step[a] == 1 && r.units(x, a) != null) {
                r.select(x, a, y, a, ranges.index(a));
                if (r.isMerged(x, a)) {
                    r.markMerged(y, a);
                }
            }
        }
    }

    @Override
    public void shrink(NodeShrink s) {
        String x = s.node().input(0);
        long[] shape = s.shape(x);
        long[] starts = s.longs("starts", 1);
        long[] ends = s.longs("ends", 2);
        long[] axes = s.longs("axes", 3);
        if (starts == null || ends == null) {
            return;
        }
        boolean changed = false;
        for (int i = 0; i < starts.length; i++) {
            int a = axes == null ? i : Axes.of(axes[i], shape.length);
            int[] kept = s.kept(x, a);
            if (kept != null) {
                long from = Math.max(0, Math.min(shape[a], starts[i] < 0 ? starts[i] + shape[a] : starts[i]));
                starts[i] = Arrays.stream(kept).filter(k -> k < from).count();
                ends[i] = starts[i] + s.newShape(s.node().output(0))[a];
                changed = true;
            }
        }
        if (changed) {
            s.setLongs("starts", 1, starts);
            s.setLongs("ends", 2, ends);
        }
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        long[] axes = r.longs("axes", 3);
        long[] steps = r.longs("steps", 4);
        if ((r.node().hasInput(3) && axes == null) || (r.node().hasInput(4) && steps == null)) {
            return false;
        }
        for (int i = 0; axes != null && i < axes.length; i++) {
            if (Axes.of(axes[i], r.rank(0)) == 0) {
                return r.keepsRowCount() && (steps == null || steps[i] > 0);
            }
        }
        return axes != null || (r.keepsRowCount() && (steps == null || steps[0] > 0));
    }
}
