package org.espalier.ops;

import java.util.List;
import org.espalier.graph.TensorData;

/** Matrix product with numpy's rules: A […, M, K] · B […, K, N] → […, M, N]; the leading axes are broadcast. */
final class MatMulOp implements Operator {
    @Override
    public List<String> names() {
        return List.of("MatMul");
    }

    @Override
    public void infer(NodeInference c) {
        long[] a = c.shape(0);
        long[] b = c.shape(1);
        if (a.length == 0 || b.length == 0) {
            throw c.shapeError("factors must have at least one axis");
        }
        long k = b.length == 1 ? b[0] : b[b.length - 2];
        if (a[a.length - 1] != k) {
            throw c.shapeError("the left factor's last axis must equal the right factor's last but one");
        }
        int batch = Math.max(Math.max(a.length, b.length) - 2, 0);
        long[] full = new long[batch + 2];
        for (int i = 0; i < batch; i++) {
            long p = at(a, i - batch + a.length - 2);
            long q = at(b, i - batch + b.length - 2);
            if (p != q && p != 1 && q != 1) {
                throw c.shapeError("leading sizes must be equal or 1");
            }
            full[i] = p == 1 ? q : p;
        }
        full[batch] = a.length == 1 ? 1 : a[a.length - 2];
        full[batch + 1] = b.length == 1 ? 1 : b[b.length - 1];
        c.output(0, c.type(0), dropVectors(full, a.length == 1, b.length == 1));
    }

    private static long at(long[] shape, int i) {
        return i < 0 ? 1 : shape[i];
    }

    private static long[] dropVectors(long[] full, boolean left, boolean right) {
        java.util.stream.LongStream.Builder out = java.util.stream.LongStream.builder();
        for (int i = 0; i < full.length; i++) {
            if (!(left && i == full.length - 2) && !(right && i == full.length - 1)) {
                out.add(full[i]);
            }
        }
        return out.build().toArray();
    }

    @Override
    public void relate(UnitRelations r) {
        String a = r.node().input(0);
        String b = r.node().input(1);
        String y = r.node().output(0);
        int ra = r.shape(a).length;
        int rb = r.shape(b).length;
        if (ra < 2 || rb < 2) {
            return;
        }
        int ry = r.shape(y).length;
        r.same(a, ra - 1, b, rb - 2);
        if (rb == 2 && r.constant(b) != null) {
            r.contract(a, ra - 1, b, 0, ra == 2);
        } else if (ra == 2 && r.constant(a) != null) {
            r.contract(b, rb - 2, a, 1, false);
        } else {
            r.freeze(a, ra - 1, r.node().label() + " sums over it without a constant weight");
        }
        r.same(a, ra - 2, y, ry - 2);
        r.same(b, rb - 1, y, ry - 1);
        for (int axis = 0; axis < ry - 2; axis++) {
            for (String in : java.util.List.of(a, b)) {
                long[] s = r.shape(in);
                int at = axis - ry + s.length;
                if (at >= 0 && s[at] == r.shape(y)[axis]) {
                    r.same(in, at, y, axis);
                }
            }
        }
    }

    @Override
    public long macs(NodeInference c) {
        long[] a = c.shape(0);
        return Math.multiplyExact(TensorData.elements(c.outputShape(0)), a[a.length - 1]);
    }

    @Override
    public boolean keepsExamplesApart(ExampleRows r) {
        // Rows of a matrix, or matrices one after the other.
        int left = r.rank(0);
        return r.hasRows(0) ? left > 2 || (left == 2 && !r.hasRows(1)) : r.rank(1) > 2;
    }
}
