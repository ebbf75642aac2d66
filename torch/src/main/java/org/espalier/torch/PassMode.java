package org.espalier.torch;

/**
 * How a forward pass is run.
 *
 * @param gradients whether autograd records the pass
 * @param batchStatistics whether batch normalisation uses the batch's mean and variance and updates its running ones
 * @param dropout whether Dropout is active
 * @param precision the format of products
 * @param exact whether float32 products are computed in float32; otherwise libtorch's precision "medium" (bfloat16
 *     inside) is used, which is more than twice as fast
 */
public record PassMode(
        boolean gradients, boolean batchStatistics, boolean dropout, Precision precision, boolean exact) {
    /**
     * Checks that the precision is decided.
     *
     * @param gradients whether autograd records the pass
     * @param batchStatistics whether batch normalisation uses the batch's mean and variance and updates its running
     *     ones
     * @param dropout whether Dropout is active
     * @param precision the format of products
     * @param exact whether float32 products are computed in float32
     * @throws IllegalArgumentException if the precision is {@link Precision#AUTO}
     */
    public PassMode {
        if (precision == Precision.AUTO) {
            throw new IllegalArgumentException(
                    "precision: must be decided before a step, expected float32 or mixed, found auto");
        }
    }

    /**
     * Training with batch statistics and dropout; float32 products are fast, not exact.
     *
     * @param precision the format of products
     * @return the mode
     */
    public static PassMode training(Precision precision) {
        return new PassMode(true, true, true, precision, false);
    }

    /**
     * Evaluation: no gradients, running statistics, no dropout, exact float32.
     *
     * @return the mode
     */
    public static PassMode evaluation() {
        return new PassMode(false, false, false, Precision.FLOAT32, true);
    }

    /**
     * This mode with batch normalisation using its running statistics and leaving them as they are.
     *
     * @return the mode
     */
    public PassMode withFrozenStatistics() {
        return new PassMode(gradients, false, dropout, precision, exact);
    }

    /**
     * What another network computes beside a pass in this mode: as precise, without gradients, and as in evaluation.
     *
     * @return the mode
     */
    public PassMode beside() {
        return new PassMode(false, false, false, precision, exact);
    }

    /**
     * This mode with float32 products computed exactly, or not.
     *
     * @param newExact true for exact products
     * @return the mode
     */
    public PassMode withExact(boolean newExact) {
        return new PassMode(gradients, batchStatistics, dropout, precision, newExact);
    }

    /**
     * This mode with gradients recorded, or not.
     *
     * @param newGradients true to record them
     * @return the mode
     */
    public PassMode withGradients(boolean newGradients) {
        return new PassMode(newGradients, batchStatistics, dropout, precision, exact);
    }
}
