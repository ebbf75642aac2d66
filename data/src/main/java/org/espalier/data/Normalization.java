package org.espalier.data;

import java.util.List;
import java.util.Locale;

/**
 * How a stored value becomes the number that a network sees: (x·scale − mean[c]) / std[c] for channel c.
 *
 * <p>With {@code perImage} the mean and the standard deviation are those of the image at hand, over all its channels
 * and pixels: (x·scale − m) / max(s, 1/√n) for n values; {@code mean} and {@code std} are then 0 and 1. It belongs to
 * the data rather than to the augmentation because evaluation must do the same.
 *
 * @param scale what a stored value is multiplied by first: 1/255 for pixels, 1 for arrays; positive
 * @param mean per channel, in units after scaling; one value stands for all channels
 * @param std per channel, positive; as many values as {@code mean}
 * @param perImage whether each image is standardised by itself
 */
public record Normalization(double scale, List<Double> mean, List<Double> std, boolean perImage) {
    private static final double PIXEL = 1.0 / 255.0;

    /**
     * Checks and copies.
     *
     * @param scale what a stored value is multiplied by first: 1/255 for pixels, 1 for arrays
     * @param mean per channel, in units after scaling
     * @param std per channel, positive
     * @param perImage whether each image is standardised by itself
     * @throws IllegalArgumentException if a number is out of range or the lists do not fit
     */
    public Normalization {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (!(scale > 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException(
                    "normalization 'scale': scale must be positive and finite, expected > 0, found " + scale);
        }
        if (mean.isEmpty() || mean.size() != std.size()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "normalization 'mean, std': there must be one of each per channel, expected %d std, found %d",
                    mean.size(),
                    std.size()));
        }
        for (int c = 0; c < mean.size(); c++) {
            if (!Double.isFinite(mean.get(c)) || !(std.get(c) > 0) || Double.isInfinite(std.get(c))) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "normalization 'channel %d': std must be positive and both finite, found mean %s, std %s",
                        c,
                        mean.get(c),
                        std.get(c)));
            }
        }
    }

    /**
     * Pixels from 0 to 1: x/255, so that a black background stays exactly zero.
     *
     * @return mean 0, standard deviation 1, scale 1/255
     */
    public static Normalization pixels() {
        return new Normalization(PIXEL, List.of(0.0), List.of(1.0), false);
    }

    /**
     * Pixels standardised per channel: (x/255 − mean[c]) / std[c].
     *
     * @param mean per channel, of pixels from 0 to 1
     * @param std per channel, positive
     * @return the normalisation
     * @throws IllegalArgumentException if a number is out of range or the lists do not fit
     */
    public static Normalization pixels(List<Double> mean, List<Double> std) {
        return new Normalization(PIXEL, mean, std, false);
    }

    /**
     * Pixels standardised image by image.
     *
     * @return scale 1/255 and the image's own mean and standard deviation
     */
    public static Normalization perImagePixels() {
        return new Normalization(PIXEL, List.of(0.0), List.of(1.0), true);
    }

    /**
     * The value as it is stored.
     *
     * @return mean 0, standard deviation 1, scale 1
     */
    public static Normalization identity() {
        return new Normalization(1.0, List.of(0.0), List.of(1.0), false);
    }

    /** Whether mean and standard deviation change anything. */
    boolean shifts() {
        return perImage || !mean.stream().allMatch(m -> m == 0) || !std.stream().allMatch(s -> s == 1);
    }

    double mean(int channel) {
        return mean.get(mean.size() == 1 ? 0 : channel);
    }

    double std(int channel) {
        return std.get(std.size() == 1 ? 0 : channel);
    }
}
