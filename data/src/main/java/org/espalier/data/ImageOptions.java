package org.espalier.data;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the pictures of an image folder become examples of one shape.
 *
 * @param height of every example in pixels; 0 takes the size that all pictures have
 * @param width of every example in pixels; 0 together with {@code height}
 * @param resize length in pixels that a picture's shorter side is brought to before its centre is cut out; 0 means just
 *     large enough to fill height × width
 * @param channels 1 for grey, 3 for colour, 0 for colour unless all pictures are grey
 * @param normalization of pixels; null measures mean and standard deviation on the training part
 */
public record ImageOptions(
        int height,
        int width,
        int resize,
        int channels,
        @Nullable Normalization normalization) {
    /** Means and deviations of CIFAR-10's training part; widely used, so that results compare. */
    public static final Normalization CIFAR10_NORMALIZATION =
            Normalization.pixels(List.of(0.4914, 0.4822, 0.4465), List.of(0.2470, 0.2435, 0.2616));

    /**
     * Checks.
     *
     * @param height of every example in pixels
     * @param width of every example in pixels
     * @param resize length in pixels that a picture's shorter side is brought to before its centre is cut out
     * @param channels 1 for grey, 3 for colour, 0 for colour unless all pictures are grey
     * @param normalization of pixels
     * @throws IllegalArgumentException if a number is out of range
     */
    public ImageOptions {
        boolean sized = (height > 0 && width > 0) || (height == 0 && width == 0 && resize == 0);
        boolean filled = resize == 0 || resize >= Math.max(height, width);
        if (!sized || !filled || (channels != 0 && channels != 1 && channels != 3)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "image options 'size, channels': both sides or none, resize at least as long, channels 0, 1 or 3, "
                            + "found %dx%d, resize %d, channels %d",
                    height,
                    width,
                    resize,
                    channels));
        }
    }

    /**
     * Pictures as they are, scaled to 0 … 1.
     *
     * @return no size, automatic channels, x/255
     */
    public static ImageOptions asTheyAre() {
        return new ImageOptions(0, 0, 0, 0, Normalization.pixels());
    }

    /**
     * Pictures as CIFAR-10 has them by its name: for those of a folder that are to be the same to a network.
     *
     * @return 32 × 32 in colour, less the training part's means and divided by its deviations
     */
    public static ImageOptions cifar10() {
        return new ImageOptions(32, 32, 0, 3, CIFAR10_NORMALIZATION);
    }

    /**
     * The same with another size.
     *
     * @param newHeight pixels
     * @param newWidth pixels
     * @return pictures of which the centre fills this size
     */
    public ImageOptions withSize(int newHeight, int newWidth) {
        return new ImageOptions(newHeight, newWidth, 0, channels, normalization);
    }

    /**
     * The same with another length of the shorter side before the centre is cut out.
     *
     * @param shorterSide pixels
     * @return the options
     */
    public ImageOptions withResize(int shorterSide) {
        return new ImageOptions(height, width, shorterSide, channels, normalization);
    }

    /**
     * The same with another number of channels.
     *
     * @param newChannels 0, 1 or 3
     * @return the options
     */
    public ImageOptions withChannels(int newChannels) {
        return new ImageOptions(height, width, resize, newChannels, normalization);
    }

    /**
     * The same with another normalisation.
     *
     * @param newNormalization of pixels, or null to measure it on the training part
     * @return the options
     */
    public ImageOptions withNormalization(@Nullable Normalization newNormalization) {
        return new ImageOptions(height, width, resize, channels, newNormalization);
    }
}
