package org.espalier.bayes;

import org.apache.commons.numbers.gamma.Erfc;
import org.apache.commons.numbers.gamma.InverseErfc;

/**
 * The divergence and the samples of one unit's posterior, with their gradients: the one implementation behind the
 * scalar and the array interface. Mutable and reused from unit to unit; not thread-safe.
 *
 * <p>Everything is done in t = (log theta - mu) / sigma on [alpha, beta], mirrored when necessary so that beta is the
 * bound closer to the mean. With T = (t^2, t) the exponential family gives dKL/dmu = -Cov(t^2, t) / (2 sigma) and
 * dKL/dlog sigma = -Var(t^2) / 2; what differs between the regions is how these covariances are had without
 * cancellation:
 *
 * <ul>
 *   <li>wide: the interval is short in units of sigma, the density nearly flat. Gauss-Legendre quadrature.
 *   <li>tail: the mean lies more than 4 sigma beyond beta, the density is nearly exponential. Ratios of
 *       {@link MillsRatio}; nothing is subtracted that is larger than the result.
 *   <li>middle: closed forms in phi and Phi.
 * </ul>
 */
final class UnitKernel {
    private static final double SQRT_2 = Math.sqrt(2);
    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double SQRT_2_PI = Math.sqrt(2 * Math.PI);
    /** Up to this length in sigma the quadrature is exact in double. */
    private static final double WIDE_BELOW = 6.5;
    /** exp(-40) is nothing beside 1. */
    private static final double NEGLIGIBLE_EXPONENT = 40;
    /** Beyond this many sigma the closed forms would lose more than three digits. */
    private static final double TAIL_BEYOND = 4;
    /** exp(-700) is the last normal power of e, roughly. */
    private static final double UNDERFLOW_EXPONENT = 700;

    private final LogUniform support;
    private final MillsRatio mills = new MillsRatio();

    private double mu;
    private double sigma;
    private boolean mirrored;
    private double alpha;
    private double beta;
    /** beta - alpha. */
    private double width;
    /** (alpha^2 - beta^2) / 2: by how much the log density at alpha is below that at beta. */
    private double farExponent;
    /** Phi(alpha), 1 - Phi(beta) and Phi(beta) - Phi(alpha); unset in the tail. */
    private double below;

    private double above;
    private double mass;
    /** The density at alpha as a share of that at beta, and what lies below alpha as a share of what lies below beta; set in the tail. */
    private double far;

    private double farMass;

    private double kl;
    private double klMu;
    private double klLogSigma;
    private double logTheta;
    private double logThetaMu;
    private double logThetaLogSigma;

    UnitKernel(LogUniform support) {
        this.support = support;
    }

    /** Sets the unit; {@code mu} and {@code logSigma} are finite. */
    void set(double mu, double logSigma) {
        this.mu = mu;
        sigma = Math.exp(logSigma);
        double low = (support.lower() - mu) / sigma;
        double high = (support.upper() - mu) / sigma;
        mirrored = low + high > 0;
        alpha = mirrored ? -high : low;
        beta = mirrored ? -low : high;
        width = support.width() / sigma;
        farExponent = width * (width / 2 - beta);
        if (inTail()) {
            mills.set(-beta);
            setFar(-beta);
        } else {
            setMass();
        }
    }

    private boolean inTail() {
        return beta < -TAIL_BEYOND;
    }

    private void setMass() {
        below = Erfc.value(-alpha * SQRT_HALF) / 2;
        if (beta < 0) {
            double lower = Erfc.value(-beta * SQRT_HALF) / 2;
            above = 1 - lower;
            mass = lower - below;
        } else {
            above = Erfc.value(beta * SQRT_HALF) / 2;
            mass = 1 - below - above;
        }
    }

    private void setFar(double lambda) {
        far = farExponent < UNDERFLOW_EXPONENT ? Math.exp(-farExponent) : 0;
        farMass = far == 0 ? 0 : far * (lambda + mills.mean()) / (lambda + width + MillsRatio.excess(lambda + width));
    }

    /** Computes the divergence from the prior and its gradient. */
    void divergence() {
        if (width <= WIDE_BELOW && farExponent <= NEGLIGIBLE_EXPONENT) {
            wideDivergence();
        } else if (inTail()) {
            tailDivergence();
        } else {
            middleDivergence();
        }
        kl = Math.max(kl, 0);
    }

    /** With t = centre + (width/2) y, y in [-1, 1], and t^2/2 = constant + v(y). */
    private void wideDivergence() {
        double square = width * width / 8;
        double slope = (alpha + beta) * width / 4;
        double m0 = 0;
        double m1 = 0;
        double m2 = 0;
        double m3 = 0;
        double m4 = 0;
        for (int i = 0; i < GaussLegendre.SIZE; i++) {
            double y = GaussLegendre.node(i);
            double y2 = y * y;
            double p = GaussLegendre.weight(i) * Math.exp(-square * y2 - slope * y);
            m0 += p;
            m1 += p * y;
            m2 += p * y2;
            m3 += p * y2 * y;
            m4 += p * y2 * y2;
        }
        m1 /= m0;
        m2 /= m0;
        m3 /= m0;
        m4 /= m0;
        double variance = m2 - m1 * m1;
        double mixed = m3 - m1 * m2;
        kl = -Math.log(m0 / 2) - square * m2 - slope * m1;
        setGradient(
                2 * (square * mixed + slope * variance) * width / 2,
                4 * (square * square * (m4 - m2 * m2) + slope * (2 * square * mixed + slope * variance)));
    }

    /** With t = beta - s, lambda = -beta and t^2 = beta^2 + 2 lambda s + s^2. */
    private void tailDivergence() {
        double lambda = -beta;
        double variance = mills.variance();
        double mixed = mills.covarianceWithSquare();
        kl = Math.log(width * (lambda + mills.mean())) - lambda * mills.mean() - mills.halfSquare();
        setGradient(
                -(2 * lambda * variance + mixed), 4 * lambda * (lambda * variance + mixed) + mills.varianceOfSquare());
    }

    private void middleDivergence() {
        double atAlpha = Math.exp(-alpha * alpha / 2) / (SQRT_2_PI * mass);
        double atBeta = Math.exp(-beta * beta / 2) / (SQRT_2_PI * mass);
        double first = atAlpha - atBeta;
        double second = alpha * atAlpha - beta * atBeta;
        double third = alpha * alpha * atAlpha - beta * beta * atBeta;
        double fourth = alpha * alpha * alpha * atAlpha - beta * beta * beta * atBeta;
        kl = Math.log(width / (SQRT_2_PI * mass)) - (1 + second) / 2;
        setGradient(first * (1 - second) + third, 2 + second - second * second + fourth);
    }

    /** From Cov(t^2, t) and Var(t^2) of the mirrored unit. */
    private void setGradient(double covariance, double varianceOfSquare) {
        klMu = (mirrored ? covariance : -covariance) / (2 * sigma);
        klLogSigma = -varianceOfSquare / 2;
    }

    /** Computes log theta at lower tail probability {@code u} in [0, 1], and its gradient at fixed u. */
    void draw(double u) {
        if (u == 0 || u == 1) {
            logTheta = u == 0 ? support.lower() : support.upper();
            logThetaMu = 0;
            logThetaLogSigma = 0;
        } else {
            drawAt(u, quantile(u));
        }
    }

    /**
     * The first half of {@link #draw} for {@code u} inside (0, 1): where the sample lies, for {@link #drawAt}. A processor
     * mispredicts the branches in here, and loses what it had begun: several samples are had sooner half by half.
     */
    double quantile(double u) {
        double p = mirrored ? 1 - u : u;
        double q = mirrored ? u : 1 - u;
        return inTail() ? tailQuantile(p, q) : middleQuantile(p, q);
    }

    /** The second half, given the first's result. */
    void drawAt(double u, double quantile) {
        double p = mirrored ? 1 - u : u;
        double q = mirrored ? u : 1 - u;
        if (inTail()) {
            tailDraw(quantile, q);
        } else {
            middleDraw(quantile, p, q);
        }
        logTheta = Math.min(Math.max(logTheta, support.lower()), support.upper());
    }

    /** t, by inverting Phi on the side where the probability is small; p and q are the shares below and above the sample. */
    private double middleQuantile(double p, double q) {
        double lower = below + p * mass;
        double upper = above + q * mass;
        double t = lower < upper ? -SQRT_2 * InverseErfc.value(2 * lower) : SQRT_2 * InverseErfc.value(2 * upper);
        return Math.min(Math.max(t, alpha), beta);
    }

    private void middleDraw(double t, double p, double q) {
        double atAlpha = q * densityRatio(alpha, t);
        double atBeta = p * densityRatio(beta, t);
        logTheta = mu + sigma * (mirrored ? -t : t);
        logThetaMu = 1 - atAlpha - atBeta;
        double slope = sigma * (t - alpha * atAlpha - beta * atBeta);
        logThetaLogSigma = mirrored ? -slope : slope;
    }

    /** phi(bound) / phi(t), or 0 where it is nothing beside 1: far from a bound there is no power to compute. */
    private static double densityRatio(double bound, double t) {
        double exponent = (t - bound) * (t + bound) / 2;
        return exponent < -NEGLIGIBLE_EXPONENT ? 0 : Math.exp(exponent);
    }

    /** s = beta - t, the distance from the bound, which is all that varies in the tail. */
    private double tailQuantile(double p, double q) {
        double beyond = q < 0.5 ? -Math.log1p(-q * (1 - farMass)) : -Math.log(p + q * farMass);
        return Math.min(tailDistance(-beta, beyond), width);
    }

    private void tailDraw(double s, double q) {
        double lambda = -beta;
        double excess = MillsRatio.excess(lambda + s);
        double growth = far == 0 ? 0 : q * Math.exp(s * (lambda + s / 2));
        double atAlpha = growth * far;
        logTheta = mirrored ? support.lower() + sigma * s : support.upper() - sigma * s;
        logThetaMu = (s + excess - mills.mean()) / (lambda + s + excess) - growth * (far - farMass);
        double slope = -sigma * (lambda * logThetaMu + s - width * atAlpha);
        logThetaLogSigma = mirrored ? -slope : slope;
    }

    /**
     * Solves -log(Q(lambda + s) / Q(lambda)) = e for s, with Q the upper tail probability, by Halley's method. The start
     * takes the hazard Q'/Q as linear in s, which is nearly true beyond lambda = 4, so that two steps suffice.
     */
    private double tailDistance(double lambda, double e) {
        double hazard = lambda + mills.mean();
        double bend = hazard * mills.mean();
        double s = 2 * e / (hazard + Math.sqrt(hazard * hazard + 2 * bend * e));
        double step = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 6 && Math.abs(step) > 1e-5 * s; i++) {
            double excess = MillsRatio.excess(lambda + s);
            double slope = lambda + s + excess;
            double value = s * (lambda + s / 2) + Math.log1p((s + excess - mills.mean()) / hazard) - e;
            step = value / (slope - value * excess / 2);
            s -= step;
        }
        return s;
    }

    double kl() {
        return kl;
    }

    double klMu() {
        return klMu;
    }

    double klLogSigma() {
        return klLogSigma;
    }

    double logTheta() {
        return logTheta;
    }

    double logThetaMu() {
        return logThetaMu;
    }

    double logThetaLogSigma() {
        return logThetaLogSigma;
    }
}
