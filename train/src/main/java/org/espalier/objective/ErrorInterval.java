package org.espalier.objective;

import java.util.Arrays;
import org.espalier.data.SeededRandom;

/**
 * Between which bounds the difference of two networks' errors lies with 95 % confidence, were other examples of the same kind tested. Both
 * networks have seen the same examples, so that what counts is how each example's error changes.
 *
 * @param low points, below which it hardly is
 * @param high points, above which it hardly is
 */
public record ErrorInterval(double low, double high) {
    private static final double QUANTILE = 1.959964;
    private static final int RESAMPLES = 1_000;
    private static final long SEED = 20_261_201;

    /** Half a width from which on a difference of nothing is not worth much, in points. */
    private static final double WIDE = 1;

    /**
     * The interval of paired errors. Of classes: Agresti and Min, "Simple improved confidence intervals for comparing matched proportions",
     * 2005, the interval that belongs to McNemar's test, with half an example added to each of its four cells. Of anything else: the
     * percentiles of the mean over examples drawn with replacement (Efron's bootstrap), always with the same random numbers.
     *
     * @param before each example's error in percent; of classes 0 or 100
     * @param after each example's error after the change
     * @param classes whether errors are right or wrong
     * @return the interval of the mean difference
     */
    static ErrorInterval of(double[] before, double[] after, boolean classes) {
        double[] difference = new double[before.length];
        Arrays.setAll(difference, i -> after[i] - before[i]);
        return classes ? matched(difference) : bootstrap(difference);
    }

    private static ErrorInterval matched(double[] difference) {
        double worse = Arrays.stream(difference).filter(d -> d > 0).count() + 0.5;
        double better = Arrays.stream(difference).filter(d -> d < 0).count() + 0.5;
        double n = difference.length + 2;
        double mean = (worse - better) / n;
        double deviation = Math.sqrt((worse + better - (worse - better) * (worse - better) / n)) / n;
        return new ErrorInterval(
                Math.max(-100, 100 * (mean - QUANTILE * deviation)),
                Math.min(100, 100 * (mean + QUANTILE * deviation)));
    }

    private static ErrorInterval bootstrap(double[] difference) {
        SeededRandom random = new SeededRandom(SEED);
        double[] means = new double[RESAMPLES];
        for (int r = 0; r < RESAMPLES; r++) {
            double sum = 0;
            for (int i = 0; i < difference.length; i++) {
                sum += difference[random.nextInt(difference.length)];
            }
            means[r] = sum / difference.length;
        }
        Arrays.sort(means);
        return new ErrorInterval(means[(int) (0.025 * RESAMPLES)], means[(int) (0.975 * RESAMPLES) - 1]);
    }

    /**
     * Whether there are too few examples to tell: no difference at all is as possible as one of more than a point.
     *
     * @return true if the test says little
     */
    public boolean saysLittle() {
        return low <= 0 && high >= 0 && (high - low) / 2 > WIDE;
    }
}
