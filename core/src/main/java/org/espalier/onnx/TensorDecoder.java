package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.espalier.graph.ElementType;
import org.espalier.graph.GraphException;
import org.espalier.graph.TensorData;

/** {@code TensorProto} to {@link TensorData}. Nothing is allocated before the data are known to fit the shape. */
final class TensorDecoder {
    private final ExternalData external;

    TensorDecoder(ExternalData external) {
        this.external = external;
    }

    /** Whether a tensor holds texts, which are carried along where nothing is computed with them. */
    static boolean isText(TensorProto proto) {
        boolean outside = proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL || proto.hasSegment();
        long elements = 1;
        for (long d : proto.getDimsList()) {
            elements = d < 0 || elements > Integer.MAX_VALUE ? -1 : elements * d;
        }
        return proto.getDataType() == TensorProto.DataType.STRING.getNumber()
                && !outside
                && !proto.hasRawData()
                && proto.getStringDataCount() == elements;
    }

    TensorData decode(TensorProto proto, String where) {
        if (proto.getStringDataCount() > 0 || proto.getDataType() == TensorProto.DataType.STRING.getNumber()) {
            throw new GraphException(where + ": string tensors are not supported");
        }
        if (proto.hasSegment()) {
            throw new GraphException(where + ": tensors in segments are not supported");
        }
        ElementType type = ElementType.ofOnnx(proto.getDataType(), where);
        requireRank(proto.getDimsCount(), where);
        long[] shape = new long[proto.getDimsCount()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = proto.getDims(i);
        }
        long bytes = byteCount(type, shape, where);
        ByteBuffer data;
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            data = external.read(proto, bytes, where);
        } else if (proto.hasRawData() && (!proto.getRawData().isEmpty() || typedCount(proto, type) == 0)) {
            data = proto.getRawData().asReadOnlyByteBuffer();
            if (typedCount(proto, type) > 0) {
                throw new GraphException(where + ": has raw and typed data, expected one of them");
            }
        } else {
            data = typed(proto, type, shape, where);
        }
        if (data.remaining() != bytes) {
            throw new GraphException(where + ": data must fit type " + type + " and shape " + Arrays.toString(shape)
                    + ", expected " + bytes + " bytes, found " + data.remaining());
        }
        return TensorData.of(type, data, shape);
    }

    static void requireRank(int axes, String where) {
        try {
            TensorData.requireRank(axes);
        } catch (GraphException e) {
            throw new GraphException(where + ": " + e.getMessage(), e);
        }
    }

    private static long byteCount(ElementType type, long[] shape, String where) {
        try {
            return TensorData.byteCount(type, shape);
        } catch (GraphException e) {
            throw new GraphException(where + ": " + e.getMessage(), e);
        }
    }

    private static int typedCount(TensorProto proto, ElementType type) {
        return switch (type) {
            case FLOAT -> proto.getFloatDataCount();
            case DOUBLE -> proto.getDoubleDataCount();
            case INT64 -> proto.getInt64DataCount();
            case UINT32, UINT64 -> proto.getUint64DataCount();
            default -> proto.getInt32DataCount();
        };
    }

    private static ByteBuffer typed(TensorProto proto, ElementType type, long[] shape, String where) {
        int count = typedCount(proto, type);
        long expected = TensorData.elements(shape);
        if (count != expected) {
            throw new GraphException(where + ": data must fit shape " + Arrays.toString(shape) + ", expected "
                    + expected + " values of type " + type + ", found " + count);
        }
        if ((long) count * type.bytes() > Integer.MAX_VALUE) {
            throw new GraphException(where + ": expected less than 2 GB per tensor");
        }
        ByteBuffer out = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            switch (type) {
                case FLOAT -> out.putFloat(proto.getFloatData(i));
                case DOUBLE -> out.putDouble(proto.getDoubleData(i));
                case INT64 -> out.putLong(proto.getInt64Data(i));
                case UINT64 -> out.putLong(proto.getUint64Data(i));
                case UINT32 -> out.putInt((int) proto.getUint64Data(i));
                case INT32 -> out.putInt(proto.getInt32Data(i));
                case INT16, UINT16, FLOAT16, BFLOAT16 -> out.putShort((short) small(proto, i, 16, where));
                case INT8, UINT8 -> out.put((byte) small(proto, i, 8, where));
                case BOOL -> out.put((byte) (proto.getInt32Data(i) == 0 ? 0 : 1));
            }
        }
        return out.flip();
    }

    /** A value of int32_data that stands for {@code bits} bits, with or without a sign. */
    private static int small(TensorProto proto, int i, int bits, String where) {
        int value = proto.getInt32Data(i);
        if (value < -(1 << (bits - 1)) || value >= 1 << bits) {
            throw new GraphException(
                    where + ": value " + i + " must fit " + bits + " bits, found " + value + " in int32_data");
        }
        return value;
    }
}
