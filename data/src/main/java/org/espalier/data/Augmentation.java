package org.espalier.data;

import org.apache.commons.rng.UniformRandomProvider;

/**
 * A random change of a training image that leaves its class alone.
 *
 * <p>It works in place on pixels [C, H, W] before mean and standard deviation are taken out: bytes as 0 to 1, whatever
 * their scale is afterwards; floats in their own unit, because nothing says what black and white are. The random numbers belong to the example and the epoch, whichever thread draws them. Implementations
 * keep no state.
 */
@FunctionalInterface
public interface Augmentation {
    /**
     * Changes one image.
     *
     * @param pixels the image begins at 0 and takes channels · height · width elements
     * @param channels C
     * @param height H
     * @param width W
     * @param coin this example's own: thrown once, turned over after every epoch
     * @param random this example's own stream in this epoch
     */
    void apply(float[] pixels, int channels, int height, int width, boolean coin, UniformRandomProvider random);

    /**
     * This change and then another.
     *
     * @param next what follows
     * @return both
     */
    default Augmentation then(Augmentation next) {
        return (pixels, channels, height, width, coin, random) -> {
            apply(pixels, channels, height, width, coin, random);
            next.apply(pixels, channels, height, width, coin, random);
        };
    }

    /**
     * Cuts the image out of itself with a black margin: moves it by up to {@code padding} pixels each way.
     *
     * @param padding pixels on every side, at least 0
     * @return the change
     * @throws IllegalArgumentException if {@code padding} is negative
     */
    static Augmentation randomCrop(int padding) {
        if (padding < 0) {
            throw new IllegalArgumentException(
                    "augmentation 'random crop': padding must not be negative, expected >= 0, found " + padding);
        }
        return (pixels, channels, height, width, coin, random) -> {
            int down = random.nextInt(2 * padding + 1) - padding;
            int right = random.nextInt(2 * padding + 1) - padding;
            PixelOps.shift(pixels, channels, height, width, down, right);
        };
    }

    /**
     * Swaps left and right of every image in every other epoch, of half of them in the first: two epochs show each image both ways, where
     * a coin thrown anew would show half of them the same way twice.
     *
     * <p>Source: Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024.
     *
     * @return the change
     */
    static Augmentation horizontalFlip() {
        return (pixels, channels, height, width, coin, random) -> {
            if (coin) {
                PixelOps.flip(pixels, channels * height, width);
            }
        };
    }

    /**
     * Gives a square of the image, anywhere inside it, each channel's mean, so that no one part of a picture is relied upon.
     *
     * <p>Source: DeVries, Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017; their squares may reach over
     * the edge.
     *
     * @param side pixels, at least 1; an image that is narrower or lower loses that much of it
     * @return the change
     * @throws IllegalArgumentException if {@code side} is less than 1
     */
    static Augmentation cutout(int side) {
        if (side < 1) {
            throw new IllegalArgumentException(
                    "augmentation 'cutout': side must be positive, expected >= 1, found " + side);
        }
        return (pixels, channels, height, width, coin, random) -> {
            int rows = Math.min(side, height);
            int columns = Math.min(side, width);
            int top = random.nextInt(height - rows + 1);
            int left = random.nextInt(width - columns + 1);
            PixelOps.cut(pixels, channels, height, width, top, left, rows, columns);
        };
    }

    /**
     * Adds one number to all pixels, uniform on [−delta, delta]; nothing is clipped.
     *
     * @param delta such as 63.0 / 255; images of bytes have a range of 0 to 1; finite, at least 0
     * @return the change
     * @throws IllegalArgumentException if {@code delta} is out of range
     */
    static Augmentation brightness(double delta) {
        if (!(delta >= 0) || Double.isInfinite(delta)) {
            throw new IllegalArgumentException(
                    "augmentation 'brightness': delta must be finite and not negative, expected >= 0, found " + delta);
        }
        return (pixels, channels, height, width, coin, random) -> {
            float shift = (float) (delta * (2 * random.nextDouble() - 1));
            for (int i = 0; i < channels * height * width; i++) {
                pixels[i] += shift;
            }
        };
    }

    /**
     * Stretches each channel about its mean by one factor, uniform on [low, high]; nothing is clipped.
     *
     * @param low smallest factor, at least 0
     * @param high largest factor, finite, at least {@code low}
     * @return the change
     * @throws IllegalArgumentException if the range is empty
     */
    static Augmentation contrast(double low, double high) {
        if (!(low >= 0) || !(high >= low) || Double.isInfinite(high)) {
            throw new IllegalArgumentException("augmentation 'contrast': range must be finite and not empty, expected "
                    + "0 <= low <= high, found " + low + " to " + high);
        }
        return (pixels, channels, height, width, coin, random) -> {
            float factor = (float) (low + (high - low) * random.nextDouble());
            PixelOps.stretch(pixels, channels, height * width, factor);
        };
    }
}
