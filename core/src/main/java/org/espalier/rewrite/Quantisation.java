package org.espalier.rewrite;

import java.util.Arrays;
import java.util.Map;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * How integers stand for floats: (q − zero)·scale.
 *
 * @param scale one number, one for each place on an axis, or one for each block of places on it
 * @param zero of the scale's shape
 * @param axis along which scales differ; of no meaning for one number
 * @param block places to a block; 0 where there are no blocks
 */
record Quantisation(TensorData scale, TensorData zero, int axis, long block) {
    private static final Map<ElementType, long[]> RANGES = Map.of(
            ElementType.UINT8, new long[] {0, 255},
            ElementType.INT8, new long[] {-128, 127},
            ElementType.UINT16, new long[] {0, 65535},
            ElementType.INT16, new long[] {-32768, 32767});

    /** One scale for all; zero is 0 of type uint8 where it is not given. */
    static Quantisation of(TensorData scale, @Nullable TensorData zero) {
        return of(scale, zero, 0, 0, ElementType.UINT8);
    }

    static Quantisation of(TensorData scale, @Nullable TensorData zero, int axis, long block, ElementType type) {
        TensorData z =
                zero == null ? TensorData.ofLongs(new long[] {0}).as(type).expand(scale.shape()) : zero;
        return new Quantisation(scale, z, axis, block);
    }

    /** The type of the integers. */
    ElementType type() {
        return zero.type();
    }

    boolean isOfOneScale() {
        return scale.elements() == 1;
    }

    /** Whether integers of this type end somewhere, so that larger floats are cut off. */
    boolean isBounded() {
        return RANGES.containsKey(type());
    }

    /** The float that an integer at a place of the scale stands for. */
    private double value(long q, int place) {
        return (float) ((q - zero.getLong(zero.elements() == 1 ? 0 : place)) * scale.getDouble(place));
    }

    double low(int place) {
        return value(range()[0], place);
    }

    double high(int place) {
        return value(range()[1], place);
    }

    private long[] range() {
        return RANGES.getOrDefault(type(), new long[] {Integer.MIN_VALUE, Integer.MAX_VALUE});
    }

    /** Whether both mean the same floats. */
    boolean means(Quantisation other) {
        boolean numbers = Arrays.equals(scale.toDoubles(), other.scale.toDoubles())
                && Arrays.equals(zero.toLongs(), other.zero.toLongs());
        return numbers && (isOfOneScale() || (axis == other.axis && block == other.block));
    }

    /** The floats that integers stand for, in the scale's type. */
    TensorData floats(TensorData integers) {
        double[] out = new double[Math.toIntExact(integers.elements())];
        long[] shape = integers.shape();
        for (int i = 0; i < out.length; i++) {
            out[i] = value(integers.getLong(i), place(i, shape));
        }
        return TensorData.ofDoubles(out, shape).as(scale.type());
    }

    /** What floats become when they are quantised and back. */
    TensorData rounded(TensorData floats) {
        double[] out = new double[Math.toIntExact(floats.elements())];
        long[] shape = floats.shape();
        for (int i = 0; i < out.length; i++) {
            int place = place(i, shape);
            long z = zero.getLong(zero.elements() == 1 ? 0 : place);
            double q = Math.rint((float) (floats.getDouble(i) / scale.getDouble(place))) + z;
            out[i] = value((long) Math.min(range()[1], Math.max(range()[0], q)), place);
        }
        return TensorData.ofDoubles(out, shape).as(scale.type());
    }

    /** Which scale an element has. */
    private int place(int element, long[] shape) {
        if (isOfOneScale()) {
            return 0;
        }
        int along = axis < 0 ? axis + shape.length : axis;
        long inner = 1;
        for (int a = along + 1; a < shape.length; a++) {
            inner *= shape[a];
        }
        long at = element / inner % shape[along];
        if (block == 0) {
            return (int) at;
        }
        long outer = element / inner / shape[along];
        return (int) ((outer * scale.size(along) + at / block) * inner + element % inner);
    }
}
