package org.espalier.torch.ops;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that pick elements: Slice, Gather, Where, Pad and relatives. */
final class SelectionKernels {
    private SelectionKernels() {}

    static void register(Map<String, Kernel> t) {
        t.put("Slice", Kernel.of(SelectionKernels::slice));
        t.put("Gather", Kernel.of(SelectionKernels::gather));
        t.put("GatherElements", Kernel.of(SelectionKernels::gatherElements));
        t.put("GatherND", Kernel.of(SelectionKernels::gatherNd));
        t.put("ScatterND", Kernel.of(SelectionKernels::scatterNd));
        t.put("Where", Kernel.of(SelectionKernels::where));
        t.put("Trilu", Kernel.of(SelectionKernels::triangle));
        t.put("Pad", Kernel.of(SelectionKernels::pad));
        t.put("DepthToSpace", Kernel.of(SelectionKernels::depthToSpace));
        t.put("SpaceToDepth", Kernel.of(SelectionKernels::spaceToDepth));
    }

    private static Tensor triangle(KernelCall c) {
        long diagonal = c.has(1) ? c.longs(1)[0] : 0;
        return c.node().getLong("upper", 1) != 0 ? torch.triu(c.in(0), diagonal) : torch.tril(c.in(0), diagonal);
    }

    private static Tensor slice(KernelCall c) {
        Tensor x = c.in(0);
        long[] starts = c.longs(1, "starts");
        long[] ends = c.longs(2, "ends");
        if (starts == null || ends == null) {
            throw c.wrong("starts and ends must be given", "lists of integers", "none");
        }
        long[] axes = c.longs(3, "axes");
        long[] steps = c.has(4) ? c.longs(4) : PaddedWindow.ones(starts.length);
        for (int i = 0; i < starts.length; i++) {
            x = slice(c, x, c.axis(axes == null ? i : axes[i], x.dim()), starts[i], ends[i], steps[i]);
        }
        return x;
    }

    private static Tensor slice(KernelCall c, Tensor x, int axis, long start, long end, long step) {
        if (step == 0) {
            throw c.wrong("steps must not be zero", "another number", 0);
        }
        long size = x.size(axis);
        long from = start < 0 ? start + size : start;
        long to = end < 0 ? Math.max(end, Long.MIN_VALUE / 2) + size : end;
        if (step > 0) {
            from = Math.max(0, Math.min(size, from));
            to = Math.max(from, Math.min(size, to));
            long count = (to - from + step - 1) / step;
            if (step == 1) {
                return x.narrow(axis, from, count);
            }
            return pick(x, axis, from, step, count);
        }
        from = Math.max(-1, Math.min(size - 1, from));
        to = Math.max(-1, Math.min(from, to));
        return pick(x, axis, from, step, (from - to - step - 1) / -step);
    }

    private static Tensor pick(Tensor x, int axis, long from, long step, long count) {
        long[] indices = LongStream.range(0, count).map(i -> from + i * step).toArray();
        return x.index_select(axis, ArithmeticKernels.beside(TensorConversions.longs(indices, count), x));
    }

    private static Tensor gather(KernelCall c) {
        Tensor x = c.in(0);
        int axis = c.axis(c.node().getLong("axis", 0), x.dim());
        Tensor indices = positive(c.in(1), x, axis);
        Tensor flat = x.index_select(axis, indices.reshape(-1));
        long[] all = TensorConversions.shape(x);
        long[] inner = TensorConversions.shape(indices);
        long[] shape = new long[all.length - 1 + inner.length];
        System.arraycopy(all, 0, shape, 0, axis);
        System.arraycopy(inner, 0, shape, axis, inner.length);
        System.arraycopy(all, axis + 1, shape, axis + inner.length, all.length - axis - 1);
        return flat.reshape(shape);
    }

    private static Tensor gatherElements(KernelCall c) {
        Tensor x = c.in(0);
        int axis = c.axis(c.node().getLong("axis", 0), x.dim());
        return x.gather(axis, positive(c.in(1), x, axis));
    }

    private static Tensor gatherNd(KernelCall c) {
        Tensor x = c.in(0);
        Tensor indices = c.in(1);
        if (c.node().getLong("batch_dims", 0) != 0) {
            throw c.wrong("batch_dims is not supported", 0, c.node().getLong("batch_dims", 0));
        }
        int last = (int) indices.dim() - 1;
        int named = (int) indices.size(last);
        long[] data = TensorConversions.shape(x);
        long[] shape = Arrays.copyOf(TensorConversions.shape(indices), last + data.length - named);
        System.arraycopy(data, named, shape, last, data.length - named);
        return rows(x, named).index_select(0, places(x, indices)).reshape(shape);
    }

    private static Tensor scatterNd(KernelCall c) {
        Tensor x = c.in(0);
        Tensor indices = c.in(1);
        String reduction = c.node().getString("reduction", "none");
        if (!reduction.equals("none")) {
            throw c.wrong("reduction is not supported", "none", reduction);
        }
        int named = (int) indices.size(indices.dim() - 1);
        Tensor places = places(x, indices);
        Tensor rows = rows(x, named);
        long[] shape = TensorConversions.shape(rows);
        shape[0] = places.size(0);
        Tensor updates = ArithmeticKernels.beside(c.in(2), x).reshape(shape);
        return rows.index_copy(0, places, updates).reshape(TensorConversions.shape(x));
    }

    /** The first axes as one. */
    private static Tensor rows(Tensor x, int axes) {
        long[] data = TensorConversions.shape(x);
        long[] shape = new long[1 + data.length - axes];
        shape[0] = LongStream.of(data).limit(axes).reduce(1, (a, b) -> a * b);
        System.arraycopy(data, axes, shape, 1, data.length - axes);
        return x.reshape(shape);
    }

    /**
     * Each index along the last axis of the indices names a place on the data's first axes: as one number, all in a
     * row.
     */
    private static Tensor places(Tensor x, Tensor indices) {
        int last = (int) indices.dim() - 1;
        Tensor place = ArithmeticKernels.beside(TensorConversions.longs(new long[] {0}, 1), x);
        for (int axis = 0; axis < indices.size(last); axis++) {
            place = place.mul(new Scalar(x.size(axis))).add(positive(indices.select(last, axis), x, axis));
        }
        return place.reshape(-1);
    }

    /** Indices counted from the front, as int64 on the data's device. */
    static Tensor positive(Tensor indices, Tensor x, int axis) {
        Tensor i = ArithmeticKernels.beside(indices.to(ScalarType.Long), x);
        return torch.where(i.lt(new Scalar(0)), i.add(new Scalar(x.size(axis))), i);
    }

    private static Tensor where(KernelCall c) {
        Tensor a = c.in(1);
        Tensor b = c.in(2);
        Tensor condition = ArithmeticKernels.beside(ArithmeticKernels.beside(c.in(0), a), b);
        return torch.where(condition, ArithmeticKernels.beside(a, b), ArithmeticKernels.beside(b, a));
    }

    private static Tensor pad(KernelCall c) {
        Tensor x = c.in(0);
        int rank = (int) x.dim();
        long[] given = c.longs(1, "pads");
        if (given == null) {
            throw c.wrong("pads must be given", "a list of integers", "none");
        }
        long[] axes =
                c.has(3) ? c.axes(c.longs(3), rank) : LongStream.range(0, rank).toArray();
        String mode = c.node().getString("mode", "constant");
        if (mode.equals("constant")) {
            long[] pads = new long[2 * rank];
            for (int i = 0; i < axes.length; i++) {
                int place = 2 * (rank - 1 - (int) axes[i]);
                pads[place] = given[i];
                pads[place + 1] = given[axes.length + i];
            }
            double value = c.number(2, "value", 0);
            return torch.constant_pad_nd(x, pads, x.is_floating_point() ? new Scalar(value) : new Scalar((long) value));
        }
        for (int i = 0; i < axes.length; i++) {
            x = padByIndex(c, x, (int) axes[i], given[i], given[axes.length + i], mode);
        }
        return x;
    }

    /** Reflected, repeated or wrapped borders along one axis: each place of the result picks its source. */
    private static Tensor padByIndex(KernelCall c, Tensor x, int axis, long before, long after, String mode) {
        if (before == 0 && after == 0) {
            return x;
        }
        long size = x.size(axis);
        long[] indices = new long[Math.toIntExact(before + size + after)];
        for (int i = 0; i < indices.length; i++) {
            long at = i - before;
            indices[i] = switch (mode) {
                case "edge" -> Math.max(0, Math.min(size - 1, at));
                case "wrap" -> Math.floorMod(at, size);
                case "reflect" -> {
                    long period = Math.max(1, 2 * (size - 1));
                    long m = Math.floorMod(at, period);
                    yield m < size ? m : period - m;
                }
                default -> throw c.wrong("mode must be one of ONNX's", "constant, reflect, edge or wrap", mode);
            };
        }
        return x.index_select(axis, ArithmeticKernels.beside(TensorConversions.longs(indices, indices.length), x));
    }

    private static Tensor depthToSpace(KernelCall c) {
        Tensor x = c.in(0);
        long b = c.node().getLong("blocksize", 1);
        long n = x.size(0);
        long ch = x.size(1) / (b * b);
        long h = x.size(2);
        long w = x.size(3);
        Tensor y = c.node().getString("mode", "DCR").equals("DCR")
                ? x.reshape(n, b, b, ch, h, w).permute(0, 3, 4, 1, 5, 2)
                : x.reshape(n, ch, b, b, h, w).permute(0, 1, 4, 2, 5, 3);
        return y.reshape(n, ch, h * b, w * b);
    }

    private static Tensor spaceToDepth(KernelCall c) {
        Tensor x = c.in(0);
        long b = c.node().getLong("blocksize", 1);
        long n = x.size(0);
        long ch = x.size(1);
        long h = x.size(2) / b;
        long w = x.size(3) / b;
        return x.reshape(n, ch, h, b, w, b).permute(0, 3, 5, 1, 2, 4).reshape(n, ch * b * b, h, w);
    }
}
