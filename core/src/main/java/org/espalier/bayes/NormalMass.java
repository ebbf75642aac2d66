package org.espalier.bayes;

import org.apache.commons.numbers.gamma.Erfc;

/** Logarithms of the standard normal probability of intervals. */
final class NormalMass {
    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double HALF_LOG_2_PI = Math.log(2 * Math.PI) / 2;

    private NormalMass() {}

    /**
     * log(Phi(high) - Phi(low)) for low &lt; high, also where both probabilities underflow.
     */
    static double log(double low, double high) {
        double nearest = nearest(low, high);
        return logScaled(low, high) - nearest * nearest / 2;
    }

    /**
     * log((Phi(high) - Phi(low)) exp(c^2/2)), c being {@link #nearest}. With lambda = |c| and w the length, a one-sided
     * interval has the probability phi(lambda) (R(lambda) - exp(-w (lambda + w/2)) R(lambda + w)), R being Mills' ratio.
     */
    static double logScaled(double low, double high) {
        if (low < 0 && high > 0) {
            double outside = Erfc.value(-low * SQRT_HALF) / 2 + Erfc.value(high * SQRT_HALF) / 2;
            return Math.log1p(-outside);
        }
        double lambda = Math.abs(nearest(low, high));
        double width = high - low;
        double far = Math.exp(-width * (lambda + width / 2));
        double ratio = MillsRatio.value(lambda) - (far == 0 ? 0 : far * MillsRatio.value(lambda + width));
        return Math.log(ratio) - HALF_LOG_2_PI;
    }

    /** The point of the interval closest to 0. */
    static double nearest(double low, double high) {
        return Math.min(Math.max(0, low), high);
    }
}
