package org.espalier.runtime;

import org.espalier.graph.TensorData;

/**
 * How far two networks' values of one output are apart.
 *
 * @param output its name
 * @param maxAbsDifference the largest difference of any element; NaN if one network gives a NaN where the other does not, infinite where
 *     their shapes differ
 * @param largest the largest finite absolute value among the first network's elements
 * @param at the element with the largest difference
 * @param differing elements that are not exactly equal
 * @param elements how many there are
 */
public record OutputAgreement(
        String output, double maxAbsDifference, double largest, long at, long differing, long elements) {
    /**
     * Compares two values of an output.
     *
     * @param output its name
     * @param a the first network's
     * @param b the second one's, of the same shape
     */
    static OutputAgreement of(String output, TensorData a, TensorData b) {
        double worst = 0;
        double largest = 0;
        int at = 0;
        int differing = 0;
        for (int i = 0; i < a.elements(); i++) {
            double x = a.getDouble(i);
            double y = b.getDouble(i);
            // Equal infinities and two NaNs agree; their difference would be NaN.
            double difference = Double.compare(x, y) == 0 ? 0 : Math.abs(x - y);
            largest = Double.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest;
            differing += difference == 0 ? 0 : 1;
            if (!Double.isNaN(worst) && !(difference <= worst)) {
                worst = difference;
                at = i;
            }
        }
        return new OutputAgreement(output, worst, largest, at, differing, a.elements());
    }

    /** Values of different shapes: none of their elements agrees. */
    static OutputAgreement ofShapes(String output, TensorData a) {
        return new OutputAgreement(output, Double.POSITIVE_INFINITY, 0, 0, a.elements(), a.elements());
    }

    /** Both batches' elements together. */
    OutputAgreement and(OutputAgreement later) {
        boolean mine = Double.isNaN(maxAbsDifference) || maxAbsDifference >= later.maxAbsDifference;
        return new OutputAgreement(
                output,
                mine ? maxAbsDifference : later.maxAbsDifference,
                Math.max(largest, later.largest),
                mine ? at : elements + later.at,
                differing + later.differing,
                elements + later.elements);
    }

    /** {@return the largest difference relative to this output's largest value; 0 where all elements are equal} */
    public double relative() {
        return maxAbsDifference == 0 ? 0 : maxAbsDifference / largest;
    }

    /** {@return whether the networks agree within {@link Agreement#TOLERANCE}} NaN does not. */
    public boolean holds() {
        return relative() <= Agreement.TOLERANCE;
    }

    /** {@return the output and the element with the largest difference, for messages} */
    public String where() {
        return output + "[" + at + "]";
    }
}
