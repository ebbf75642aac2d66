package org.espalier.torch.ops;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.espalier.graph.ElementType;
import org.espalier.graph.TensorData;

/** Values between Java and libtorch: the one place where bytes are copied. */
public final class TensorConversions {
    private TensorConversions() {}

    /**
     * A constant as a libtorch tensor in main memory.
     *
     * @param value the value
     * @return a tensor of the open scope
     */
    public static Tensor toTorch(TensorData value) {
        Tensor out = empty(scalarType(value.type()), value.shape());
        ByteBuffer source = value.data();
        if (source.remaining() > 0) {
            byte[] bytes = new byte[source.remaining()];
            source.get(bytes);
            bytePointer(out, bytes.length).put(bytes);
        }
        return out;
    }

    /**
     * A constant as a libtorch tensor on a device.
     *
     * @param value the value
     * @param device where it is to live
     * @return a tensor of the open scope
     */
    public static Tensor toTorch(TensorData value, Device device) {
        Tensor out = toTorch(value);
        return device.is_cpu() ? out : out.to(device, out.scalar_type());
    }

    /**
     * A copy of a libtorch tensor's values in row-major order, whatever its layout and device.
     *
     * @param value the value
     * @return a copy of the value
     */
    public static TensorData toGraph(Tensor value) {
        Tensor plain = value.detach().cpu().contiguous();
        long bytes = plain.numel() * plain.element_size();
        byte[] out = new byte[Math.toIntExact(bytes)];
        if (bytes > 0) {
            bytePointer(plain, bytes).get(out);
        }
        ByteBuffer buffer = ByteBuffer.wrap(out).order(ByteOrder.LITTLE_ENDIAN);
        return TensorData.of(elementType(plain.scalar_type()), buffer, shape(plain));
    }

    /**
     * A float32 tensor in main memory.
     *
     * @param values its elements, as many as the shape says
     * @param shape its sizes
     * @return a tensor of the open scope
     */
    public static Tensor floats(float[] values, long... shape) {
        Tensor out = empty(ScalarType.Float, shape);
        if (out.numel() != values.length) {
            throw new IllegalArgumentException(
                    "tensor: data must fit the shape, expected " + out.numel() + " values, found " + values.length);
        }
        if (values.length > 0) {
            out.data_ptr_float().put(values);
        }
        return out;
    }

    /**
     * An int64 tensor in main memory.
     *
     * @param values its elements, as many as the shape says
     * @param shape its sizes
     * @return a tensor of the open scope
     */
    public static Tensor longs(long[] values, long... shape) {
        Tensor out = empty(ScalarType.Long, shape);
        if (out.numel() != values.length) {
            throw new IllegalArgumentException(
                    "tensor: data must fit the shape, expected " + out.numel() + " values, found " + values.length);
        }
        if (values.length > 0) {
            out.data_ptr_long().put(values);
        }
        return out;
    }

    /**
     * A tensor's shape.
     *
     * @param value the value
     * @return its sizes
     */
    public static long[] shape(Tensor value) {
        long[] out = new long[Math.toIntExact(value.dim())];
        for (int i = 0; i < out.length; i++) {
            out[i] = value.size(i);
        }
        return out;
    }

    private static Tensor empty(ScalarType type, long... shape) {
        return torch.empty(shape, new TensorOptions(type), new MemoryFormatOptional());
    }

    private static BytePointer bytePointer(Tensor contiguous, long bytes) {
        return new BytePointer(contiguous.data_ptr()).capacity(bytes);
    }

    /**
     * libtorch's name of an element type.
     *
     * @param type the graph's element type
     * @return libtorch's
     */
    public static ScalarType scalarType(ElementType type) {
        return switch (type) {
            case FLOAT -> ScalarType.Float;
            case DOUBLE -> ScalarType.Double;
            case FLOAT16 -> ScalarType.Half;
            case BFLOAT16 -> ScalarType.BFloat16;
            case INT8 -> ScalarType.Char;
            case UINT8 -> ScalarType.Byte;
            case INT16 -> ScalarType.Short;
            case UINT16 -> ScalarType.UInt16;
            case INT32 -> ScalarType.Int;
            case UINT32 -> ScalarType.UInt32;
            case INT64 -> ScalarType.Long;
            case UINT64 -> ScalarType.UInt64;
            case BOOL -> ScalarType.Bool;
        };
    }

    private static ElementType elementType(ScalarType type) {
        return switch (type.intern()) {
            case Float -> ElementType.FLOAT;
            case Double -> ElementType.DOUBLE;
            case Half -> ElementType.FLOAT16;
            case BFloat16 -> ElementType.BFLOAT16;
            case Char -> ElementType.INT8;
            case Byte -> ElementType.UINT8;
            case Short -> ElementType.INT16;
            case UInt16 -> ElementType.UINT16;
            case Int -> ElementType.INT32;
            case UInt32 -> ElementType.UINT32;
            case Long -> ElementType.INT64;
            case UInt64 -> ElementType.UINT64;
            case Bool -> ElementType.BOOL;
            default ->
                throw new IllegalArgumentException("tensor: element type must have an ONNX counterpart, found " + type);
        };
    }

    /**
     * A flat tensor in the shape of another, and in its order in memory where that has no gaps: for numbers drawn by
     * chance, of which it does not matter which comes where.
     *
     * @param like the tensor whose memory order is taken
     * @param flat as many elements in one dimension
     * @return a tensor of that shape and order
     */
    public static Tensor laidOutAs(Tensor like, Tensor flat) {
        return like.is_non_overlapping_and_dense()
                ? flat.as_strided(like.sizes(), like.strides())
                : flat.view(like.sizes());
    }
}
