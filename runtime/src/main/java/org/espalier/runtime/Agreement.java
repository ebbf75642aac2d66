package org.espalier.runtime;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.graph.Graph;
import org.espalier.graph.TensorData;

/**
 * How far two networks' outputs are apart on the same inputs.
 *
 * @param maxAbsDifference the largest difference of any output element; NaN if one network gives a NaN where the other does not
 * @param largestOutput the largest absolute value among the first network's outputs
 * @param where the output and the element with the largest difference, for messages
 */
public record Agreement(double maxAbsDifference, double largestOutput, String where) {
    /** What float32 rounding may do, relative to the largest output. */
    public static final double TOLERANCE = 1e-4;

    /**
     * Compares two graphs in ONNX Runtime, on one thread.
     *
     * @param a one network
     * @param b the other
     * @param inputs values of both networks' inputs, by name
     * @return how far their outputs are apart
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
     * @param a the network
     * @param b an ONNX file
     * @param inputs values of both networks' inputs, by name
     * @return how far their outputs are apart
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
     * @param a one network
     * @param b the other
     * @param batches inputs, one map per batch; at least one
     * @return how far their outputs are apart, over all batches
     * @throws InferenceException if the outputs' names or shapes differ, or inputs do not fit
     */
    public static Agreement check(OnnxSession a, OnnxSession b, Iterable<Map<String, TensorData>> batches) {
        Agreement worst = null;
        for (Map<String, TensorData> batch : batches) {
            Agreement here = compare(a, b, batch);
            worst = worst == null ? here : worst.and(here);
        }
        if (worst == null) {
            throw new IllegalArgumentException(
                    "agreement: inputs must be given, expected at least one batch, found none");
        }
        return worst;
    }

    private static Agreement compare(OnnxSession a, OnnxSession b, Map<String, TensorData> inputs) {
        Map<String, TensorData> first = a.run(inputs);
        Map<String, TensorData> second = b.run(inputs);
        if (!first.keySet().equals(second.keySet())) {
            throw new InferenceException(b.name() + ": outputs must be those of " + a.name() + ", expected "
                    + first.keySet() + ", found " + second.keySet());
        }
        Agreement worst = new Agreement(0, 0, "");
        for (Map.Entry<String, TensorData> e : first.entrySet()) {
            TensorData other = second.get(e.getKey());
            if (other == null || !Arrays.equals(e.getValue().shape(), other.shape())) {
                throw new InferenceException(b.name() + ": output '" + e.getKey() + "' must have the shape that "
                        + a.name() + " gives, expected " + e.getValue() + ", found " + other);
            }
            worst = worst.and(compare(e.getKey(), e.getValue(), other));
        }
        return worst;
    }

    private static Agreement compare(String output, TensorData a, TensorData b) {
        double worst = 0;
        double largest = 0;
        int at = 0;
        for (int i = 0; i < a.elements(); i++) {
            double x = a.getDouble(i);
            double y = b.getDouble(i);
            // Equal infinities and two NaNs agree; their difference would be NaN.
            double difference = Double.compare(x, y) == 0 ? 0 : Math.abs(x - y);
            largest = Double.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest;
            if (!(difference <= worst)) {
                worst = difference;
                at = i;
                if (Double.isNaN(difference)) {
                    break;
                }
            }
        }
        return new Agreement(worst, largest, output + "[" + at + "]");
    }

    private Agreement and(Agreement other) {
        boolean mine = Double.isNaN(maxAbsDifference) || maxAbsDifference >= other.maxAbsDifference;
        return new Agreement(
                mine ? maxAbsDifference : other.maxAbsDifference,
                Math.max(largestOutput, other.largestOutput),
                mine ? where : other.where);
    }

    /** {@return the largest difference relative to the largest output; 0 where both networks give nothing but zeros} */
    public double relative() {
        return maxAbsDifference == 0 ? 0 : maxAbsDifference / largestOutput;
    }

    /** {@return whether the networks agree within {@link #TOLERANCE}; a NaN never does} */
    public boolean holds() {
        return relative() <= TOLERANCE;
    }

    /**
     * Passes on an agreement within {@link #TOLERANCE}.
     *
     * @return this agreement
     * @throws InferenceException if there is none
     */
    public Agreement require() {
        if (!holds()) {
            throw new InferenceException(String.format(
                    Locale.ROOT,
                    "the networks' outputs differ: expected at most %.1e of the largest output %.6g, found %.3e at %s",
                    TOLERANCE,
                    largestOutput,
                    maxAbsDifference,
                    where));
        }
        return this;
    }
}
