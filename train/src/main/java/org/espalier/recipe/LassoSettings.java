package org.espalier.recipe;

/**
 * The group lasso of Structured Sparsity Learning: weight of a unit's groups = strength * (m / mean m)^exponent, m
 * being the multiply-accumulates that the unit saves.
 *
 * @param strength factor of the weights
 * @param exponent how much compute counts
 */
public record LassoSettings(
        @RecipeSetting("Factor of the lasso's weights, in nats per unit of sqrt(n) times the norm of a group of "
                + "n weights")
        double strength,

        @RecipeSetting(
                "How much the weight tells cheap units from dear ones: 1 in proportion to compute, 0 not " + "at all")
        double exponent) {
    /** A lasso in proportion to compute. */
    public static final LassoSettings DEFAULT = new LassoSettings(1, 1);

    /**
     * These settings with another {@code strength}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public LassoSettings withStrength(double value) {
        return RecipeSettings.with(this, "strength", value);
    }

    /**
     * These settings with another {@code exponent}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public LassoSettings withExponent(double value) {
        return RecipeSettings.with(this, "exponent", value);
    }
}
