package org.espalier.objective;

import org.espalier.data.DataSet;
import org.espalier.progress.TrainingException;
import org.jspecify.annotations.Nullable;

/**
 * Adds up how far a network is from what it should give, over a data set.
 *
 * <ul>
 *   <li>Classes: the share of examples whose largest score (among equals the first) is another class's.
 *   <li>Numbers to predict: the share of the targets' variance that is not explained, Σ(y − t)² / Σ(t − t̄)², that is
 *   1 − R².
 *   <li>No labels: the same with the classes that the original network gives, or its outputs as targets.
 * </ul>
 */
public final class ErrorScore {
    private final LabelledOutput head;
    private final DataSet data;
    private int examples;
    private int errors;
    private double squares;
    private double[] sum = new double[0];
    private double[] sumOfSquares = new double[0];

    /**
     * Starts at nothing.
     *
     * @param head the output that is scored
     * @param data the examples with their labels
     */
    public ErrorScore(LabelledOutput head, DataSet data) {
        this.head = head;
        this.data = data;
    }

    /**
     * Adds one example.
     *
     * @param example its number in the data set
     * @param output the network's
     * @param offset of the example's numbers in {@code output}
     * @param size how many there are
     * @param original the original network's output at the same place, for a data set without labels
     * @throws TrainingException if the output is not a number
     */
    public void add(int example, float[] output, int offset, int size, float @Nullable [] original) {
        for (int i = 0; i < size; i++) {
            if (Float.isNaN(output[offset + i])) {
                String where = head.isClasses() ? " for class " + i : " at " + i;
                throw new TrainingException("score must be a number, found NaN" + where + " of example " + example);
            }
        }
        examples++;
        if (head.isClasses()) {
            int right = head.labelled() || original == null ? data.label(example) : answer(original, offset, size);
            errors += answer(output, offset, size) == right ? 0 : 1;
        } else {
            float[] target = new float[size];
            if (head.labelled()) {
                data.readTarget(example, target, 0);
            } else if (original != null) {
                System.arraycopy(original, offset, target, 0, size);
            }
            addNumbers(output, offset, target);
        }
    }

    private int answer(float[] output, int offset, int size) {
        if (size == 1) {
            // Where the shape shows only now, it was taken for one probability per class.
            boolean probability =
                    head.kind() == LabelledOutput.Kind.PROBABILITY || head.kind() == LabelledOutput.Kind.PROBABILITIES;
            return output[offset] > (probability ? 0.5f : 0) ? 1 : 0;
        }
        int best = 0;
        for (int c = 1; c < size; c++) {
            best = output[offset + c] > output[offset + best] ? c : best;
        }
        return best;
    }

    private void addNumbers(float[] output, int offset, float[] target) {
        if (sum.length == 0) {
            sum = new double[target.length];
            sumOfSquares = new double[target.length];
        }
        for (int i = 0; i < target.length; i++) {
            double d = (double) output[offset + i] - target[i];
            squares += d * d;
            sum[i] += target[i];
            sumOfSquares[i] += (double) target[i] * target[i];
        }
    }

    /**
     * How many examples were added.
     *
     * @return how many were added
     */
    public int examples() {
        return examples;
    }

    /**
     * How many were given a wrong class.
     *
     * @return how many were wrong
     */
    public int errors() {
        return errors;
    }

    /**
     * The error in percent, as the class comment defines it; where targets do not vary, 0 for perfect and infinite
     * otherwise.
     *
     * @return 0 or more
     */
    public double errorPercent() {
        if (head.isClasses()) {
            return 100.0 * errors / examples;
        }
        double variance = 0;
        for (int i = 0; i < sum.length; i++) {
            variance += Math.max(0, sumOfSquares[i] - sum[i] * sum[i] / examples);
        }
        return squares == 0 ? 0 : 100 * squares / variance;
    }

    /**
     * Root of the mean squared difference to the targets, in their unit; NaN for classes.
     *
     * @return in the targets' unit
     */
    public double rmse() {
        return head.isClasses() ? Double.NaN : Math.sqrt(squares / examples / Math.max(1, sum.length));
    }

    /**
     * By how much numbers to predict vary: the mean over the numbers of one example of their variance over the
     * examples.
     *
     * @param data the data set
     * @return 0 or more
     * @throws IllegalStateException if the data's labels are no targets
     */
    public static double targetVariance(DataSet data) {
        float[] target = new float[data.targetShape().stream().reduce(1, (a, b) -> a * b)];
        double[] sum = new double[target.length];
        double squares = 0;
        for (int e = 0; e < data.size(); e++) {
            data.readTarget(e, target, 0);
            for (int i = 0; i < target.length; i++) {
                sum[i] += target[i];
                squares += (double) target[i] * target[i];
            }
        }
        for (double s : sum) {
            squares -= s * s / data.size();
        }
        return Math.max(0, squares) / data.size() / target.length;
    }
}
