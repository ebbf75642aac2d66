package org.espalier.torch;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.espalier.graph.Node;

/**
 * What one forward pass does otherwise than the graph says. Gradients flow into all of it.
 *
 * @param values tensors to use in place of constants, or of values that nodes compute, by name
 * @param variances of weights about their values, by name, none negative, for {@link LocalReparametrization}
 * @param multipliers of weights
 * @param statistics which units normalisations count, by name of their node; others count all
 */
public record PassChanges(
        Map<String, Tensor> values,
        Map<String, Tensor> variances,
        List<WeightMultiplier> multipliers,
        Map<String, StatisticsMask> statistics) {
    /** Nothing is changed. */
    public static final PassChanges NONE = new PassChanges(Map.of(), Map.of(), List.of(), Map.of());

    /**
     * Other values.
     *
     * @param values its elements, as many as the shape says
     * @return the changes
     */
    public static PassChanges ofValues(Map<String, Tensor> values) {
        return new PassChanges(values, Map.of(), List.of(), Map.of());
    }

    /**
     * Weights that are Gaussian about their values.
     *
     * @param variances by name of the weight
     * @return the changes
     */
    public static PassChanges ofVariances(Map<String, Tensor> variances) {
        return new PassChanges(Map.of(), variances, List.of(), Map.of());
    }

    /**
     * Multiplied weights.
     *
     * @param multipliers one for each weight and axis
     * @return the changes
     */
    public static PassChanges ofMultipliers(List<WeightMultiplier> multipliers) {
        return new PassChanges(Map.of(), Map.of(), multipliers, Map.of());
    }

    /**
     * The same changes with normalisations that count a part of the units.
     *
     * @param counted by name of the normalisation's node
     * @return the changes
     */
    public PassChanges withStatistics(Map<String, StatisticsMask> counted) {
        return new PassChanges(values, variances, multipliers, counted);
    }

    /** What a node counts. */
    StatisticsMask counted(Node n) {
        return statistics.getOrDefault(n.name(), StatisticsMask.ALL);
    }
}
