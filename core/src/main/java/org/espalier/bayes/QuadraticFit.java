package org.espalier.bayes;

import java.util.stream.IntStream;

/**
 * The posterior of a unit whose loss is quadratic in its multiplier, found exactly. The loss of all training examples
 * is taken as L(θ) = a·(θ − 1) + c/2·(θ − 1)² in units of the weight of the unit's divergence, so that the variational
 * bound is maximal where
 *
 * <p>J(μ, log σ) = a·E[θ − 1] + c/2·E[(θ − 1)²] + KL(q‖p)
 *
 * <p>is minimal. J has at most a few local minima: one with little noise near θ = 1, one with so much that the loss
 * hardly counts. Newton's method is run from one start in each place, safeguarded by steps that must bring J down,
 * and the best minimum counts. What is left of the gradient is a millionth of its terms. Where a steep slope presses the
 * posterior against θ = 1, μ and σ are all but exchangeable: J is at its minimum to 1e-7 nats, they need not be. A unit of no curvature and no slope ends at the prior.
 */
public final class QuadraticFit {
    /** Both parameters are kept in [−20, 5], as training keeps them. */
    private static final double LOWEST = -20;

    private static final double HIGHEST = 5;
    /** As near to a bound, a parameter is put there. */
    private static final double EDGE = 1e-3;

    private static final int MOST_STEPS = 100;

    /** A gradient below this, in nats, is none. */
    private static final double FLAT = 1e-9;

    /** Distance in μ and log σ over which the gradient's change is measured. */
    private static final double APART = 1e-5;

    /** A Newton step is not longer than this in either parameter. */
    private static final double LONGEST = 3;

    private static final int HALVINGS = 40;

    /** From this curvature on, noise that ends a unit costs hundreds of nats more than noise that lets it live. */
    private static final double MUCH = 1000;

    private final QuadraticKernel kernel;
    private final double slope;
    private final double curvature;
    /** μ and log σ of the point that was evaluated last. */
    private double mu;

    private double logSigma;

    private QuadraticFit(LogUniform prior, double slope, double curvature) {
        this.kernel = new QuadraticKernel(prior);
        this.slope = slope;
        this.curvature = curvature;
    }

    /**
     * The best posterior of each unit.
     *
     * @param slope a of each unit, in nats; finite
     * @param curvature c of each unit, in nats; finite, 0 or more
     * @return μ and log σ in [−20, 5]
     * @throws IllegalArgumentException if lengths differ or a number is out of range; the message names the unit
     */
    public static Posterior of(double[] slope, double[] curvature) {
        DomainChecks.sameLength("curvature", slope.length, curvature.length);
        for (int i = 0; i < slope.length; i++) {
            if (!Double.isFinite(slope[i]) || !(curvature[i] >= 0 && curvature[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("unit " + i
                        + ": slope must be finite and curvature finite and 0 or more, found " + slope[i] + " and "
                        + curvature[i]);
            }
        }
        double[] mu = new double[slope.length];
        double[] logSigma = new double[slope.length];
        IntStream.range(0, slope.length).parallel().forEach(i -> {
            QuadraticFit fit = new QuadraticFit(LogUniform.DEFAULT, slope[i], curvature[i]);
            fit.run();
            mu[i] = fit.mu;
            logSigma[i] = fit.logSigma;
        });
        return new Posterior(mu, logSigma);
    }

    /**
     * J of one unit.
     *
     * @param mu of its posterior
     * @param logSigma of its posterior
     * @param slope a
     * @param curvature c
     * @return nats, in units of the weight of the divergence
     */
    public static double cost(double mu, double logSigma, double slope, double curvature) {
        return evaluated(mu, logSigma, slope, curvature).value();
    }

    /**
     * The gradient of {@link #cost}.
     *
     * @param mu of its posterior
     * @param logSigma of its posterior
     * @param slope a
     * @param curvature c
     * @return by μ and log σ
     */
    public static Gradient gradient(double mu, double logSigma, double slope, double curvature) {
        QuadraticKernel k = evaluated(mu, logSigma, slope, curvature);
        return new Gradient(k.byMu(), k.byLogSigma());
    }

    private static QuadraticKernel evaluated(double mu, double logSigma, double slope, double curvature) {
        DomainChecks.finiteParameters(mu, logSigma);
        QuadraticKernel k = new QuadraticKernel(LogUniform.DEFAULT);
        k.set(mu, logSigma, slope, curvature);
        return k;
    }

    private void run() {
        double best = Double.POSITIVE_INFINITY;
        double bestMu = 0;
        double bestLogSigma = 0;
        double narrow = Math.max(-12, -Math.log1p(curvature + Math.abs(slope)) / 2);
        double[][] starts = {{0, narrow}, {-3, 1}, {-12, 2}};
        for (double[] start : curvature > MUCH ? new double[][] {starts[0]} : starts) {
            double reached = descend(start[0], start[1]);
            if (reached < best) {
                best = reached;
                bestMu = mu;
                bestLogSigma = logSigma;
            }
        }
        mu = bestMu;
        logSigma = bestLogSigma;
    }

    /** From a start to a local minimum, in {@link #mu} and {@link #logSigma}; returns J there. */
    private double descend(double fromMu, double fromLogSigma) {
        mu = fromMu;
        logSigma = fromLogSigma;
        double value = valueAt(mu, logSigma);
        for (int i = 0; i < MOST_STEPS; i++) {
            kernel.set(mu, logSigma, slope, curvature);
            double gMu = inside(mu, kernel.byMu());
            double gSigma = inside(logSigma, kernel.byLogSigma());
            double scale = 1 + Math.abs(value);
            double deviation = Math.min(1, Math.exp(logSigma));
            double size = Math.max(Math.abs(gMu) * deviation, Math.abs(gSigma));
            if (size < FLAT * scale) {
                break;
            }
            double[] step = newton(gMu, gSigma);
            double reached = search(value, step[0], step[1]);
            if (Double.isNaN(reached)) {
                reached = search(value, -gMu, -gSigma);
            }
            if (Double.isNaN(reached)) {
                break;
            }
            value = reached;
        }
        return value;
    }

    /** 0 where a gradient only pushes out of the box. */
    private static double inside(double at, double gradient) {
        boolean out = (at <= LOWEST && gradient > 0) || (at >= HIGHEST && gradient < 0);
        return out ? 0 : gradient;
    }

    /** −H⁻¹g, H made positive definite where it is not; along a bound for the other parameter alone. */
    private double[] newton(double gMu, double gSigma) {
        kernel.set(mu + APART, logSigma, slope, curvature);
        double muMu = kernel.byMu();
        double sigmaMu = kernel.byLogSigma();
        kernel.set(mu - APART, logSigma, slope, curvature);
        muMu = (muMu - kernel.byMu()) / (2 * APART);
        sigmaMu = (sigmaMu - kernel.byLogSigma()) / (2 * APART);
        kernel.set(mu, logSigma + APART, slope, curvature);
        double sigmaSigma = kernel.byLogSigma();
        kernel.set(mu, logSigma - APART, slope, curvature);
        sigmaSigma = (sigmaSigma - kernel.byLogSigma()) / (2 * APART);
        if (gMu == 0 || gSigma == 0) {
            double bend = Math.abs(gMu == 0 ? sigmaSigma : muMu);
            return new double[] {limited(-gMu / (bend + 1e-12)), limited(-gSigma / (bend + 1e-12))};
        }
        // The smaller eigenvalue decides by how much the diagonal must rise.
        double middle = (muMu + sigmaSigma) / 2;
        double spread = Math.hypot((muMu - sigmaSigma) / 2, sigmaMu);
        double lift = middle - spread > 1e-10 * spread ? 0 : spread - middle + 1e-3 * spread + 1e-12;
        double a = muMu + lift;
        double b = sigmaSigma + lift;
        double determinant = a * b - sigmaMu * sigmaMu;
        double stepMu = -(b * gMu - sigmaMu * gSigma) / determinant;
        double stepSigma = -(a * gSigma - sigmaMu * gMu) / determinant;
        double longest = Math.max(Math.abs(stepMu), Math.abs(stepSigma)) / LONGEST;
        return longest > 1 ? new double[] {stepMu / longest, stepSigma / longest} : new double[] {stepMu, stepSigma};
    }

    private static double limited(double step) {
        return Math.max(-LONGEST, Math.min(LONGEST, step));
    }

    /** Goes along a step, halved until J falls; NaN where it never does. */
    private double search(double value, double stepMu, double stepSigma) {
        double length = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double m = boxed(mu + length * stepMu);
            double s = boxed(logSigma + length * stepSigma);
            double reached = valueAt(m, s);
            if (reached < value) {
                mu = m;
                logSigma = s;
                return reached;
            }
            length /= 2;
        }
        return Double.NaN;
    }

    /** What is all but at a bound is put there: along the bound the other parameter moves freely. */
    private static double boxed(double v) {
        return v < LOWEST + EDGE ? LOWEST : v > HIGHEST - EDGE ? HIGHEST : v;
    }

    private double valueAt(double m, double s) {
        kernel.set(m, s, slope, curvature);
        return kernel.value();
    }
}
