package org.espalier.torch;

/**
 * How a forward pass is run.
 *
 * @param gradients whether autograd records the pass
 * @param batchStatistics whether batch normalisation uses the batch's mean and variance and updates its running ones
 * @param dropout whether Dropout is active
 * @param precision the format of products
 * @param exact whether float32 products are computed in float32; otherwise libtorch's precision "medium" (bfloat16 inside) is used,
 *     which is more than twice as fast
 */
public record Mode(boolean gradients, boolean batchStatistics, boolean dropout, Precision precision, boolean exact) {
    public Mode {
        if (precision == Precision.AUTO) {
            throw new IllegalArgumentException(
                    "precision: must be decided before a step, expected float32 or mixed, found auto");
        }
    }

    /** Training with batch statistics and dropout; float32 products are fast, not exact. */
    public static Mode training(Precision precision) {
        return new Mode(true, true, true, precision, false);
    }

    /** Evaluation: no gradients, running statistics, no dropout, exact float32. */
    public static Mode evaluation() {
        return new Mode(false, false, false, Precision.FLOAT32, true);
    }

    /** This mode with batch normalisation using its running statistics and leaving them as they are. */
    public Mode withFrozenStatistics() {
        return new Mode(gradients, false, dropout, precision, exact);
    }

    /** What another network computes beside a pass in this mode: as precise, without gradients, and as in evaluation. */
    public Mode beside() {
        return new Mode(false, false, false, precision, exact);
    }

    /** This mode with float32 products computed exactly, or not. */
    public Mode withExact(boolean newExact) {
        return new Mode(gradients, batchStatistics, dropout, precision, newExact);
    }

    /** This mode with gradients recorded, or not. */
    public Mode withGradients(boolean newGradients) {
        return new Mode(newGradients, batchStatistics, dropout, precision, exact);
    }
}
