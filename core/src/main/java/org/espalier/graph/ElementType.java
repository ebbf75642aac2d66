package org.espalier.graph;

import java.util.Arrays;

/** Element types of tensors, with ONNX's names and numbers. */
public enum ElementType {
    FLOAT(1, 4),
    UINT8(2, 1),
    INT8(3, 1),
    UINT16(4, 2),
    INT16(5, 2),
    INT32(6, 4),
    INT64(7, 8),
    BOOL(9, 1),
    FLOAT16(10, 2),
    DOUBLE(11, 8),
    UINT32(12, 4),
    UINT64(13, 8),
    BFLOAT16(16, 2);

    private final int onnx;
    private final int bytes;

    ElementType(int onnx, int bytes) {
        this.onnx = onnx;
        this.bytes = bytes;
    }

    /** The number of {@code TensorProto.DataType}. */
    public int onnx() {
        return onnx;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Whether values are floating-point numbers, so that gradients and weights make sense. */
    public boolean isFloating() {
        return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
    }

    /** Whether ONNX's number of an element type is that of one of these. */
    public static boolean isSupported(int number) {
        return Arrays.stream(values()).anyMatch(t -> t.onnx == number);
    }

    /**
     * The type with a given ONNX number.
     *
     * @throws GraphException if there is none, or it is one (strings, complex numbers, floats of 8 and 4 bits, integers of less than 8) that is not supported
     */
    public static ElementType ofOnnx(int number, String where) {
        for (ElementType t : values()) {
            if (t.onnx == number) {
                return t;
            }
        }
        throw new GraphException(
                where + ": element type " + number + " is not supported, expected one of FLOAT, DOUBLE, FLOAT16,"
                        + " BFLOAT16, BOOL or an integer type of 8 to 64 bits");
    }
}
