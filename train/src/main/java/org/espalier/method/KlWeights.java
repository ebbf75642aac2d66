package org.espalier.method;

import java.util.Arrays;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.DivergenceWeights;
import org.espalier.recipe.GroupPatterns;

/** The weight of each unit's KL divergence in the loss: how hard a group is pushed to give up units. */
public interface KlWeights {
    /**
     * One weight per unit.
     *
     * @param groups its groups of units
     * @return one per unit
     */
    double[] of(ChannelGroups groups);

    /**
     * 1 for all: StructuredBP.
     *
     * @return these weights
     */
    static KlWeights one() {
        return groups -> fill(groups, g -> 1);
    }

    /**
     * As a recipe says: by hand where it names groups, else by compute; 0 for all where its strength is 0.
     *
     * @param weights of the recipe
     * @return weights for any network
     */
    static KlWeights of(DivergenceWeights weights) {
        if (!weights.groups().isEmpty()) {
            return byName(weights.groups());
        }
        return weights.strength() == 0
                ? groups -> fill(groups, g -> 0)
                : byCompute(weights.strength(), weights.exponent());
    }

    /**
     * StructuredBPa by compute: max(1, strength · (m / m̄)^exponent), m being the multiply-accumulates that one unit
     * of the group saves and m̄ the mean of that over all units.
     *
     * @param strength how much compute counts
     * @param exponent 1 for proportional, 0 for the same weight everywhere
     * @return these weights
     */
    static KlWeights byCompute(double strength, double exponent) {
        KlWeights plain = inProportion(strength, exponent);
        return groups ->
                Arrays.stream(plain.of(groups)).map(w -> Math.max(1, w)).toArray();
    }

    /**
     * As {@link #byCompute}, but without the least weight of 1: strength · (m / m̄)^exponent.
     *
     * @param strength how much compute counts
     * @param exponent 1 for proportional, 0 for the same weight everywhere
     * @return these weights
     */
    static KlWeights inProportion(double strength, double exponent) {
        return groups -> {
            double total = 0;
            for (ChannelGroup g : groups.groups()) {
                total += g.macsPerUnit() * g.size();
            }
            double mean = total / Math.max(1, groups.units());
            return fill(groups, g -> strength * Math.pow(g.macsPerUnit() / mean, exponent));
        };
    }

    /**
     * By hand: weights by group name or pattern (see {@link GroupPatterns}), 1 where none matches.
     *
     * @param weights by group name or pattern
     * @return these weights
     */
    static KlWeights byName(Map<String, Double> weights) {
        return groups -> fill(groups, g -> GroupPatterns.of(weights, g.name(), 1));
    }

    private static double[] fill(ChannelGroups groups, ToDoubleFunction<ChannelGroup> weight) {
        double[] w = new double[groups.units()];
        for (ChannelGroup g : groups.groups()) {
            Arrays.fill(w, g.offset(), g.offset() + g.size(), weight.applyAsDouble(g));
        }
        return w;
    }
}
