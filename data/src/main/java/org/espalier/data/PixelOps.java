package org.espalier.data;

import java.util.Arrays;

/** Changes of an image [C, H, W] in place. */
final class PixelOps {
    private PixelOps() {}

    /** Moves the image; what comes in from outside is 0. */
    static void shift(float[] pixels, int channels, int height, int width, int down, int right) {
        int left = Math.min(width, Math.max(0, right));
        int end = Math.max(left, Math.min(width, width + right));
        for (int c = 0; c < channels; c++) {
            for (int k = 0; k < height; k++) {
                // Rows are written in the order in which none is needed any more as a source.
                int y = down <= 0 ? k : height - 1 - k;
                int to = (c * height + y) * width;
                if (y - down < 0 || y - down >= height || left == end) {
                    Arrays.fill(pixels, to, to + width, 0);
                } else {
                    int from = (c * height + y - down) * width;
                    System.arraycopy(pixels, from + left - right, pixels, to + left, end - left);
                    Arrays.fill(pixels, to, to + left, 0);
                    Arrays.fill(pixels, to + end, to + width, 0);
                }
            }
        }
    }

    /** Mirrors every row. */
    static void flip(float[] pixels, int rows, int width) {
        for (int row = 0; row < rows; row++) {
            for (int i = row * width, j = i + width - 1; i < j; i++, j--) {
                float swap = pixels[i];
                pixels[i] = pixels[j];
                pixels[j] = swap;
            }
        }
    }

    /** Multiplies each channel's distance from its mean. */
    static void stretch(float[] pixels, int channels, int plane, float factor) {
        for (int c = 0; c < channels; c++) {
            int from = c * plane;
            float mean = mean(pixels, from, plane);
            for (int i = from; i < from + plane; i++) {
                pixels[i] = (pixels[i] - mean) * factor + mean;
            }
        }
    }

    /** Gives a rectangle, which must lie inside the image, each channel's mean. */
    static void cut(float[] pixels, int channels, int height, int width, int top, int left, int rows, int columns) {
        for (int c = 0; c < channels; c++) {
            int from = c * height * width;
            float mean = mean(pixels, from, height * width);
            for (int y = top; y < top + rows; y++) {
                int at = from + y * width + left;
                Arrays.fill(pixels, at, at + columns, mean);
            }
        }
    }

    private static float mean(float[] pixels, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += pixels[i];
        }
        return (float) (sum / count);
    }
}
