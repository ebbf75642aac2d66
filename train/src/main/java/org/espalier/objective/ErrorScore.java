package org.espalier.objective;

import java.util.Arrays;
import org.espalier.data.DataSet;
import org.espalier.progress.TrainingException;
import org.jspecify.annotations.Nullable;

/**
 * Adds up how far one output of a network is from what it should give, over a data set.
 *
 * <ul>
 *   <li>Classes: the share of examples whose largest score (among equals the first) is another class's.
 *   <li>Classes by position (labels of steps in time or of pixels): the share of positions whose largest score is another class's.
 *   <li>Numbers to predict: the share of the targets' variance that is not explained, Σ(y − t)² / Σ(t − t̄)², that is
 *   1 − R², of each channel; the mean over the channels.
 *   <li>Yes or no many times: the share of numbers that say the other one.
 *   <li>No labels: the same with the classes that the original network gives, or its outputs as targets.
 * </ul>
 */
public final class ErrorScore {
    private final LabelledOutput head;
    private final DataSet data;
    private int examples;
    private int errors;
    private @Nullable ChannelErrors numbers;
    private @Nullable ChannelAxis axis;
    private double[] wrong = new double[16];

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
     * @param shape of one example's numbers, without the batch
     * @param original the original network's output at the same place, for a data set without labels
     * @throws TrainingException if the output is not a number
     */
    public void add(int example, float[] output, int offset, long[] shape, float @Nullable [] original) {
        int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
        for (int i = 0; i < size; i++) {
            if (Float.isNaN(output[offset + i])) {
                String where = head.isClasses() ? " for class " + i : " at " + i;
                throw new TrainingException("score must be a number, found NaN" + where + " of example " + example);
            }
        }
        float[] target = original == null ? output : original;
        int from = offset;
        if (head.labelled() && data.hasTargets()) {
            target = NumericLabels.read(data, example);
            from = 0;
        }
        if (head.isClasses()) {
            int right = head.labelled() ? NumericLabels.label(data, example) : answer(target, from, size);
            wrong(answer(output, offset, size) == right ? 0 : 1);
        } else if (head.isByPosition()) {
            ChannelAxis classes = axis == null ? ChannelAxis.at(head.classAxis() - 1, shape) : axis;
            axis = classes;
            wrong(NumericLabels.wrongPositions(classes, output, offset, target, from));
        } else if (head.isYesOrNo()) {
            float yes = head.kind() == LabelledOutput.Kind.YES_OR_NO ? 0.5f : 0;
            wrong(NumericLabels.wrongAnswers(yes, size, output, offset, target));
        } else {
            addNumbers(output, offset, target, from, shape);
        }
        examples++;
    }

    private void wrong(double share) {
        if (examples == wrong.length) {
            wrong = Arrays.copyOf(wrong, 2 * wrong.length);
        }
        wrong[examples] = share;
        errors += share > 0 ? 1 : 0;
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

    private void addNumbers(float[] output, int offset, float[] target, int targetOffset, long[] shape) {
        ChannelErrors sums = numbers;
        if (sums == null) {
            sums = new ChannelErrors(ChannelAxis.of(shape));
            numbers = sums;
        }
        sums.add(output, offset, target, targetOffset);
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
     * How many were given a wrong class, or one at any position.
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
        return Arrays.stream(channelPercents()).average().orElse(0);
    }

    /**
     * The error of each channel in percent; of classes a single one, of all together.
     *
     * @return at least one number
     */
    public double[] channelPercents() {
        return numbers == null
                ? new double[] {100 * Arrays.stream(wrong, 0, examples).sum() / Math.max(1, examples)}
                : numbers.percents();
    }

    /**
     * What each example adds to the error: their mean is {@link #errorPercent}.
     *
     * @return percent, by example in the order in which they were added
     */
    public double[] byExample() {
        return numbers == null
                ? Arrays.stream(wrong, 0, examples).map(w -> 100 * w).toArray()
                : numbers.byExample();
    }

    /**
     * Root of the mean squared difference to the targets, in their unit; NaN for classes.
     *
     * @return in the targets' unit
     */
    public double rmse() {
        return numbers == null ? Double.NaN : numbers.rmse();
    }

    /**
     * The output that is scored.
     *
     * @return its name and what its numbers are
     */
    public LabelledOutput output() {
        return head;
    }

    /**
     * By how much numbers to predict vary over the examples.
     *
     * @param data the data set
     * @return the variance of each number of an example, 0 or more
     * @throws IllegalStateException if the data's labels are no targets
     */
    public static double[] targetVariances(DataSet data) {
        float[] target = new float[data.targetShape().stream().reduce(1, (a, b) -> a * b)];
        double[] sum = new double[target.length];
        double[] squares = new double[target.length];
        for (int e = 0; e < data.size(); e++) {
            data.readTarget(e, target, 0);
            for (int i = 0; i < target.length; i++) {
                sum[i] += target[i];
                squares[i] += (double) target[i] * target[i];
            }
        }
        double n = data.size();
        Arrays.setAll(squares, i -> Math.max(0, squares[i] / n - sum[i] / n * (sum[i] / n)));
        return squares;
    }
}
