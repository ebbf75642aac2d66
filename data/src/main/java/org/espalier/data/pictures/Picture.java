package org.espalier.data.pictures;

import java.util.Arrays;

/** A picture in bytes, [channels, height, width] with 1 or 3 channels. */
public final class Picture {
    private final int channels;
    private final int height;
    private final int width;
    private final byte[] pixels;

    /**
     * A picture of pixels that nobody changes.
     *
     * @param channels 1 for grey, 3 for red, green and blue
     * @param height pixels
     * @param width pixels
     * @param pixels a byte per channel and position, channel by channel
     */
    public Picture(int channels, int height, int width, byte[] pixels) {
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.pixels = pixels;
    }

    /** {@return how many channels: 1 for grey, 3 for red, green and blue} */
    public int channels() {
        return channels;
    }

    /** {@return rows of pixels} */
    public int height() {
        return height;
    }

    /** {@return columns of pixels} */
    public int width() {
        return width;
    }

    /** {@return a byte per channel and position, channel by channel; not a copy} */
    public byte[] pixels() {
        return pixels;
    }

    /** Grey by luma 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), colour by three equal channels. */
    Picture withChannels(int wanted) {
        if (wanted == channels) {
            return this;
        }
        int plane = height * width;
        byte[] converted = new byte[wanted * plane];
        for (int i = 0; i < plane; i++) {
            if (wanted == 3) {
                converted[i] = pixels[i];
                converted[plane + i] = pixels[i];
                converted[2 * plane + i] = pixels[i];
            } else {
                int red = pixels[i] & 0xff;
                int green = pixels[plane + i] & 0xff;
                int blue = pixels[2 * plane + i] & 0xff;
                converted[i] = (byte) ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);
            }
        }
        return new Picture(wanted, height, width, converted);
    }

    /**
     * Scales so that the shorter side has {@code shorter} pixels (0: just enough) and cuts out the centre.
     *
     * @param newHeight the height wanted, in pixels
     * @param newWidth the width wanted, in pixels
     * @param shorter pixels of the shorter side, or 0
     * @return the picture
     */
    public Picture fit(int newHeight, int newWidth, int shorter) {
        double scale = shorter > 0
                ? (double) shorter / Math.min(height, width)
                : Math.max((double) newHeight / height, (double) newWidth / width);
        int scaledHeight = Math.max(newHeight, (int) Math.round(height * scale));
        int scaledWidth = Math.max(newWidth, (int) Math.round(width * scale));
        return resize(scaledHeight, scaledWidth).crop(newHeight, newWidth);
    }

    private Picture crop(int newHeight, int newWidth) {
        if (newHeight == height && newWidth == width) {
            return this;
        }
        int top = (height - newHeight) / 2;
        int left = (width - newWidth) / 2;
        byte[] cut = new byte[channels * newHeight * newWidth];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < newHeight; y++) {
                int from = (c * height + top + y) * width + left;
                System.arraycopy(pixels, from, cut, (c * newHeight + y) * newWidth, newWidth);
            }
        }
        return new Picture(channels, newHeight, newWidth, cut);
    }

    /** Linear interpolation whose triangle widens with the reduction, so that nothing is skipped. */
    private Picture resize(int newHeight, int newWidth) {
        if (newHeight == height && newWidth == width) {
            return this;
        }
        double[][] across = weights(width, newWidth);
        double[][] down = weights(height, newHeight);
        byte[] resized = new byte[Math.multiplyExact(channels, Math.multiplyExact(newHeight, newWidth))];
        double[] narrow = new double[height * newWidth];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < newWidth; x++) {
                    int first = (int) across[x][0];
                    double sum = 0;
                    for (int k = 1; k < across[x].length; k++) {
                        sum += across[x][k] * (pixels[(c * height + y) * width + first + k - 1] & 0xff);
                    }
                    narrow[y * newWidth + x] = sum;
                }
            }
            for (int y = 0; y < newHeight; y++) {
                int first = (int) down[y][0];
                for (int x = 0; x < newWidth; x++) {
                    double sum = 0;
                    for (int k = 1; k < down[y].length; k++) {
                        sum += down[y][k] * narrow[(first + k - 1) * newWidth + x];
                    }
                    resized[(c * newHeight + y) * newWidth + x] = (byte) (int) Math.min(255, sum + 0.5);
                }
            }
        }
        return new Picture(channels, newHeight, newWidth, resized);
    }

    /** Per new pixel: the first old pixel, then the weights of it and its followers. */
    private static double[][] weights(int from, int to) {
        double step = (double) from / to;
        double reach = Math.max(1, step);
        double[][] weights = new double[to][];
        for (int i = 0; i < to; i++) {
            double centre = (i + 0.5) * step;
            int first = Math.max(0, (int) Math.floor(centre - reach));
            int end = Math.min(from, (int) Math.ceil(centre + reach));
            double[] row = new double[1 + end - first];
            double sum = 0;
            for (int k = first; k < end; k++) {
                row[1 + k - first] = Math.max(0, 1 - Math.abs(k + 0.5 - centre) / reach);
                sum += row[1 + k - first];
            }
            double total = sum;
            Arrays.setAll(row, k -> row[k] / total);
            row[0] = first;
            weights[i] = row;
        }
        return weights;
    }
}
