package org.espalier.cli;

import org.espalier.data.DataSet;
import org.espalier.data.LabelKind;

/**
 * What a report's error is, see {@link org.espalier.train.Scoring}.
 *
 * @param kind what labels are
 * @param deviation standard deviation of numbers to predict over the test set, in their unit; NaN for other labels
 */
record Measure(LabelKind kind, double deviation) {
    /** Classes. */
    static final Measure CLASSES = new Measure(LabelKind.CLASSES, Double.NaN);

    /** The measure of a test set. */
    static Measure of(DataSet data) {
        return new Measure(data.labelKind(), data.labelKind() == LabelKind.TARGETS ? deviation(data) : Double.NaN);
    }

    private static double deviation(DataSet data) {
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
        return Math.sqrt(Math.max(0, squares) / data.size() / target.length);
    }

    /** The name of the error in a table. */
    String label() {
        return switch (kind) {
            case CLASSES -> "error";
            case TARGETS -> "unexplained variance";
            case NONE -> "difference from original";
        };
    }

    /** Root of the mean squared error of numbers to predict that belongs to a share of their variance in percent. */
    double rmse(double errorPercent) {
        return Math.sqrt(errorPercent / 100) * deviation;
    }
}
