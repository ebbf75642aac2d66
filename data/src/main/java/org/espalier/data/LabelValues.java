package org.espalier.data;

/**
 * What is known of the numbers that label examples. It says what they mean: zeros and ones are no amounts.
 *
 * @param zerosAndOnes whether there is nothing else
 * @param oneHot whether each example has a single one, and zeros beside it
 * @param whole whether all are whole numbers
 * @param smallest of all
 * @param largest of all but {@value #VOID}, by which label maps of bytes say that a pixel has no class
 */
public record LabelValues(boolean zerosAndOnes, boolean oneHot, boolean whole, float smallest, float largest) {
    /** What a pixel without a class has in label maps of bytes. */
    public static final int VOID = 255;

    /** Of no numbers. */
    static final LabelValues NONE = new LabelValues(true, true, true, Float.MAX_VALUE, -Float.MAX_VALUE);

    static LabelValues of(float[][] rows) {
        LabelValues all = NONE;
        for (float[] row : rows) {
            all = all.and(of(row));
        }
        return all;
    }

    private static LabelValues of(float[] row) {
        int ones = 0;
        int zeros = 0;
        boolean whole = true;
        float smallest = Float.MAX_VALUE;
        float largest = -Float.MAX_VALUE;
        for (float v : row) {
            ones += v == 1 ? 1 : 0;
            zeros += v == 0 ? 1 : 0;
            whole &= v == Math.rint(v);
            smallest = Math.min(smallest, v);
            largest = v == VOID ? largest : Math.max(largest, v);
        }
        boolean both = ones + zeros == row.length;
        return new LabelValues(both, both && ones == 1 && zeros > 0, whole, smallest, largest);
    }

    /** What is known of both these numbers and others. */
    LabelValues and(LabelValues other) {
        return new LabelValues(
                zerosAndOnes && other.zerosAndOnes,
                oneHot && other.oneHot,
                whole && other.whole,
                Math.min(smallest, other.smallest),
                Math.max(largest, other.largest));
    }
}
