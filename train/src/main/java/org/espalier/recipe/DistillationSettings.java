package org.espalier.recipe;

/**
 * What pruning and fine-tuning learn from the network as it was before.
 *
 * @param share share of the loss
 * @param temperature divisor of logits
 */
public record DistillationSettings(
        @RecipeSetting(
                value = "Share of the loss that compares with the pre-trained network's outputs, in pruning and "
                        + "fine-tuning",
                max = 1)
        double share,

        @RecipeSetting(value = "Number by which logits are divided in that comparison", above = true)
        double temperature) {
    /** Nothing is learnt from the network before. */
    public static final DistillationSettings NONE = new DistillationSettings(0, 2);

    /**
     * These settings with another {@code share}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public DistillationSettings withShare(double value) {
        return RecipeSettings.with(this, "share", value);
    }

    /**
     * These settings with another {@code temperature}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public DistillationSettings withTemperature(double value) {
        return RecipeSettings.with(this, "temperature", value);
    }
}
