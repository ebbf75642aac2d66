package org.espalier.torch.ops;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;

/** Operators that change shapes, and those that make constants. */
final class ShapeKernels {
    private ShapeKernels() {}

    static void register(Map<String, Kernel> t) {
        t.put("Flatten", Kernel.of(ShapeKernels::flatten));
        t.put("Reshape", Kernel.of(ShapeKernels::reshape));
        t.put("Squeeze", Kernel.of(ShapeKernels::squeeze));
        t.put("Unsqueeze", Kernel.of(ShapeKernels::unsqueeze));
        t.put("Transpose", Kernel.of(ShapeKernels::transpose));
        t.put("Expand", Kernel.of(ShapeKernels::expand));
        t.put("Tile", Kernel.of(c -> c.in(0).tile(c.longs(1))));
        t.put("Concat", Kernel.of(ShapeKernels::concat));
        t.put("Split", ShapeKernels::split);
        t.put("Shape", Kernel.of(ShapeKernels::shape));
        t.put("Size", Kernel.of(c -> TensorConversions.longs(new long[] {c.in(0).numel()})));
        t.put("Cast", Kernel.of(ShapeKernels::cast));
        t.put("CastLike", Kernel.of(c -> c.in(0).to(c.in(1).scalar_type())));
        t.put("Constant", Kernel.of(c -> TensorConversions.toTorch(ConstantKernels.value(c.node()))));
        t.put("ConstantOfShape", Kernel.of(ShapeKernels::constantOfShape));
        t.put("Range", Kernel.of(ShapeKernels::range));
    }

    private static Tensor flatten(KernelCall c) {
        Tensor x = c.in(0);
        long given = c.node().getLong("axis", 1);
        int axis = given == x.dim() ? (int) given : c.axis(given, x.dim());
        long[] shape = TensorConversions.shape(x);
        long outer = TensorData.elements(Arrays.copyOf(shape, axis));
        long inner = TensorData.elements(Arrays.copyOfRange(shape, axis, shape.length));
        return x.reshape(outer, inner);
    }

    private static Tensor reshape(KernelCall c) {
        Tensor x = c.in(0);
        long[] shape = c.longs(1).clone();
        if (c.node().getLong("allowzero", 0) == 0) {
            for (int i = 0; i < shape.length; i++) {
                shape[i] = shape[i] == 0 ? x.size(i) : shape[i];
            }
        }
        return x.reshape(shape);
    }

    private static Tensor squeeze(KernelCall c) {
        Tensor x = c.in(0);
        long[] axes = c.longs(1, "axes");
        return axes == null ? x.squeeze() : x.squeeze(c.axes(axes, x.dim()));
    }

    private static Tensor unsqueeze(KernelCall c) {
        Tensor x = c.in(0);
        long[] axes = c.longs(1, "axes");
        if (axes == null) {
            throw c.wrong("axes must be given", "a list of integers", "none");
        }
        TreeSet<Long> sorted = new TreeSet<>();
        for (long a : c.axes(axes, x.dim() + axes.length)) {
            sorted.add(a);
        }
        for (long a : sorted) {
            x = x.unsqueeze(a);
        }
        return x;
    }

    private static Tensor transpose(KernelCall c) {
        Tensor x = c.in(0);
        long[] perm = c.node().getLongs("perm");
        if (perm == null) {
            perm = new long[(int) x.dim()];
            for (int i = 0; i < perm.length; i++) {
                perm[i] = perm.length - 1L - i;
            }
        }
        return x.permute(perm);
    }

    private static Tensor expand(KernelCall c) {
        Tensor x = c.in(0);
        long[] shape = c.longs(1);
        int rank = (int) x.dim();
        long[] both = PaddedWindow.ones(Math.max(rank, shape.length));
        System.arraycopy(shape, 0, both, both.length - shape.length, shape.length);
        for (int i = 0; i < rank; i++) {
            int at = both.length - rank + i;
            both[at] = both[at] == 1 ? x.size(i) : both[at];
        }
        return x.expand(both);
    }

    private static Tensor concat(KernelCall c) {
        TensorVector all = new TensorVector();
        for (int i = 0; i < c.count(); i++) {
            all.push_back(c.in(i));
        }
        return torch.cat(all, c.axis(c.node().getLong("axis", 1), c.in(0).dim()));
    }

    private static Tensor[] split(KernelCall c) {
        Tensor x = c.in(0);
        int axis = c.axis(c.node().getLong("axis", 0), x.dim());
        long[] sizes = c.longs(1, "split");
        int parts = c.node().outputs().size();
        if (sizes == null) {
            long total = x.size(axis);
            long each = (total + parts - 1) / parts;
            sizes = new long[parts];
            for (int i = 0; i < parts; i++) {
                sizes[i] = Math.max(0, Math.min(each, total - i * each));
            }
        }
        Tensor[] out = new Tensor[sizes.length];
        long start = 0;
        for (int i = 0; i < sizes.length; i++) {
            out[i] = x.narrow(axis, start, sizes[i]);
            start += sizes[i];
        }
        return out;
    }

    private static Tensor shape(KernelCall c) {
        long[] shape = TensorConversions.shape(c.in(0));
        int rank = shape.length;
        long start = c.node().getLong("start", 0);
        long end = c.node().getLong("end", rank);
        int from = (int) Math.max(0, Math.min(rank, start < 0 ? start + rank : start));
        int to = (int) Math.max(from, Math.min(rank, end < 0 ? end + rank : end));
        long[] cut = Arrays.copyOfRange(shape, from, to);
        return TensorConversions.longs(cut, cut.length);
    }

    private static Tensor cast(KernelCall c) {
        ElementType type =
                ElementType.ofOnnx((int) c.node().getLong("to", 1), c.node().label());
        return c.in(0).to(TensorConversions.scalarType(type));
    }

    private static Tensor constantOfShape(KernelCall c) {
        TensorData value = c.node().getTensor("value");
        ScalarType type = value == null ? ScalarType.Float : TensorConversions.scalarType(value.type());
        Scalar fill = value == null
                ? new Scalar(0.0)
                : value.type().isFloating() ? new Scalar(value.getDouble(0)) : new Scalar(value.getLong(0));
        return torch.full(c.longs(0), fill, new TensorOptions(type));
    }

    private static Tensor range(KernelCall c) {
        Tensor start = c.in(0);
        TensorOptions options = start.options();
        if (start.is_floating_point()) {
            return torch.arange(
                    new Scalar(c.doubles(0)[0]), new Scalar(c.doubles(1)[0]), new Scalar(c.doubles(2)[0]), options);
        }
        return torch.arange(new Scalar(c.longs(0)[0]), new Scalar(c.longs(1)[0]), new Scalar(c.longs(2)[0]), options);
    }
}
