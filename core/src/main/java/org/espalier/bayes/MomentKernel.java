package org.espalier.bayes;

import org.apache.commons.numbers.gamma.ErfDifference;

/**
 * Mean and signal-to-noise ratio of one unit's posterior: the one implementation behind the scalar and the array
 * interface. Mutable and reused from unit to unit; not thread-safe.
 *
 * <p>E[theta^k] is a ratio of Gaussian integrals over [alpha - k sigma, beta - k sigma]. Each is written as
 * exp(anchor) times a number of moderate size, where the anchor is the log integrand at the bound next to the peak (or
 * at the peak), so that no large exponents remain. The variance E[theta^2] - E[theta]^2 is taken from these where theta
 * varies by more than 3 %, and from quadrature of expm1(log theta - reference) where it varies by less and the
 * difference would cancel.
 */
final class MomentKernel {
    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double SQRT_HALF_PI = Math.sqrt(Math.PI / 2);
    /** Var/E^2 above which the difference of moments keeps 12 digits. */
    private static final double DIRECT_VARIANCE = 1e-3;
    /** The quadrature stops where the density is below exp(-38) of its greatest value. */
    private static final double CUT_EXPONENT = 38;

    private final LogUniform support;

    private double mu;
    private double sigma;
    private double alpha;
    private double beta;
    private double width;
    private double mean;
    private double relativeVariance;
    private double anchor;
    private double scaled;

    MomentKernel(LogUniform support) {
        this.support = support;
    }

    /** Sets the unit, with finite parameters, and computes its moments. */
    void set(double mu, double logSigma) {
        this.mu = mu;
        sigma = Math.exp(logSigma);
        alpha = (support.lower() - mu) / sigma;
        beta = (support.upper() - mu) / sigma;
        width = support.width() / sigma;
        integrate(0);
        double scaled0 = scaled;
        integrate(1);
        double scaled1 = scaled;
        double anchor1 = anchor;
        mean = Math.min(
                Math.max(Math.exp(anchor1) * (scaled1 / scaled0), Math.exp(support.lower())),
                Math.exp(support.upper()));
        integrate(2);
        relativeVariance = Math.exp(anchor - 2 * anchor1) * (scaled / scaled1) * (scaled0 / scaled1) - 1;
        if (relativeVariance <= DIRECT_VARIANCE) {
            relativeVariance = smallVariance();
        }
    }

    double mean() {
        return mean;
    }

    /** Var(theta) / E[theta]^2. */
    double relativeVariance() {
        return relativeVariance;
    }

    double snr() {
        return 1 / Math.sqrt(relativeVariance);
    }

    /**
     * Sets {@code scaled} and {@code anchor} so that the integral of exp(k log theta - t^2/2) over t is
     * exp(anchor) scaled, up to a constant factor that is the same for all k.
     */
    private void integrate(int k) {
        double low = alpha - k * sigma;
        double high = beta - k * sigma;
        double common = alpha > 0 ? alpha * alpha / 2 : 0;
        if (high <= 0) {
            scaled = tail(-high);
            double gap = alpha > 0 ? (alpha - beta) * (alpha + beta) / 2 : -beta * beta / 2;
            anchor = k * support.upper() + (beta <= 0 ? 0 : gap);
        } else if (low > 0) {
            scaled = tail(low);
            anchor = k * support.lower();
        } else {
            scaled = SQRT_HALF_PI * ErfDifference.value(low * SQRT_HALF, high * SQRT_HALF);
            anchor = k * (mu + k * sigma * sigma / 2) + common;
        }
    }

    /** The integral of exp(-lambda s - s^2/2) over s in [0, width]. */
    private double tail(double lambda) {
        double farExponent = width * (lambda + width / 2);
        double far = Math.exp(-farExponent);
        return MillsRatio.value(lambda) - (far == 0 ? 0 : far * MillsRatio.value(lambda + width));
    }

    /** Var/E^2 as a quotient of sums of positive terms, with d = t - peak and theta = theta(peak) (1 + g). */
    private double smallVariance() {
        double peak = Math.min(Math.max(0, alpha), beta);
        double slope = Math.abs(peak);
        double reach = 2 * CUT_EXPONENT / (slope + Math.sqrt(slope * slope + 2 * CUT_EXPONENT));
        double from = Math.max(beta < 0 ? -width : Math.min(alpha, 0), -reach);
        double to = Math.min(alpha > 0 ? width : Math.max(beta, 0), reach);
        double half = (to - from) / 4;
        double m0 = 0;
        double m1 = 0;
        double m2 = 0;
        for (int i = 0; i < 2 * GaussLegendre.SIZE; i++) {
            int node = i % GaussLegendre.SIZE;
            double centre = i < GaussLegendre.SIZE ? from + half : to - half;
            double d = centre + half * GaussLegendre.node(node);
            double p = GaussLegendre.weight(node) * Math.exp(-d * (peak + d / 2));
            double g = Math.expm1(sigma * d);
            m0 += p;
            m1 += p * g;
            m2 += p * g * g;
        }
        m1 /= m0;
        m2 /= m0;
        return (m2 - m1 * m1) / ((1 + m1) * (1 + m1));
    }
}
