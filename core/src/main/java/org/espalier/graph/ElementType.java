package org.espalier.graph;

import java.util.Arrays;

/** Element types of tensors, with ONNX's names and numbers. */
public enum ElementType {
    /** 16-bit floating point with the range of float32. */
    FLOAT(1, 4),
    /** 16-bit floating point with the range of float32. */
    UINT8(2, 1),
    /** 16-bit floating point with the range of float32. */
    INT8(3, 1),
    /** 16-bit floating point with the range of float32. */
    UINT16(4, 2),
    /** 16-bit floating point with the range of float32. */
    INT16(5, 2),
    /** 16-bit floating point with the range of float32. */
    INT32(6, 4),
    /** 16-bit floating point with the range of float32. */
    INT64(7, 8),
    /** 16-bit floating point with the range of float32. */
    BOOL(9, 1),
    /** 16-bit floating point with the range of float32. */
    FLOAT16(10, 2),
    /** 16-bit floating point with the range of float32. */
    DOUBLE(11, 8),
    /** 16-bit floating point with the range of float32. */
    UINT32(12, 4),
    /** 16-bit floating point with the range of float32. */
    UINT64(13, 8),
    /** 16-bit floating point with the range of float32. */
    BFLOAT16(16, 2);

    /** FLOAT8E4M3FN; the last one below is INT2. */
    private static final int FIRST_QUANTISED = 17;

    private static final int LAST_QUANTISED = 26;

    private final int onnx;
    private final int bytes;

    ElementType(int onnx, int bytes) {
        this.onnx = onnx;
        this.bytes = bytes;
    }

    /** {@return the number of {@code TensorProto.DataType}} */
    public int onnx() {
        return onnx;
    }

    /** {@return bytes of one element} */
    public int bytes() {
        return bytes;
    }

    /** {@return whether values are floating-point numbers, so that gradients and weights make sense} */
    public boolean isFloating() {
        return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
    }

    /**
     * Whether ONNX's number of an element type is that of one of these.
     *
     * @param number ONNX's number of the element type
     * @return whether ONNX's number of an element type is that of one of these
     */
    public static boolean isSupported(int number) {
        return Arrays.stream(values()).anyMatch(t -> t.onnx == number);
    }

    /**
     * The type with a given ONNX number.
     *
     * @param number ONNX's number of the element type
     * @param where what the number belongs to, for messages
     * @return the type with a given ONNX number
     * @throws GraphException if there is none, or it is one (strings, complex numbers, floats of 8 and 4 bits,
     *     integers of less than 8) that is not supported
     */
    public static ElementType ofOnnx(int number, String where) {
        for (ElementType t : values()) {
            if (t.onnx == number) {
                return t;
            }
        }
        throw new GraphException(
                where + ": element type " + number + (isQuantised(number) ? " (numbers of 8 bits or fewer)" : "")
                        + " is not supported, expected one of FLOAT, DOUBLE, FLOAT16, BFLOAT16, BOOL or an integer type"
                        + " of 8 to 64 bits"
                        + (isQuantised(number) ? "; take the network from before it was quantised" : ""));
    }

    /** Whether a number is that of a float of 8 or 4 bits, or of an integer of less than 8. */
    private static boolean isQuantised(int number) {
        return number >= FIRST_QUANTISED && number <= LAST_QUANTISED;
    }
}
