package org.espalier.ops;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;

/** Arithmetic on constants, as far as shape arithmetic and weights that nodes make need it; which function an operator is, it says itself. */
final class ConstantFolding {
    /** Constants computed during inference are followed up to this many elements; longer ones are data, not shape arithmetic. */
    static final int LARGEST_FOLDED = 1 << 16;
    /** Weights that nodes make by filling, reshaping or reordering are followed up to this many elements. */
    static final int LARGEST_WEIGHT = 1 << 26;

    private ConstantFolding() {}

    /** A function of each element. */
    static TensorData unary(DoubleUnaryOperator f, TensorData x, ElementType type) {
        double[] v = x.toDoubles();
        for (int i = 0; i < v.length; i++) {
            v[i] = f.applyAsDouble(v[i]);
        }
        return ofDoubles(type, v, x.shape());
    }

    /** A function of each pair of elements under broadcasting to {@code shape}. */
    static TensorData binary(DoubleBinaryOperator f, TensorData a, TensorData b, ElementType type, long[] shape) {
        double[] x = a.toDoubles();
        double[] y = b.toDoubles();
        double[] out = new double[Math.toIntExact(TensorData.elements(shape))];
        for (int i = 0; i < out.length; i++) {
            double p = x[broadcastIndex(i, shape, a.shape())];
            double q = y[broadcastIndex(i, shape, b.shape())];
            out[i] = f.applyAsDouble(p, q);
        }
        return ofDoubles(type, out, shape);
    }

    /** Position in an input of shape {@code in} that an output position reads under broadcasting. */
    static int broadcastIndex(int outIndex, long[] out, long[] in) {
        int index = 0;
        int stride = 1;
        int rest = outIndex;
        for (int a = out.length - 1, b = in.length - 1; a >= 0; a--, b--) {
            int at = (int) (rest % out[a]);
            rest = (int) (rest / out[a]);
            if (b >= 0) {
                index += (in[b] == 1 ? 0 : at) * stride;
                stride *= (int) in[b];
            }
        }
        return index;
    }

    /** Elements of {@code a} where the condition holds, else of {@code b}. */
    static TensorData where(TensorData condition, TensorData a, TensorData b, long[] shape) {
        double[] out = new double[Math.toIntExact(TensorData.elements(shape))];
        for (int i = 0; i < out.length; i++) {
            boolean first = condition.getLong(broadcastIndex(i, shape, condition.shape())) != 0;
            TensorData from = first ? a : b;
            out[i] = from.getDouble(broadcastIndex(i, shape, from.shape()));
        }
        return ofDoubles(a.type(), out, shape);
    }

    /** A tensor of numbers that fit a double. */
    static TensorData ofDoubles(ElementType type, double[] v, long[] shape) {
        return TensorData.ofDoubles(v, shape).as(type);
    }
}
