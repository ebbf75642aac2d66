package org.espalier.ops;

import java.util.Arrays;
import java.util.List;
import org.espalier.graph.TensorData;

/** Lays its inputs side by side along one axis. */
final class ConcatOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("Concat");
    }

    @Override
    public void infer(NodeInference c) {
        long[] out = c.shape(0);
        int axis = c.axis(c.node().getLong("axis", 1), out.length);
        boolean constant = c.constant(0) != null && out.length == 1;
        for (int i = 1; i < c.node().inputs().size(); i++) {
            long[] s = c.shape(i);
            if (s.length != out.length) {
                throw c.shapeError("inputs must have the same number of axes");
            }
            for (int a = 0; a < s.length; a++) {
                if (a != axis && s[a] != out[a]) {
                    throw c.shapeError("sizes must be equal on all axes but " + axis);
                }
            }
            out[axis] = Math.addExact(out[axis], s[axis]);
            constant &= c.constant(i) != null;
        }
        TensorData folded = constant && c.folds(out) ? fold(c, out) : null;
        if (folded == null) {
            c.output(0, c.type(0), out);
        } else {
            c.output(0, folded);
        }
    }

    private static @org.jspecify.annotations.Nullable TensorData fold(NodeInference c, long[] shape) {
        double[] all = new double[(int) shape[0]];
        int at = 0;
        for (int i = 0; i < c.node().inputs().size(); i++) {
            TensorData t = c.constant(i);
            if (t == null) {
                return null;
            }
            for (double v : t.toDoubles()) {
                all[at++] = v;
            }
        }
        return ConstantFolding.ofDoubles(c.type(0), all, shape);
    }

    @Override
    public void relate(UnitRelations r) {
        String out = r.node().output(0);
        long[] shape = r.shape(out);
        int axis = Axes.of(r.node().getLong("axis", 1), shape.length);
        for (int a = 0; a < shape.length; a++) {
            for (String in : r.node().inputs()) {
                if (a != axis) {
                    r.same(in, a, out, a);
                }
            }
        }
        if (r.node().inputs().stream().allMatch(in -> r.units(in, axis) == null)) {
            return;
        }
        if (shape[axis] > UnitRelations.LONGEST) {
            r.node().inputs().forEach(in -> r.freezeTooLong(in, axis));
            return;
        }
        int[] units = new int[(int) shape[axis]];
        int at = 0;
        for (String in : r.node().inputs()) {
            int length = (int) r.shape(in)[axis];
            int[] part = r.units(in, axis);
            if (part == null) {
                Arrays.fill(units, at, at + length, r.frozenUnit());
            } else {
                System.arraycopy(part, 0, units, at, length);
            }
            at += length;
        }
        r.assign(out, axis, units);
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        return r.axis(1) != 0;
    }
}
