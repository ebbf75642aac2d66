package org.espalier.torch.ops;

import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that find places, mark them or write there: TopK, OneHot, Hardmax, ScatterElements. */
final class ScatterKernels {
    private ScatterKernels() {}

    static void register(Map<String, Kernel> t) {
        t.put("TopK", ScatterKernels::topK);
        t.put("OneHot", Kernel.of(ScatterKernels::oneHot));
        t.put("Hardmax", Kernel.of(ScatterKernels::hardmax));
        t.put("ScatterElements", Kernel.of(ScatterKernels::scatterElements));
    }

    /** Sorted whole: of equal numbers ONNX takes the first, which libtorch's own does not promise. */
    private static Tensor[] topK(KernelCall c) {
        Tensor x = c.in(0);
        int axis = c.axis(c.node().getLong("axis", -1), x.dim());
        long k = c.has(1) ? c.longs(1)[0] : c.node().getLong("k", 0);
        if (k < 0 || k > x.size(axis)) {
            throw c.wrong("k must not be more than there are", "0 to " + x.size(axis), k);
        }
        boolean largest = c.node().getLong("largest", 1) != 0;
        T_TensorTensor_T sorted = torch.sort(x, new BoolOptional(true), axis, largest);
        return new Tensor[] {sorted.get0().narrow(axis, 0, k), sorted.get1().narrow(axis, 0, k)};
    }

    private static Tensor oneHot(KernelCall c) {
        Tensor values = c.in(2);
        long depth = (long) c.doubles(1)[0];
        Tensor given = ArithmeticKernels.beside(c.in(0).to(ScalarType.Long), values);
        Tensor places = torch.where(given.lt(new Scalar(0)), given.add(new Scalar(depth)), given);
        int axis = c.axis(c.node().getLong("axis", -1), given.dim() + 1);
        long[] shape = new long[(int) given.dim() + 1];
        Arrays.fill(shape, 1);
        shape[axis] = depth;
        Tensor all = ArithmeticKernels.beside(
                torch.arange(new Scalar(depth)).to(ScalarType.Long).view(shape), values);
        Tensor off = values.select(0, 0);
        Tensor on = values.select(0, 1);
        return torch.where(places.unsqueeze(axis).eq(all), on, off);
    }

    /** Before operator set 13 everything from the axis on is one vector, and the axis is 1 by default. */
    private static Tensor hardmax(KernelCall c) {
        Tensor x = c.in(0);
        boolean flat = c.opset() < 13;
        int axis = c.axis(c.node().getLong("axis", flat ? 1 : -1), x.dim());
        Tensor rows = flat ? x.flatten(axis, -1) : x;
        Tensor first = rows.argmax(new LongOptional(axis), true);
        return torch.zeros_like(rows).scatter(axis, first, new Scalar(1)).reshape(TensorConversions.shape(x));
    }

    private static Tensor scatterElements(KernelCall c) {
        Tensor x = c.in(0);
        int axis = c.axis(c.node().getLong("axis", 0), x.dim());
        Tensor places = SelectionKernels.positive(c.in(1), x, axis);
        Tensor updates = c.in(2, x);
        String reduction = c.node().getString("reduction", "none");
        return switch (reduction) {
            case "none" -> x.scatter(axis, places, updates);
            case "add" -> x.scatter_add(axis, places, updates);
            case "mul" -> x.scatter_reduce(axis, places, updates, "prod");
            case "max" -> x.scatter_reduce(axis, places, updates, "amax");
            case "min" -> x.scatter_reduce(axis, places, updates, "amin");
            default -> throw c.wrong("reduction must be one of ONNX's", "none, add, mul, max or min", reduction);
        };
    }
}
