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

/** Operators that change shapes, and those that make constants. */
final class Shapes {
    private Shapes() {}

    static void register(Map<String, Operator> t) {
        t.put("Flatten", Operator.of(Shapes::flatten));
        t.put("Reshape", Operator.of(Shapes::reshape));
        t.put("Squeeze", Operator.of(Shapes::squeeze));
        t.put("Unsqueeze", Operator.of(Shapes::unsqueeze));
        t.put("Transpose", Operator.of(Shapes::transpose));
        t.put("Expand", Operator.of(Shapes::expand));
        t.put("Tile", Operator.of(c -> c.in(0).tile(c.longs(1))));
        t.put("Concat", Operator.of(Shapes::concat));
        t.put("Split", Shapes::split);
        t.put("Shape", Operator.of(Shapes::shape));
        t.put("Size", Operator.of(c -> Conversions.longs(new long[] {c.in(0).numel()})));
        t.put("Cast", Operator.of(Shapes::cast));
        t.put("CastLike", Operator.of(c -> c.in(0).to(c.in(1).scalar_type())));
        t.put("Constant", Operator.of(c -> Conversions.toTorch(Constants.value(c.node()))));
        t.put("ConstantOfShape", Operator.of(Shapes::constantOfShape));
        t.put("Range", Operator.of(Shapes::range));
    }

    private static Tensor flatten(Call c) {
        Tensor x = c.in(0);
        long given = c.node().getLong("axis", 1);
        int axis = given == x.dim() ? (int) given : c.axis(given, x.dim());
        long[] shape = Conversions.shape(x);
        long outer = org.espalier.graph.Tensor.elements(Arrays.copyOf(shape, axis));
        long inner = org.espalier.graph.Tensor.elements(Arrays.copyOfRange(shape, axis, shape.length));
        return x.reshape(outer, inner);
    }

    private static Tensor reshape(Call c) {
        Tensor x = c.in(0);
        long[] shape = c.longs(1).clone();
        if (c.node().getLong("allowzero", 0) == 0) {
            for (int i = 0; i < shape.length; i++) {
                shape[i] = shape[i] == 0 ? x.size(i) : shape[i];
            }
        }
        return x.reshape(shape);
    }

    private static Tensor squeeze(Call c) {
        Tensor x = c.in(0);
        long[] axes = c.longs(1, "axes");
        return axes == null ? x.squeeze() : x.squeeze(c.axes(axes, x.dim()));
    }

    private static Tensor unsqueeze(Call c) {
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

    private static Tensor transpose(Call c) {
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

    private static Tensor expand(Call c) {
        Tensor x = c.in(0);
        long[] shape = c.longs(1);
        int rank = (int) x.dim();
        long[] both = Windows.ones(Math.max(rank, shape.length));
        System.arraycopy(shape, 0, both, both.length - shape.length, shape.length);
        for (int i = 0; i < rank; i++) {
            int at = both.length - rank + i;
            both[at] = both[at] == 1 ? x.size(i) : both[at];
        }
        return x.expand(both);
    }

    private static Tensor concat(Call c) {
        TensorVector all = new TensorVector();
        for (int i = 0; i < c.count(); i++) {
            all.push_back(c.in(i));
        }
        return torch.cat(all, c.axis(c.node().getLong("axis", 1), c.in(0).dim()));
    }

    private static Tensor[] split(Call c) {
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

    private static Tensor shape(Call c) {
        long[] shape = Conversions.shape(c.in(0));
        int rank = shape.length;
        long start = c.node().getLong("start", 0);
        long end = c.node().getLong("end", rank);
        int from = (int) Math.max(0, Math.min(rank, start < 0 ? start + rank : start));
        int to = (int) Math.max(from, Math.min(rank, end < 0 ? end + rank : end));
        long[] cut = Arrays.copyOfRange(shape, from, to);
        return Conversions.longs(cut, cut.length);
    }

    private static Tensor cast(Call c) {
        ElementType type =
                ElementType.ofOnnx((int) c.node().getLong("to", 1), c.node().label());
        return c.in(0).to(Conversions.scalarType(type));
    }

    private static Tensor constantOfShape(Call c) {
        org.espalier.graph.Tensor value = c.node().getTensor("value");
        ScalarType type = value == null ? ScalarType.Float : Conversions.scalarType(value.type());
        Scalar fill = value == null
                ? new Scalar(0.0)
                : value.type().isFloating() ? new Scalar(value.getDouble(0)) : new Scalar(value.getLong(0));
        return torch.full(c.longs(0), fill, new TensorOptions(type));
    }

    private static Tensor range(Call c) {
        Tensor start = c.in(0);
        TensorOptions options = start.options();
        if (start.is_floating_point()) {
            return torch.arange(
                    new Scalar(c.doubles(0)[0]), new Scalar(c.doubles(1)[0]), new Scalar(c.doubles(2)[0]), options);
        }
        return torch.arange(new Scalar(c.longs(0)[0]), new Scalar(c.longs(1)[0]), new Scalar(c.longs(2)[0]), options);
    }
}
