package org.espalier.data;

import org.apache.commons.rng.UniformRandomProvider;

/**
 * A random change of a training image that leaves its class alone.
 *
 * <p>It works in place on pixels [C, H, W] after scaling (0 to 1 for byte images) and before mean and standard deviation
 * are taken out. The random numbers belong to the example and the epoch, whichever thread draws them. Implementations
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
     * @param random this example's own stream
     */
    void apply(float[] pixels, int channels, int height, int width, UniformRandomProvider random);

    /**
     * This change and then another.
     *
     * @param next what follows
     * @return both
     */
    default Augmentation then(Augmentation next) {
        return (pixels, channels, height, width, random) -> {
            apply(pixels, channels, height, width, random);
            next.apply(pixels, channels, height, width, random);
        };
    }
}
