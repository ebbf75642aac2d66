package org.espalier.torch.ops;

import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/** Reductions along axes. */
final class ReductionKernels {
    private ReductionKernels() {}

    /** A reduction over given axes. */
    private interface Along {
        Tensor reduce(Tensor x, long[] axes, boolean keep);
    }

    static void register(Map<String, Kernel> t) {
        put(t, "ReduceSum", 13, ReductionKernels::sum);
        put(t, "ReduceMean", 18, (x, a, k) -> x.mean(a, k, ArithmeticKernels.sameType()));
        put(t, "ReduceMax", 18, (x, a, k) -> x.amax(a, k));
        put(t, "ReduceMin", 18, (x, a, k) -> x.amin(a, k));
        put(t, "ReduceProd", 18, ReductionKernels::product);
        put(t, "ReduceSumSquare", 18, (x, a, k) -> sum(x.square(), a, k));
        put(t, "ReduceL1", 18, (x, a, k) -> sum(x.abs(), a, k));
        put(t, "ReduceL2", 18, ReductionKernels::length);
        put(t, "ReduceLogSum", 18, (x, a, k) -> sum(x, a, k).log());
        put(t, "ReduceLogSumExp", 18, (x, a, k) -> x.logsumexp(a, k));
        t.put("CumSum", Kernel.of(ReductionKernels::runningSum));
        t.put("ArgMax", Kernel.of(c -> extreme(c, true)));
        t.put("ArgMin", Kernel.of(c -> extreme(c, false)));
    }

    private static Tensor sum(Tensor x, long[] axes, boolean keep) {
        return x.sum(axes, keep, ArithmeticKernels.sameType());
    }

    /** Its derivative at zero is taken for zero, where that of a root would be infinite. */
    private static Tensor length(Tensor x, long[] axes, boolean keep) {
        return x.norm(new ScalarOptional(new Scalar(2)), axes, keep);
    }

    private static Tensor runningSum(KernelCall c) {
        Tensor x = c.in(0);
        long axis = c.axis(c.longs(1)[0], x.dim());
        boolean back = c.node().getLong("reverse", 0) != 0;
        Tensor y = back ? x.flip(axis).cumsum(axis).flip(axis) : x.cumsum(axis);
        return c.node().getLong("exclusive", 0) != 0 ? y.sub(x) : y;
    }

    private static Tensor product(Tensor x, long[] axes, boolean keep) {
        Tensor y = x;
        long[] sorted = LongStream.of(axes).sorted().toArray();
        for (int i = sorted.length - 1; i >= 0; i--) {
            y = y.prod(sorted[i], keep, ArithmeticKernels.sameType());
        }
        return y;
    }

    /** Axes are an attribute before operator set {@code since}, an input from then on. */
    private static void put(Map<String, Kernel> t, String name, int since, Along f) {
        t.put(name, Kernel.of(c -> {
            Tensor x = c.in(0);
            long[] given = c.opset() >= since ? c.longs(1, "axes") : c.node().getLongs("axes");
            if ((given == null || given.length == 0) && c.node().getLong("noop_with_empty_axes", 0) != 0) {
                return x;
            }
            long[] axes = given == null || given.length == 0
                    ? LongStream.range(0, x.dim()).toArray()
                    : c.axes(given, x.dim());
            return f.reduce(x, axes, c.node().getLong("keepdims", 1) != 0);
        }));
    }

    private static Tensor extreme(KernelCall c, boolean most) {
        Tensor x = c.in(0);
        if (c.node().getLong("select_last_index", 0) != 0) {
            throw c.wrong("select_last_index is not supported for training", 0, 1);
        }
        LongOptional axis = new LongOptional(c.axis(c.node().getLong("axis", 0), x.dim()));
        boolean keep = c.node().getLong("keepdims", 1) != 0;
        return most ? x.argmax(axis, keep) : x.argmin(axis, keep);
    }
}
