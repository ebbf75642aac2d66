package org.espalier.data;

import java.util.List;

/**
 * One input of a data set: what a network's input of the same name is fed with.
 *
 * @param name the network's input name; empty for the only input of an image set, which fits any name
 * @param type how elements are kept
 * @param shape of one example, without the batch axis; images are [C, H, W]; empty for one number per example
 * @param normalization how stored values become floats; ignored for {@link StorageType#INT64}
 */
public record InputSpec(String name, StorageType type, List<Integer> shape, Normalization normalization) {
    /**
     * Checks and copies.
     *
     * @param name the network's input name
     * @param type how elements are kept
     * @param shape of one example, without the batch axis
     * @param normalization how stored values become floats
     * @throws IllegalArgumentException if a dimension is not positive or the normalisation has another channel count
     */
    public InputSpec {
        shape = List.copyOf(shape);
        for (int dimension : shape) {
            if (dimension < 1) {
                throw new IllegalArgumentException(
                        "input '" + name + "': dimensions must be positive, expected >= 1, found shape " + shape);
            }
        }
        int channels = shape.isEmpty() ? 1 : shape.get(0);
        if (normalization.mean().size() != 1 && normalization.mean().size() != channels) {
            throw new IllegalArgumentException("input '" + name
                    + "': normalization must have one mean per channel, expected " + channels + ", found "
                    + normalization.mean().size());
        }
    }

    /**
     * Elements of one example.
     *
     * @return the product of the shape
     * @throws ArithmeticException if it exceeds an int
     */
    public int elements() {
        int product = 1;
        for (int dimension : shape) {
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }

    /**
     * Whether examples are images, [C, H, W].
     *
     * @return true for three dimensions
     */
    public boolean isImage() {
        return shape.size() == 3;
    }
}
