package org.espalier.recipe;

import org.espalier.torch.Precision;

/**
 * What all phases have in common.
 *
 * @param size examples per step
 * @param holdOut examples to measure on
 * @param precision format of products
 * @param seed seed of all random numbers
 */
public record BatchSettings(
        @RecipeSetting(value = "Examples per step", min = 1) int size,

        @RecipeSetting("Examples of the training set that are not trained on, but measured after each epoch")
        int holdOut,

        @RecipeSetting("Format of products while training") Precision precision,

        @RecipeSetting(value = "Seed of all random numbers", min = -Double.MAX_VALUE)
        long seed) {
    /** Usual batches. */
    public static final BatchSettings DEFAULT = new BatchSettings(200, 0, Precision.FLOAT32, 0);

    /**
     * These settings with another {@code size}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public BatchSettings withSize(int value) {
        return RecipeSettings.with(this, "size", value);
    }

    /**
     * These settings with another {@code holdOut}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public BatchSettings withHoldOut(int value) {
        return RecipeSettings.with(this, "holdOut", value);
    }

    /**
     * These settings with another {@code precision}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public BatchSettings withPrecision(Precision value) {
        return RecipeSettings.with(this, "precision", value);
    }

    /**
     * These settings with another {@code seed}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public BatchSettings withSeed(long value) {
        return RecipeSettings.with(this, "seed", value);
    }
}
