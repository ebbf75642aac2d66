package org.espalier.ops;

import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/** Arithmetic on constants, as far as shape arithmetic and weights that nodes make need it. */
final class ConstantFolding {
    /** Constants computed during inference are followed up to this many elements; longer ones are data, not shape arithmetic. */
    static final int LARGEST_FOLDED = 1 << 16;
    /** Weights that nodes make by filling, reshaping or reordering are followed up to this many elements. */
    static final int LARGEST_WEIGHT = 1 << 26;

    private ConstantFolding() {}

    /** Whether a unary operator gives out what it gets. */
    static boolean isUnchanged(String op, TensorData x, ElementType type) {
        return op.equals("Identity") || op.equals("Dropout") || (op.equals("Cast") && x.type() == type);
    }

    /** The result of a unary operator that changes its input, or null where it is not folded. */
    static @Nullable TensorData unary(String op, TensorData x, ElementType type) {
        double[] v = x.toDoubles();
        for (int i = 0; i < v.length; i++) {
            switch (op) {
                case "Cast" -> {}
                case "Neg" -> v[i] = -v[i];
                case "Abs" -> v[i] = Math.abs(v[i]);
                case "Floor" -> v[i] = Math.floor(v[i]);
                case "Ceil" -> v[i] = Math.ceil(v[i]);
                case "Sqrt" -> v[i] = Math.sqrt(v[i]);
                case "Reciprocal" -> v[i] = 1 / v[i];
                case "Not" -> v[i] = v[i] == 0 ? 1 : 0;
                default -> {
                    return null;
                }
            }
        }
        return ofDoubles(type, v, x.shape());
    }

    /** The result of a binary operator with broadcasting, or null where it is not folded. */
    static @Nullable TensorData binary(String op, TensorData a, TensorData b, ElementType type, long[] shape) {
        double[] x = a.toDoubles();
        double[] y = b.toDoubles();
        double[] out = new double[Math.toIntExact(TensorData.elements(shape))];
        boolean integers = !a.type().isFloating();
        for (int i = 0; i < out.length; i++) {
            double p = x[broadcastIndex(i, shape, a.shape())];
            double q = y[broadcastIndex(i, shape, b.shape())];
            switch (op) {
                case "Add", "Sum" -> out[i] = p + q;
                case "Sub" -> out[i] = p - q;
                case "Mul" -> out[i] = p * q;
                case "Div" -> {
                    if (integers && q == 0) {
                        return null;
                    }
                    out[i] = integers ? truncated(p / q) : p / q;
                }
                case "Mod" -> {
                    if (!integers || p < 0 || q <= 0) {
                        return null;
                    }
                    out[i] = p % q;
                }
                case "And" -> out[i] = p != 0 && q != 0 ? 1 : 0;
                case "Or" -> out[i] = p != 0 || q != 0 ? 1 : 0;
                case "GreaterOrEqual" -> out[i] = p >= q ? 1 : 0;
                case "LessOrEqual" -> out[i] = p <= q ? 1 : 0;
                case "Equal" -> out[i] = p == q ? 1 : 0;
                case "Greater" -> out[i] = p > q ? 1 : 0;
                case "Less" -> out[i] = p < q ? 1 : 0;
                case "Min" -> out[i] = Math.min(p, q);
                case "Max" -> out[i] = Math.max(p, q);
                default -> {
                    return null;
                }
            }
        }
        return ofDoubles(type, out, shape);
    }

    private static double truncated(double quotient) {
        return quotient < 0 ? Math.ceil(quotient) : Math.floor(quotient);
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
    static @Nullable TensorData where(TensorData condition, TensorData a, TensorData b, long[] shape) {
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
