package org.espalier.zoo;

/**
 * A factor on the width of every hidden layer.
 *
 * @param scale positive and finite
 */
record WidthScale(double scale) {
    /** The scaled number of channels, at least one. */
    int of(int channels) {
        return Math.max(1, (int) Math.round(channels * scale));
    }
}
