package org.espalier.bayes;

import org.apache.commons.numbers.gamma.Erfcx;

/**
 * Mills' ratio of the standard normal distribution, R(x) = (1 - Phi(x)) / phi(x), and the moments of the distance by
 * which a normal variable exceeds a bound that lies far out.
 *
 * <p>Let s have the density exp(-lambda s - s^2/2) / R(lambda) on s &gt;= 0. Integration by parts gives
 * {@code I_(n-1) = lambda I_n + (n + 1) I_(n+1)} for I_n = integral of s^n/n! times the density, hence the ratios
 * r_n = I_n / I_(n-1) obey r_n = 1 / (lambda + (n + 1) r_(n+1)): positive terms only, stable when run downwards. Then
 * E[s^n] = n! r_1 r_2 ... r_n. The same recurrence is Laplace's continued fraction for R, see Gautschi, "Computational
 * aspects of three-term recurrence relations", SIAM Review 9, 1967.
 */
final class MillsRatio {
    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double SQRT_HALF_PI = Math.sqrt(Math.PI / 2);
    /** Below this bound 1/R - x loses at most two digits and one call of erfcx is cheaper than the fraction. */
    private static final double DIRECT_BELOW = 8;

    private double r1;
    private double r2;
    private double r3;
    private double r4;

    /** R(x) for x &gt;= 0; relative error of a few ulp. */
    static double value(double x) {
        return SQRT_HALF_PI * Erfcx.value(x * SQRT_HALF);
    }

    /** E[s] = 1/R(lambda) - lambda, for lambda &gt;= 4; relative error below 1e-13. */
    static double excess(double lambda) {
        if (lambda < DIRECT_BELOW) {
            return 1 / value(lambda) - lambda;
        }
        int n = terms(lambda);
        return fraction(lambda, n, 1, start(lambda, n));
    }

    /** Sets the ratios r_1 to r_4 of {@code lambda}, at least 4; relative error of a few ulp. */
    void set(double lambda) {
        int n = terms(lambda) + 3;
        r4 = fraction(lambda, n, 4, start(lambda, n));
        r3 = 1 / (lambda + 4 * r4);
        r2 = 1 / (lambda + 3 * r3);
        r1 = 1 / (lambda + 2 * r2);
    }

    /** E[s]. */
    double mean() {
        return r1;
    }

    /** E[s^2] / 2. */
    double halfSquare() {
        return r1 * r2;
    }

    /** Var(s). */
    double variance() {
        return r1 * (2 * r2 - r1);
    }

    /** Cov(s, s^2). */
    double covarianceWithSquare() {
        return 2 * r1 * r2 * (3 * r3 - r1);
    }

    /** Var(s^2). */
    double varianceOfSquare() {
        return 4 * r1 * r2 * (6 * r3 * r4 - r1 * r2);
    }

    /** How many terms make the fraction exact in double, found by comparison with 400 terms for lambda from 4 up. */
    private static int terms(double lambda) {
        return 4 + (int) (112 / lambda);
    }

    private static double fraction(double lambda, int from, int to, double tail) {
        double r = tail;
        for (int n = from; n >= to; n--) {
            r = 1 / (lambda + (n + 1) * r);
        }
        return r;
    }

    /** r_(n+1) of the recurrence with r_(n+1) and r_(n+2) taken as equal. */
    private static double start(double lambda, int n) {
        return 2 / (lambda + Math.sqrt(lambda * lambda + 4.0 * (n + 2)));
    }
}
