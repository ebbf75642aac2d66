package org.espalier.bayes;

import java.util.Locale;

/**
 * The log-uniform prior of a multiplier theta: log theta ~ Uniform[lower, upper]. Its interval is also the support to
 * which the posterior of log theta is truncated.
 *
 * <p>Source: Neklyudov, Molchanov, Ashukha, Vetrov, "Structured Bayesian Pruning via Log-Normal Multiplicative Noise",
 * NIPS 2017.
 *
 * @param lower the least value of log theta, natural logarithm; finite
 * @param upper the greatest value of log theta, natural logarithm; finite, at least 1 above {@code lower} and at most
 *     700 in absolute value, so that theta itself is a normal double
 */
public record LogUniform(double lower, double upper) {
    /** The published support: log theta in [-20, 0], so that theta lies between 2.06e-9 and 1. */
    public static final LogUniform DEFAULT = new LogUniform(-20, 0);

    private static final double LARGEST_LOG = 700;

    /**
     * Checks the interval.
     *
     * @param lower the least value of log theta
     * @param upper the greatest value of log theta
     * @throws IllegalArgumentException if a bound is not finite or exceeds 700 in absolute value, or if the interval is
     *     shorter than 1
     */
    public LogUniform {
        if (!(Math.abs(lower) <= LARGEST_LOG && Math.abs(upper) <= LARGEST_LOG && upper - lower >= 1)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "LogUniform: support must be an interval of length at least 1 within [-700, 700],"
                            + " expected lower + 1 <= upper, found [%s, %s]",
                    lower,
                    upper));
        }
    }

    /**
     * Returns the length of the support of log theta.
     *
     * @return {@code upper - lower}
     */
    public double width() {
        return upper - lower;
    }

    /**
     * Returns E[theta] = (exp(upper) - exp(lower)) / (upper - lower).
     *
     * @return the prior mean, positive
     */
    public double mean() {
        return -Math.exp(upper) * Math.expm1(-width()) / width();
    }
}
