package org.espalier.torch;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What one forward pass does otherwise than the graph says. Gradients flow into all of it.
 *
 * @param values tensors to use in place of constants, or of values that nodes compute, by name
 * @param variances of weights about their values, by name, none negative, for {@link LocalReparametrization}
 * @param multipliers of weights
 */
public record Changes(Map<String, Tensor> values, Map<String, Tensor> variances, List<Multiplier> multipliers) {
    /** Nothing is changed. */
    public static final Changes NONE = new Changes(Map.of(), Map.of(), List.of());

    /** Other values. */
    public static Changes ofValues(Map<String, Tensor> values) {
        return new Changes(values, Map.of(), List.of());
    }

    /** Weights that are Gaussian about their values. */
    public static Changes ofVariances(Map<String, Tensor> variances) {
        return new Changes(Map.of(), variances, List.of());
    }

    /** Multiplied weights. */
    public static Changes ofMultipliers(List<Multiplier> multipliers) {
        return new Changes(Map.of(), Map.of(), multipliers);
    }
}
