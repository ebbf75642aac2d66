package org.espalier.bayes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** What must hold at every point of the box mu, log sigma in [-20, 5], at random points and at its corners. */
class TruncatedLogNormalPropertyTest {
    private static final double LEAST_THETA = Math.exp(-20);
    private static final double[] PROBABILITIES = {
        0, 1e-300, 1e-12, 1e-6, 1e-3, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12, 1
    };

    @Test
    void everything_boxPoints_finiteAndInRange() {
        SplittableRandom random = TestSeed.random();
        for (int i = 0; i < 20_000; i++) {
            TruncatedLogNormal q = i < 4 ? corner(i) : boxPoint(random);
            double p = random.nextDouble();
            Gradient kl = q.klGradient();
            Gradient draw = q.quantileGradient(p);
            assertThat(q.klDivergence()).as(at(q)).isNotNegative();
            assertThat(kl.logSigma()).as(at(q)).isNotPositive();
            assertThat(Double.isFinite(kl.mu())).as(at(q)).isTrue();
            assertThat(q.mean()).as(at(q)).isBetween(LEAST_THETA, 1.0);
            assertThat(q.snr()).as(at(q)).isPositive().isFinite();
            assertThat(q.variance()).as(at(q)).isPositive().isLessThanOrEqualTo(0.25);
            assertThat(q.quantile(p)).as(at(q)).isBetween(LEAST_THETA, 1.0);
            assertThat(draw.mu()).as(at(q)).isBetween(-1e-13, 1.0);
            assertThat(Double.isFinite(draw.logSigma())).as(at(q)).isTrue();
        }
    }

    @Test
    void quantile_risingProbability_neverFalls() {
        SplittableRandom random = TestSeed.random();
        for (int i = 0; i < 5_000; i++) {
            TruncatedLogNormal q = i < 4 ? corner(i) : boxPoint(random);
            double previous = LEAST_THETA;
            for (double p : PROBABILITIES) {
                double theta = q.quantile(p);
                assertThat(theta).as("%s p=%s", at(q), p).isBetween(previous, 1.0);
                previous = theta;
            }
            assertThat(q.quantile(0)).isEqualTo(LEAST_THETA);
            assertThat(q.quantile(1)).isEqualTo(1.0);
        }
    }

    @Test
    void regions_neighbouringFormulas_agreeAtTheirBorders() {
        // The borders: 6.5 sigma of support (log sigma = log(20/6.5)) and a mean 4 sigma beyond either bound.
        for (int i = 0; i < 60; i++) {
            double border = Math.log(20 / 6.5);
            double mu = -20 + i * 25 / 60.0;
            assertContinuous(mu, border - 1e-9, mu, border + 1e-9);
            double logSigma = -20 + i * 20 / 60.0;
            double beyond = 4 * Math.exp(logSigma);
            assertContinuous(beyond * (1 - 1e-9), logSigma, beyond * (1 + 1e-9), logSigma);
            assertContinuous(-20 - beyond * (1 - 1e-9), logSigma, -20 - beyond * (1 + 1e-9), logSigma);
        }
    }

    @Test
    void mirroredSupport_sameUnit_mirroredResults() {
        SplittableRandom random = TestSeed.random();
        LogUniform mirror = new LogUniform(0, 20);
        for (int i = 0; i < 2_000; i++) {
            TruncatedLogNormal q = boxPoint(random);
            TruncatedLogNormal other = TruncatedLogNormal.of(-q.mu(), q.logSigma(), mirror);
            double p = (1 + random.nextInt(1023)) / 1024.0;
            assertThat(other.klDivergence()).as(at(q)).isEqualTo(q.klDivergence());
            assertThat(other.klGradient().mu())
                    .as(at(q))
                    .isEqualTo(-q.klGradient().mu());
            assertThat(Math.log(other.quantile(1 - p)) + Math.log(q.quantile(p)))
                    .as(at(q))
                    .isBetween(-1e-13, 1e-13);
        }
    }

    @Test
    void klGradient_boxPoints_equalsFiniteDifferences() {
        SplittableRandom random = TestSeed.random();
        for (int i = 0; i < 5_000; i++) {
            TruncatedLogNormal q = boxPoint(random);
            double scale = muScale(q);
            double byMu = difference(x -> TruncatedLogNormal.of(x, q.logSigma()).klDivergence(), q.mu(), 1e-3 * scale);
            double bySigma = difference(x -> TruncatedLogNormal.of(q.mu(), x).klDivergence(), q.logSigma(), 1e-3);
            assertNear(q, q.klGradient().mu() * scale, byMu * scale, 1e-5);
            assertNear(q, q.klGradient().logSigma(), bySigma, 1e-5);
        }
    }

    @Test
    void quantileGradient_boxPoints_equalsFiniteDifferences() {
        SplittableRandom random = TestSeed.random();
        for (int i = 0; i < 5_000; i++) {
            TruncatedLogNormal q = boxPoint(random);
            double p = 0.01 + 0.98 * random.nextDouble();
            double theta = q.quantile(p);
            double step = 1e-3 * muScale(q);
            double byMu = difference(
                    x -> Math.log(TruncatedLogNormal.of(x, q.logSigma()).quantile(p)), q.mu(), step);
            double bySigma =
                    difference(x -> Math.log(TruncatedLogNormal.of(q.mu(), x).quantile(p)), q.logSigma(), 1e-3);
            Gradient gradient = q.quantileGradient(p);
            assertNear(q, gradient.mu() / theta, byMu, 1e-5 + 1e-14 / step);
            assertNear(q, gradient.logSigma() / theta, bySigma, 1e-4);
        }
    }

    /**
     * Bernstein's inequality for theta and theta^2 in [0, 1]: each of the 100 comparisons fails by chance with a
     * probability below 1e-9, so the test does with one below 1e-7.
     */
    @Test
    void samples_manyDraws_agreeWithMeanAndSnr() {
        int draws = 20_000;
        SplittableRandom random = TestSeed.random();
        for (int i = 0; i < 50; i++) {
            TruncatedLogNormal q = TruncatedLogNormal.of(random.nextDouble(-3, 5), random.nextDouble(-6, 2));
            double sum = 0;
            double squares = 0;
            for (int j = 0; j < draws; j++) {
                double theta = q.quantile(random.nextDouble());
                sum += theta;
                squares += theta * theta;
            }
            double deviation = q.mean() / q.snr();
            double second = deviation * deviation + q.mean() * q.mean();
            assertThat(sum / draws - q.mean())
                    .as(at(q))
                    .isBetween(-bernstein(deviation * deviation, draws), bernstein(deviation * deviation, draws));
            // Var(theta^2) <= E[(theta^2 - m^2)^2] <= 4 E[(theta - m)^2], since theta + m <= 2.
            double variance = Math.min(second, 4 * deviation * deviation);
            assertThat(squares / draws - second)
                    .as(at(q))
                    .isBetween(-bernstein(variance, draws), bernstein(variance, draws));
        }
    }

    /** The deviation e with 2 exp(-n e^2 / (2 (v + e/3))) = 1e-9. */
    private static double bernstein(double variance, int n) {
        double logarithm = Math.log(2e9);
        double third = logarithm / (3 * n);
        return third + Math.sqrt(third * third + 2 * logarithm * variance / n);
    }

    private static void assertContinuous(double mu1, double logSigma1, double mu2, double logSigma2) {
        TruncatedLogNormal one = TruncatedLogNormal.of(mu1, logSigma1);
        TruncatedLogNormal two = TruncatedLogNormal.of(mu2, logSigma2);
        assertNear(one, one.klDivergence(), two.klDivergence(), 1e-7);
        double scale = muScale(one);
        assertNear(one, one.klGradient().mu() * scale, two.klGradient().mu() * scale, 1e-7);
        assertNear(one, one.klGradient().logSigma(), two.klGradient().logSigma(), 1e-7);
        assertNear(one, one.quantile(0.3), two.quantile(0.3), 1e-7);
        assertNear(
                one, one.quantileGradient(0.3).mu(), two.quantileGradient(0.3).mu(), 1e-7);
        assertNear(
                one,
                one.quantileGradient(0.3).logSigma(),
                two.quantileGradient(0.3).logSigma(),
                1e-7);
    }

    private static void assertNear(TruncatedLogNormal q, double found, double expected, double tolerance) {
        assertThat(Math.abs(found - expected) <= tolerance * (1 + Math.abs(expected)))
                .withFailMessage("%s: expected %s, found %s", at(q), expected, found)
                .isTrue();
    }

    private static double difference(DoubleUnaryOperator f, double x, double step) {
        double high = x + step;
        double low = x - step;
        return (f.applyAsDouble(high) - f.applyAsDouble(low)) / (high - low);
    }

    /** The length over which the unit changes with mu: sigma, or the distance from the support if mu lies outside. */
    private static double muScale(TruncatedLogNormal q) {
        double outside = Math.max(q.mu(), -20 - q.mu());
        return Math.max(Math.exp(q.logSigma()), outside);
    }

    private static TruncatedLogNormal corner(int i) {
        return TruncatedLogNormal.of(i % 2 == 0 ? -20 : 5, i < 2 ? -20 : 5);
    }

    /** Half of the points anywhere in the box, half where units that are in use lie. */
    private static TruncatedLogNormal boxPoint(SplittableRandom random) {
        return random.nextBoolean()
                ? TruncatedLogNormal.of(random.nextDouble(-20, 5), random.nextDouble(-20, 5))
                : TruncatedLogNormal.of(random.nextDouble(-1, 1), random.nextDouble(-6, 2));
    }

    private static String at(TruncatedLogNormal q) {
        return q + ", " + TestSeed.replay();
    }
}
