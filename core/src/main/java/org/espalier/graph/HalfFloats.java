package org.espalier.graph;

/** 16-bit floating-point numbers from and to float32 (IEEE 754 binary16, and bfloat16: the upper half of a binary32). */
final class HalfFloats {
    private HalfFloats() {}

    /**
     * The value of a binary16. Exact.
     *
     * @param h the 16 bits
     * @return the value of a binary16
     */
    public static float fromFloat16(short h) {
        int sign = (h & 0x8000) << 16;
        int exponent = (h >> 10) & 0x1f;
        int mantissa = h & 0x3ff;
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f800000 | (mantissa << 13));
        }
        if (exponent == 0) {
            float magnitude = mantissa * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
    }

    /**
     * The value of a bfloat16. Exact.
     *
     * @param h the 16 bits
     * @return the value of a bfloat16
     */
    public static float fromBfloat16(short h) {
        return Float.intBitsToFloat(h << 16);
    }

    /**
     * The binary16 nearest to a value, ties to even; too large becomes infinite.
     *
     * @param value the number
     * @return the binary16 nearest to a value, ties to even
     */
    public static short toFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 65520f) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x1p-14f) {
            return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
        }
        int m = bits & 0x7fffffff;
        int rounded = m + 0xfff + ((m >> 13) & 1);
        return (short) (sign | ((rounded - (112 << 23)) >> 13));
    }

    /**
     * The bfloat16 nearest to a value, ties to even.
     *
     * @param value the number
     * @return the bfloat16 nearest to a value, ties to even
     */
    public static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }
}
