package org.espalier.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable constant: element type, shape and values in row-major order.
 *
 * <p>Values lie in one little-endian buffer, as in an ONNX file's {@code raw_data}, so that reading and writing copy nothing.
 */
public final class TensorData {
    /** The most axes that a tensor may have: more than any runtime takes. */
    public static final int MOST_AXES = 64;

    private final ElementType type;
    private final long[] shape;
    private final ByteBuffer data;

    private TensorData(ElementType type, long[] shape, ByteBuffer data) {
        this.type = type;
        this.shape = shape;
        this.data = data;
    }

    /**
     * A tensor over the remaining bytes of {@code data}, which must not change afterwards.
     *
     * @param type the element type
     * @param data the values, little-endian in row-major order
     * @param shape the sizes of its axes
     * @return a tensor over the remaining bytes of {@code data}, which must not change afterwards
     * @throws GraphException if the byte count does not fit type and shape
     */
    public static TensorData of(ElementType type, ByteBuffer data, long... shape) {
        long expected = byteCount(type, shape);
        if (data.remaining() != expected) {
            throw new GraphException("tensor: data must fit type " + type + " and shape " + Arrays.toString(shape)
                    + ", expected " + expected + " bytes, found " + data.remaining());
        }
        return new TensorData(
                type, shape.clone(), data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN));
    }

    /**
     * A float32 tensor.
     *
     * @param values the values
     * @param shape the sizes of its axes
     * @return a float32 tensor
     */
    public static TensorData ofFloats(float[] values, long... shape) {
        ByteBuffer b = allocate(ElementType.FLOAT, values.length);
        b.asFloatBuffer().put(values);
        return of(ElementType.FLOAT, b, shape);
    }

    /**
     * A float64 tensor.
     *
     * @param values the values
     * @param shape the sizes of its axes
     * @return a float64 tensor
     */
    public static TensorData ofDoubles(double[] values, long... shape) {
        ByteBuffer b = allocate(ElementType.DOUBLE, values.length);
        b.asDoubleBuffer().put(values);
        return of(ElementType.DOUBLE, b, shape);
    }

    /**
     * An int64 tensor.
     *
     * @param values the values
     * @param shape the sizes of its axes
     * @return an int64 tensor
     */
    public static TensorData ofLongs(long[] values, long... shape) {
        ByteBuffer b = allocate(ElementType.INT64, values.length);
        b.asLongBuffer().put(values);
        return of(ElementType.INT64, b, shape);
    }

    /**
     * An int64 vector.
     *
     * @param values the values
     * @return an int64 vector
     */
    public static TensorData vector(long... values) {
        return ofLongs(values, values.length);
    }

    /**
     * A float32 tensor that holds one value everywhere.
     *
     * @param value the value
     * @param shape the sizes of its axes
     * @return a float32 tensor that holds one value everywhere
     */
    public static TensorData full(float value, long... shape) {
        float[] values = new float[Math.toIntExact(elements(shape))];
        Arrays.fill(values, value);
        return ofFloats(values, shape);
    }

    private static ByteBuffer allocate(ElementType type, int count) {
        return ByteBuffer.allocate(Math.multiplyExact(count, type.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The number of elements of a shape.
     *
     * @param shape the sizes of its axes
     * @return the number of elements of a shape
     * @throws GraphException if a size is negative or the product does not fit a long
     */
    public static long elements(long... shape) {
        long n = 1;
        for (long d : shape) {
            if (d < 0) {
                throw new GraphException(
                        "shape " + Arrays.toString(shape) + ": sizes must not be negative, found " + d);
            }
            try {
                n = Math.multiplyExact(n, d);
            } catch (ArithmeticException e) {
                throw new GraphException("shape " + Arrays.toString(shape) + ": too many elements", e);
            }
        }
        return n;
    }

    /**
     * The number of bytes of a tensor's values.
     *
     * @param type the element type
     * @param shape the sizes of its axes
     * @return the number of bytes of a tensor's values
     * @throws GraphException if there are more than {@link #MOST_AXES} axes, a size is negative or the product does
     *     not fit a long
     */
    public static long byteCount(ElementType type, long... shape) {
        requireRank(shape.length);
        try {
            return Math.multiplyExact(elements(shape), (long) type.bytes());
        } catch (ArithmeticException e) {
            throw new GraphException("shape " + Arrays.toString(shape) + ": too many elements", e);
        }
    }

    /**
     * Refuses a number of axes that no runtime takes, before any work is done for each.
     *
     * @param axes the axes, possibly negative
     * @throws GraphException if there are more than {@link #MOST_AXES}
     */
    public static void requireRank(int axes) {
        if (axes > MOST_AXES) {
            throw new GraphException("must have at most " + MOST_AXES + " axes, found " + axes);
        }
    }

    /** {@return the element type} */
    public ElementType type() {
        return type;
    }

    /** {@return how many axes there are} */
    public int rank() {
        return shape.length;
    }

    /** {@return a copy of the sizes of the axes} */
    public long[] shape() {
        return shape.clone();
    }

    /**
     * The size of one axis.
     *
     * @param axis the axis, from 0
     * @return the size of one axis
     */
    public long size(int axis) {
        return shape[axis];
    }

    /** {@return how many elements there are} */
    public long elements() {
        return elements(shape);
    }

    /** {@return the values as a read-only little-endian buffer of its own position and limit} */
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** {@return the values converted to float32} */
    public float[] toFloats() {
        float[] out = new float[Math.toIntExact(elements())];
        if (type == ElementType.FLOAT) {
            data().asFloatBuffer().get(out);
        } else {
            for (int i = 0; i < out.length; i++) {
                out[i] = (float) getDouble(i);
            }
        }
        return out;
    }

    /** {@return the values converted to float64} */
    public double[] toDoubles() {
        double[] out = new double[Math.toIntExact(elements())];
        for (int i = 0; i < out.length; i++) {
            out[i] = getDouble(i);
        }
        return out;
    }

    /** {@return the values converted to int64; floating-point values are cut towards zero} */
    public long[] toLongs() {
        long[] out = new long[Math.toIntExact(elements())];
        for (int i = 0; i < out.length; i++) {
            out[i] = getLong(i);
        }
        return out;
    }

    /**
     * Element {@code i} in row-major order as float64.
     *
     * @param i the index in row-major order
     * @return element {@code i} in row-major order as float64
     */
    public double getDouble(int i) {
        return switch (type) {
            case FLOAT -> data.getFloat(4 * i);
            case DOUBLE -> data.getDouble(8 * i);
            case FLOAT16 -> HalfFloats.fromFloat16(data.getShort(2 * i));
            case BFLOAT16 -> HalfFloats.fromBfloat16(data.getShort(2 * i));
            default -> getLong(i);
        };
    }

    /**
     * Element {@code i} in row-major order as int64.
     *
     * @param i the index in row-major order
     * @return element {@code i} in row-major order as int64
     */
    public long getLong(int i) {
        return switch (type) {
            case INT64, UINT64 -> data.getLong(8 * i);
            case INT32 -> data.getInt(4 * i);
            case UINT32 -> Integer.toUnsignedLong(data.getInt(4 * i));
            case INT16 -> data.getShort(2 * i);
            case UINT16 -> Short.toUnsignedLong(data.getShort(2 * i));
            case INT8 -> data.get(i);
            case UINT8, BOOL -> Byte.toUnsignedLong(data.get(i));
            default -> (long) getDouble(i);
        };
    }

    /**
     * The values rounded to another element type; itself where it has that type already.
     *
     * @param newType the element type wanted
     * @return the values rounded to another element type
     */
    public TensorData as(ElementType newType) {
        if (newType == type) {
            return this;
        }
        int count = Math.toIntExact(elements());
        ByteBuffer b = allocate(newType, count);
        for (int i = 0; i < count; i++) {
            if (type.isFloating()) {
                put(b, newType, getDouble(i));
            } else {
                put(b, newType, getLong(i));
            }
        }
        return of(newType, b.flip(), shape);
    }

    private static void put(ByteBuffer b, ElementType type, double v) {
        switch (type) {
            case FLOAT -> b.putFloat((float) v);
            case DOUBLE -> b.putDouble(v);
            case FLOAT16 -> b.putShort(HalfFloats.toFloat16((float) v));
            case BFLOAT16 -> b.putShort(HalfFloats.toBfloat16((float) v));
            case BOOL -> b.put((byte) (v != 0 ? 1 : 0));
            default -> put(b, type, (long) v);
        }
    }

    private static void put(ByteBuffer b, ElementType type, long v) {
        switch (type) {
            case INT64, UINT64 -> b.putLong(v);
            case INT32, UINT32 -> b.putInt((int) v);
            case INT16, UINT16 -> b.putShort((short) v);
            case INT8, UINT8 -> b.put((byte) v);
            case BOOL -> b.put((byte) (v != 0 ? 1 : 0));
            default -> put(b, type, (double) v);
        }
    }

    /**
     * The same values under another shape of as many elements.
     *
     * @param newShape the new sizes
     * @return the same values under another shape of as many elements
     */
    public TensorData reshape(long... newShape) {
        return of(type, data(), newShape);
    }

    /**
     * The slices at {@code indices} along {@code axis}, in that order.
     *
     * @param axis the axis, from 0
     * @param indices the indices that are taken, in their order
     * @return the slices at {@code indices} along {@code axis}
     */
    public TensorData take(int axis, int[] indices) {
        int[] @Nullable [] all = new int[shape.length][];
        all[axis] = indices;
        return take(all);
    }

    /**
     * The slices at some indices along each axis, in that order: copied once, however many axes are cut.
     *
     * @param indices per axis; null for the whole axis
     * @return the slices at some indices along each axis
     */
    public TensorData take(int[] @Nullable [] indices) {
        long[] newShape = shape.clone();
        int last = -1;
        for (int a = 0; a < shape.length; a++) {
            int[] some = indices[a];
            if (some != null) {
                newShape[a] = some.length;
                last = a;
            }
        }
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(byteCount(type, newShape)));
        if (out.hasRemaining()) {
            copy(out, indices, 0, last, 0);
        }
        return of(type, out.flip(), newShape);
    }

    /** Appends what is taken from axis {@code axis} on, at position {@code from} along the axes before it. */
    private void copy(ByteBuffer out, int[] @Nullable [] indices, int axis, int last, long from) {
        if (axis > last) {
            int bytes = Math.toIntExact(byteCount(type, Arrays.copyOfRange(shape, axis, shape.length)));
            out.put(out.position(), data, Math.toIntExact(from * bytes), bytes).position(out.position() + bytes);
            return;
        }
        int[] some = indices[axis];
        if (axis < last || some == null) {
            for (int i = 0; i < (some == null ? shape[axis] : some.length); i++) {
                copy(out, indices, axis + 1, last, from * shape[axis] + (some == null ? i : some[i]));
            }
            return;
        }
        int each = Math.toIntExact(byteCount(type, Arrays.copyOfRange(shape, axis + 1, shape.length)));
        for (int i = 0; i < some.length; ) {
            int run = 1;
            while (i + run < some.length && some[i + run] == some[i] + run) {
                run++;
            }
            int at = Math.toIntExact((from * shape[axis] + some[i]) * each);
            out.put(out.position(), data, at, run * each).position(out.position() + run * each);
            i += run;
        }
    }

    /**
     * The same values with axes reordered: axis {@code i} of the result is axis {@code perm[i]} of this.
     *
     * @param perm which axis each axis of the result is
     * @return the same values with axes reordered
     */
    public TensorData transpose(int[] perm) {
        long[] newShape = new long[perm.length];
        long[] stride = new long[perm.length];
        for (int i = 0; i < perm.length; i++) {
            newShape[i] = shape[perm[i]];
            stride[i] = stride(perm[i]);
        }
        return gather(newShape, stride);
    }

    /**
     * This tensor stretched along axes of size 1 (and new leading ones) to a shape.
     *
     * @param newShape the new sizes
     * @return this tensor stretched along axes of size 1 (and new leading ones) to a shape
     */
    public TensorData expand(long[] newShape) {
        if (elements() == 1) {
            return filled(newShape);
        }
        long[] stride = new long[newShape.length];
        for (int i = 0; i < newShape.length; i++) {
            int a = i - newShape.length + shape.length;
            stride[i] = a < 0 || shape[a] == 1 ? 0 : stride(a);
        }
        return gather(newShape, stride);
    }

    /** This one element everywhere. */
    private TensorData filled(long[] newShape) {
        byte[] out = new byte[Math.multiplyExact(Math.toIntExact(elements(newShape)), type.bytes())];
        int done = Math.min(type.bytes(), out.length);
        data().get(out, 0, done);
        while (done > 0 && done < out.length) {
            int count = Math.min(done, out.length - done);
            System.arraycopy(out, 0, out, done, count);
            done += count;
        }
        return of(type, ByteBuffer.wrap(out), newShape);
    }

    private long stride(int axis) {
        long n = 1;
        for (int a = axis + 1; a < shape.length; a++) {
            n *= shape[a];
        }
        return n;
    }

    /** Element at index vector i is this tensor's at the sum of i·stride. */
    private TensorData gather(long[] newShape, long[] stride) {
        int count = Math.toIntExact(elements(newShape));
        int bytes = type.bytes();
        byte[] in = new byte[data.remaining()];
        data().get(in);
        byte[] out = new byte[Math.multiplyExact(count, bytes)];
        long[] index = new long[newShape.length];
        long from = 0;
        for (int i = 0; i < count; i++) {
            System.arraycopy(in, (int) from * bytes, out, i * bytes, bytes);
            for (int a = newShape.length - 1; a >= 0; a--) {
                from += stride[a];
                if (++index[a] < newShape[a]) {
                    break;
                }
                from -= stride[a] * newShape[a];
                index[a] = 0;
            }
        }
        return of(type, ByteBuffer.wrap(out), newShape);
    }

    /** Whether type, shape and every byte are the same. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TensorData t
                && type == t.type
                && Arrays.equals(shape, t.shape)
                && data().equals(t.data());
    }

    @Override
    public int hashCode() {
        return 31 * type.hashCode() + Arrays.hashCode(shape);
    }

    @Override
    public String toString() {
        return type + Arrays.toString(shape);
    }
}
