package org.espalier.recipe;

import java.util.Map;

/**
 * A weight of the Kullback-Leibler divergence for each unit: by what the unit costs, or by hand.
 *
 * @param strength factor of the weights by compute
 * @param exponent how much compute counts
 * @param groups weights by group or pattern
 */
public record DivergenceWeights(
        @RecipeSetting("A unit's weight is max(1, strength * (m / mean m)^exponent), m being the "
                + "multiply-accumulates that it saves; 0 for no weight at all")
        double strength,

        @RecipeSetting(
                "How much the weight tells cheap units from dear ones: 1 in proportion to compute, 0 not " + "at all")
        double exponent,

        @RecipeSetting(
                "Weights by group name or pattern, 1 elsewhere, in place of those by compute; empty for " + "those")
        Map<String, Double> groups) {
    /** No weight. */
    public static final DivergenceWeights NONE = new DivergenceWeights(0, 0, Map.of());

    /** 1 for every unit. */
    public static final DivergenceWeights ONE = new DivergenceWeights(1, 0, Map.of());

    /**
     * Puts the names of groups in the order of their meaning.
     *
     * @param strength factor of the weights by compute
     * @param exponent how much compute counts
     * @param groups weights by group or pattern
     */
    public DivergenceWeights {
        groups = GroupPatterns.ordered(groups);
    }

    /**
     * Weights by hand.
     *
     * @param groups weights by group name or pattern, 1 elsewhere
     * @return these weights
     */
    public static DivergenceWeights byGroup(Map<String, Double> groups) {
        return new DivergenceWeights(1, 0, groups);
    }

    /**
     * These settings with another {@code strength}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public DivergenceWeights withStrength(double value) {
        return RecipeSettings.with(this, "strength", value);
    }

    /**
     * These settings with another {@code exponent}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public DivergenceWeights withExponent(double value) {
        return RecipeSettings.with(this, "exponent", value);
    }

    /**
     * These settings with another {@code groups}.
     *
     * @param value the new one
     * @return all others as they are here
     */
    public DivergenceWeights withGroups(Map<String, Double> value) {
        return RecipeSettings.with(this, "groups", value);
    }
}
