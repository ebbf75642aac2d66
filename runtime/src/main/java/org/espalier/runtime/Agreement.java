package org.espalier.runtime;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;

/**
 * How far two networks' outputs are apart on the same inputs. Each output is measured by its own largest value: scores beside boxes in
 * pixels count as much as these.
 *
 * @param outputs each output's agreement, in the network's order
 */
public record Agreement(List<OutputAgreement> outputs) {
    /** What float32 rounding may do, relative to the output's largest value. */
    public static final double TOLERANCE = 1e-4;

    /**
     * Copies the list.
     *
     * @param outputs each output's agreement; at least one
     */
    public Agreement {
        outputs = List.copyOf(outputs);
        if (outputs.isEmpty()) {
            throw new IllegalArgumentException(
                    "agreement: outputs must be compared, expected at least one, found none");
        }
    }

    /**
     * Compares two graphs in ONNX Runtime, on one thread.
     *
     * @param a the first
     * @param b the second
     * @param inputs of both, by name
     * @return how far they are apart
     */
    public static Agreement check(Graph a, Graph b, Map<String, TensorData> inputs) {
        try (OnnxSession first = OnnxSession.open(a, 1);
                OnnxSession second = OnnxSession.open(b, 1)) {
            return check(first, second, List.of(inputs));
        }
    }

    /**
     * Compares a graph with the file that was written, in ONNX Runtime, on one thread.
     *
     * @param a the graph
     * @param b the file
     * @param inputs of both, by name
     * @return how far they are apart
     */
    public static Agreement check(Graph a, Path b, Map<String, TensorData> inputs) {
        try (OnnxSession first = OnnxSession.open(a, 1);
                OnnxSession second = OnnxSession.open(b, 1)) {
            return check(first, second, List.of(inputs));
        }
    }

    /**
     * Compares two open networks.
     *
     * @param a the first
     * @param b the second
     * @param batches inputs, one map per batch; at least one
     * @return how far they are apart
     * @throws InferenceException if the outputs' names differ, or inputs do not fit
     */
    public static Agreement check(OnnxSession a, OnnxSession b, Iterable<Map<String, TensorData>> batches) {
        Map<String, OutputAgreement> all = new LinkedHashMap<>();
        for (Map<String, TensorData> batch : batches) {
            compare(a, b, batch).forEach((name, here) -> all.merge(name, here, OutputAgreement::and));
        }
        return new Agreement(List.copyOf(all.values()));
    }

    private static Map<String, OutputAgreement> compare(OnnxSession a, OnnxSession b, Map<String, TensorData> inputs) {
        Map<String, TensorData> first = a.run(inputs);
        Map<String, TensorData> second = b.run(inputs);
        if (!first.keySet().equals(second.keySet())) {
            throw new InferenceException(b.name() + ": outputs must be those of " + a.name() + ", expected "
                    + first.keySet() + ", found " + second.keySet());
        }
        Map<String, OutputAgreement> here = new LinkedHashMap<>();
        first.forEach((name, value) -> {
            TensorData other = second.get(name);
            here.put(
                    name,
                    other != null && Arrays.equals(value.shape(), other.shape())
                            ? OutputAgreement.of(name, value, other)
                            : OutputAgreement.ofShapes(name, value));
        });
        return here;
    }

    /** {@return the output that is worst off, relative to its own largest value} */
    public OutputAgreement worst() {
        // NaN is greater than all others to a comparison of doubles.
        return outputs.stream()
                .max(Comparator.comparingDouble(OutputAgreement::relative))
                .orElseThrow();
    }

    /** {@return the largest difference of any element of any output; NaN if one network gives a NaN where the other does not} */
    public double maxAbsDifference() {
        return outputs.stream().mapToDouble(OutputAgreement::maxAbsDifference).reduce(0, Math::max);
    }

    /** {@return the largest difference relative to the largest value of the same output} */
    public double relative() {
        return worst().relative();
    }

    /** {@return whether the networks agree in each output within {@link #TOLERANCE}} NaN does not. */
    public boolean holds() {
        return outputs.stream().allMatch(OutputAgreement::holds);
    }

    /** {@return outputs in which the networks do not agree} */
    public List<OutputAgreement> failing() {
        return outputs.stream().filter(o -> !o.holds()).toList();
    }

    /**
     * Passes on an agreement within {@link #TOLERANCE}.
     *
     * @return this
     * @throws InferenceException if there is none
     */
    public Agreement require() {
        if (!holds()) {
            OutputAgreement worst = worst();
            throw new InferenceException(
                    Double.isInfinite(worst.maxAbsDifference()) && worst.differing() == worst.elements()
                            ? "the networks' outputs differ: output '" + worst.output() + "' has another shape"
                            : String.format(
                                    Locale.ROOT,
                                    "the networks' outputs differ: expected at most %.1e of the output's largest value"
                                            + " %.6g, found %.3e at %s",
                                    TOLERANCE,
                                    worst.largest(),
                                    worst.maxAbsDifference(),
                                    worst.where()));
        }
        return this;
    }
}
